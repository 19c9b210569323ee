"""`system/df`: the records of the build cache, and the two shapes that the answer has."""

from typing import Any

from dstui.domain.staleness.facts import BuildRecord
from dstui.engine.convert.read import (
    Json,
    each,
    flag,
    identifier,
    mapping,
    text,
    texts,
    time,
    whole,
)

_SECTIONS = {
    "ImageUsage": "Images",
    "ContainerUsage": "Containers",
    "VolumeUsage": "Volumes",
    "BuildCacheUsage": "BuildCache",
}


def df_answer(answer: Any) -> Json:
    """The answer in the shape that it had before API 1.52."""
    found = dict(mapping(answer))
    for section, name in _SECTIONS.items():
        usage = mapping(found.get(section))
        if usage and name not in found:
            found[name] = usage.get("Items")
        if usage and name == "Images":
            found.setdefault("LayersSize", usage.get("TotalSize"))
    return found


def build_records(answer: Any) -> tuple[BuildRecord, ...]:
    """The records of the build cache; a size below zero is not known."""
    return each(mapping(answer).get("BuildCache"), _record)


def _record(row: Json) -> BuildRecord:
    size = whole(row.get("Size"))
    return BuildRecord(
        id=identifier(row.get("ID")),
        type=text(row.get("Type")),
        description=text(row.get("Description")),
        size_bytes=size if size is not None and size >= 0 else None,
        in_use=flag(row.get("InUse")) or False,
        shared=flag(row.get("Shared")) or False,
        created=time(row.get("CreatedAt")),
        last_used=time(row.get("LastUsedAt")),
        parents=_parents(row),
    )


def _parents(row: Json) -> tuple[str, ...]:
    """Docker (seen in 26.1 and 28.5) writes the name with a space before it, and before API 1.42
    there is a single one.
    """
    several = texts(row.get("Parents")) or texts(row.get(" Parents"))
    return tuple(parent for parent in (*several, text(row.get("Parent"))) if parent)
