"""The engine's list of images, the one source of their sizes.

On the containerd store an inspect tells another size, that of the compressed content of one
platform. So an image that was inspected takes its size from its row of the list.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dstui.domain.engine import EngineInfo
from dstui.domain.image import Image, ImageStore
from dstui.engine.convert.image import listed_image
from dstui.engine.convert.read import each
from dstui.engine.rest import Rest

_FIRST_WITH_MANIFESTS = (1, 47)


def read_list(rest: Rest, info: EngineInfo, query: Mapping[str, Any] | None = None) -> Any:
    """The answer of the list, with the manifests of each image where the engine knows them."""
    wanted = {"manifests": 1} if _tells_manifests(info) else {}
    return rest.get("/images/json", {**wanted, **(query or {})})


def with_listed_size(rest: Rest, info: EngineInfo, image: Image) -> Image:
    """An inspected image with the size that the list tells. Raises `EngineError`."""
    if info.image_store is not ImageStore.CONTAINERD:
        return image
    for query in _narrow_first(image):
        for listed in each(read_list(rest, info, query), listed_image):
            if listed.id == image.id:
                return replace(image, size_bytes=listed.size_bytes, manifests=listed.manifests)
    return image  # no name of the store leads to it: what was inspected is all that is left of it


def _narrow_first(image: Image) -> Iterator[Mapping[str, Any]]:
    """Only the rows of its name, as each row costs a walk; all where the filter misses it, as it
    does where a name has what is a pattern to it (`[::1]:5000/image`).
    """
    name = {"reference": [image.references[0]]} if image.references else {"dangling": ["true"]}
    yield {"filters": json.dumps(name)}
    yield {}


def _tells_manifests(info: EngineInfo) -> bool:
    major, _, minor = info.api_version.partition(".")
    return (
        info.image_store is ImageStore.CONTAINERD
        and (int(major), int(minor)) >= _FIRST_WITH_MANIFESTS
    )
