"""Asks what the images were built on, hidden ones included."""

from collections.abc import Iterable
from typing import Any

from dstui.domain.container import Container
from dstui.domain.lineage import Lineage
from dstui.engine.client import Engine
from dstui.engine.convert.image import image_id
from dstui.engine.convert.read import mapping, rows, text, texts
from dstui.engine.image_list import read_list


def lineage(engine: Engine) -> Lineage:
    """As it is now. Raises `EngineError`."""
    return lineage_of(read_list(engine.rest, engine.info, {"all": 1}), engine.containers())


def lineage_of(listed: Any, containers: Iterable[Container]) -> Lineage:
    """That of the engine's list of all images."""
    images = [mapping(row) for row in rows(listed)]
    return Lineage(
        parents={
            image_id(text(row.get("Id"))): image_id(parent)
            for row in images
            if (parent := text(row.get("ParentId")))
        },
        named=frozenset(image_id(text(row.get("Id"))) for row in images if _named(row)),
        used=frozenset(container.image_id for container in containers),
    )


def _named(row: Any) -> bool:
    return any(name != "<none>:<none>" for name in texts(row.get("RepoTags")))
