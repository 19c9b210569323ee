"""Which images on the engine can serve a debug shell."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dstui.domain.debug_image import DebugImage, best_first, shell_evidence
from dstui.domain.engine import EngineError
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.engine.convert.image import inspected_image
from dstui.engine.convert.read import UnreadableError, mapping, text

if TYPE_CHECKING:
    from dstui.engine.client import Engine


def debug_images(engine: "Engine") -> tuple[DebugImage, ...]:
    """All that have a name and are made for the engine's own machine, best first.

    Asks the engine twice for each image.
    """
    machine = text(mapping(engine.rest.get("/version")).get("Arch"))
    return best_first(
        found for image in engine.images() for found in _offered(engine, image, machine)
    )


def _offered(engine: "Engine", image: Image, machine: str) -> Iterator[DebugImage]:
    """Nothing for an image that cannot run here, or that goes while it is looked at."""
    if not image.references:
        return
    reference = image.references[0]
    try:
        seen = inspected_image(engine.inspect(Kind.IMAGE, image.id))
        steps = [entry.created_by for entry in engine.history(image.id)]
    except (EngineError, UnreadableError):
        return
    if machine and seen.architecture and seen.architecture.partition("/")[0] != machine:
        return
    program = (*(seen.entrypoint or ()), *(seen.command or ()))
    yield DebugImage(reference, image.size_bytes, shell_evidence(reference, program, steps))
