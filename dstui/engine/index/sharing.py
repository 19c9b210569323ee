"""Which other images of an engine have an image's layers."""

from contextlib import suppress

from dstui.domain.engine import EngineError
from dstui.domain.layers.sharing import shared_with
from dstui.engine.client import Engine

_SHORT_ID = 12


def sharing(engine: Engine, image_id: str) -> tuple[tuple[str, ...], ...]:
    """For each layer, oldest first, the names of the other images that have it too."""
    image = engine.image(image_id)
    others = {}
    for other in engine.images():
        if other.id == image.id:
            continue
        name = next(iter(other.references), other.id.removeprefix("sha256:")[:_SHORT_ID])
        with suppress(EngineError):  # removed meanwhile
            others[name] = engine.image(other.id).layers
    return shared_with(image.layers, others)
