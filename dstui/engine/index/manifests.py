"""Which of an archive's layers make the image, in which order, and what made each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dstui.domain.foreign_json import read_json
from dstui.domain.layers.entries import Entries
from dstui.domain.layers.reading import UnreadableImageError
from dstui.domain.text import clean
from dstui.engine.convert.read import Json, mapping, rows, text, texts
from dstui.engine.index.archive import Archive

_DEEPEST_INDEX = 4
_MOST_LAYERS = 10_000


@dataclass(frozen=True, slots=True)
class Contents:
    """An image's layers, oldest first, each with its diff id and the step that made it."""

    layers: tuple[tuple[str, Entries], ...]
    instructions: tuple[str | None, ...]


def contents(archive: Archive, diff_ids: Sequence[str]) -> Contents:
    """The layers of the image with these diff ids (of any image, when none are known).

    Raises `UnreadableImageError`.
    """
    found = False
    for config, parts in _images(archive):
        found = True
        ours = texts(mapping(config.get("rootfs")).get("diff_ids"))
        if diff_ids and ours != tuple(diff_ids):
            continue
        if len(ours) != len(parts):
            raise UnreadableImageError("the archive's manifest and config disagree on its layers")
        layers = tuple(
            (diff_id, _layer(archive, part, place + 1))
            for place, (diff_id, part) in enumerate(zip(ours, parts, strict=True))
        )
        return Contents(layers, _instructions(config, len(layers)))
    raise UnreadableImageError(
        "the archive is of another image" if found else "the archive has no readable manifest"
    )


def _layer(archive: Archive, part: str, number: int) -> Entries:
    for _ in range(_DEEPEST_INDEX):
        if part not in archive.links:
            break
        part = archive.links[part]
    if part in archive.layers:
        return archive.layers[part]
    if part in archive.damaged:
        raise UnreadableImageError(f"layer {number}: {archive.damaged[part]}")
    raise UnreadableImageError(
        f"the archive lacks layer {number} ({clean(part)}): the engine has no copy of it, "
        "pulling the image again brings one"
    )


def _images(archive: Archive) -> Iterator[tuple[Json, tuple[str, ...]]]:
    """The config and the names of the layers of each image in the archive."""
    for item in rows(_document(archive, "manifest.json")):
        manifest = mapping(item)
        config = _document(archive, text(manifest.get("Config")))
        yield mapping(config), texts(manifest.get("Layers"))
    index = _document(archive, "index.json")
    for manifest in _manifests(archive, index, _DEEPEST_INDEX):
        parts = tuple(_blob(layer) for layer in rows(manifest.get("layers"))[:_MOST_LAYERS])
        yield mapping(_document(archive, _blob(manifest.get("config")))), parts


def _manifests(archive: Archive, index: Any, depth: int) -> Iterator[Json]:
    for descriptor in rows(mapping(index).get("manifests")):
        found = mapping(_document(archive, _blob(descriptor)))
        if "manifests" in found and depth:
            yield from _manifests(archive, found, depth - 1)
        elif "layers" in found:
            yield found


def _blob(descriptor: Any) -> str:
    return "blobs/" + text(mapping(descriptor).get("digest")).replace(":", "/", 1)


def _document(archive: Archive, path: str) -> Any:
    """A document's JSON; an empty object when it is not there."""
    try:
        return read_json(archive.documents.get(path, b"{}"))
    except ValueError as error:
        raise UnreadableImageError(f"{clean(path)} in the archive is no valid JSON") from error


def _instructions(config: Json, layers: int) -> tuple[str | None, ...]:
    """What made each layer, where the config's history tells of as many."""
    made = [
        text(mapping(step).get("created_by"))
        for step in rows(config.get("history"))
        if not mapping(step).get("empty_layer")
    ]
    return tuple(made) if len(made) == layers else (None,) * layers
