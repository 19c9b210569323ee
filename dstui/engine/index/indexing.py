"""Gives an image's index: from the cache, else from the engine, and then into the cache."""

import threading
from dataclasses import replace

from dstui.domain.image import Image
from dstui.domain.layers.index import ImageIndex, Source
from dstui.domain.layers.reading import IndexCancelledError, IndexCost, Progress
from dstui.engine.client import Engine
from dstui.engine.index import build
from dstui.engine.index.cache import IndexCache


def index_image(
    engine: Engine,
    image_id: str,
    progress: Progress,
    cancel: threading.Event,
    allow_socket_container: bool = False,
    cache: IndexCache | None = None,
    only: Source | None = None,
) -> ImageIndex:
    """The index of an image, found by id or reference; from this source `only`, if it is to be.

    Raises `EngineError` (`UnreadableImageError` for damage), or `IndexCancelledError`.
    """
    cache = cache or IndexCache()
    image = engine.image(image_id)
    progress(0.0, "looking for an index of before")
    known = cache.read(image.id)
    if known is not None and _fits(known, image):
        return known
    if cancel.is_set():
        raise IndexCancelledError
    index = build.build(engine, image, progress, cancel, allow_socket_container, only)
    cache.write(index)
    return index


def index_cost(engine: Engine, image_id: str, cache: IndexCache | None = None) -> IndexCost:
    """What it takes to index an image."""
    cache = cache or IndexCache()
    image = engine.image(image_id)
    found = build.cost(engine, image)
    return replace(found, cached=cache.has(image.id))


def _fits(index: ImageIndex, image: Image) -> bool:
    return not image.layers or index.diff_ids == image.layers
