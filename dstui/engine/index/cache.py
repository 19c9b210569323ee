"""Keeps indexes on disk: an image's id stands for its content, so an index never grows old.

A file is a line that names the format, then one zlib stream, whose own checksum tells damage: a
length, a JSON object, and the columns as they lie in memory. What cannot be read is read anew
from the image.
"""

import contextlib
import hashlib
import json
import os
import sys
import zlib
from array import array
from pathlib import Path
from typing import Any

from dstui.domain.foreign_json import read_json
from dstui.domain.layers.directories import Directories
from dstui.domain.layers.entries import Entries
from dstui.domain.layers.index import ImageIndex, Source
from dstui.ownfiles import read_file, replace

MOST_BYTES = 512_000_000
"""Of all files together; those that were not used for the longest time go first."""

_FORMAT = f"dstui index 1 {sys.byteorder}\n".encode()
_COLUMNS = ("parents", "sizes", "modes", "uids", "gids", "mtimes", "contents")
_ENDING = ".index"
_LENGTH_BYTES = 8
_LARGEST = 256 << 20
"""Of one index, unpacked: some two million files. A larger one is not kept."""
_FAST = 1


_UNREADABLE = (
    *(ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError),
    zlib.error,
)
"""What a file raises that is no index."""


def default_folder() -> Path:
    """`indexes` in the cache directory (`$XDG_CACHE_HOME/dstui`)."""
    from platformdirs import user_cache_path

    return user_cache_path("dstui") / "indexes"


class IndexCache:
    """A folder of indexes. What goes wrong with it is never an error: it is a cache."""

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder or default_folder()
        self._most_bytes = most_bytes

    def has(self, image_id: str) -> bool:
        """Whether an image's index is there."""
        return self._file(image_id).is_file()

    def read(self, image_id: str) -> ImageIndex | None:
        """An image's index; `None` when there is none that can be read."""
        file = self._file(image_id)
        try:
            index = _unpacked(read_file(file, _LARGEST))
            if index.image_id != image_id:
                return None
            os.utime(file)
        except OSError:
            return None
        except _UNREADABLE:
            with contextlib.suppress(OSError):
                file.unlink()
            return None
        return index

    def write(self, index: ImageIndex) -> None:
        """Keep an index, whole or not at all; make room for it."""
        packed = _packed(index)
        if packed is None:
            return
        with contextlib.suppress(OSError):
            replace(self._file(index.image_id), packed)
            self._make_room()

    def _file(self, image_id: str) -> Path:
        return self._folder / (hashlib.sha256(image_id.encode()).hexdigest() + _ENDING)

    def _make_room(self) -> None:
        files = [(file.stat(), file) for file in self._folder.glob(f"*{_ENDING}")]
        used = sum(stat.st_size for stat, _ in files)
        for stat, file in sorted(files, key=lambda found: found[0].st_mtime):
            if used <= self._most_bytes:
                break
            file.unlink(missing_ok=True)
            used -= stat.st_size


def _packed(index: ImageIndex) -> bytes | None:
    """`None` for one that is too large to be kept."""
    entries = index.entries
    blobs = [getattr(entries, column).tobytes() for column in _COLUMNS]
    blobs += [bytes(entries.types), _joined(entries.names), _joined(index.directories.paths)]
    head = {
        "image_id": index.image_id,
        "source": index.source.value,
        "checksum": index.checksum,
        "diff_ids": index.diff_ids,
        "instructions": index.instructions,
        "starts": index.starts,
        "skipped": dict(index.skipped),
        "links": list(entries.links.items()),
        "capabilities": sorted(entries.capabilities),
        "blobs": [len(blob) for blob in blobs],
    }
    text = json.dumps(head).encode()
    length = len(text).to_bytes(_LENGTH_BYTES, "big")
    content = b"".join([length, text, *blobs])
    return None if len(content) > _LARGEST else _FORMAT + zlib.compress(content, _FAST)


def _joined(texts: list[str]) -> bytes:
    return "\0".join(texts).encode("utf-8", "surrogateescape")


def _unpacked(packed: bytes) -> ImageIndex:
    """Raises `ValueError` and the like for what is no index."""
    if not packed.startswith(_FORMAT):
        raise ValueError("another format")
    unzip = zlib.decompressobj()
    data = memoryview(unzip.decompress(memoryview(packed)[len(_FORMAT) :], _LARGEST))
    if not unzip.eof:
        raise ValueError("cut off, or too large")
    start = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "big")
    head: dict[str, Any] = read_json(bytes(data[_LENGTH_BYTES:start]))
    blobs = []
    for length in head["blobs"]:
        blobs.append(data[start : start + length])
        start += length
    *columns, types, names, paths = blobs
    directories = Directories()
    for path in _split(paths):
        directories.number(path)
    entries = Entries(directories)
    for column, blob in zip(_COLUMNS, columns, strict=True):
        values: array[int] = getattr(entries, column)
        values.frombytes(blob)
    entries.types = bytearray(types)
    shared: dict[str, str] = {}
    entries.names = [shared.setdefault(name, name) for name in _split(names)] if types else []
    entries.links = {int(entry): str(target) for entry, target in head["links"]}
    entries.capabilities = set(head["capabilities"])
    starts = tuple(head["starts"])
    lengths = {len(entries.names), len(entries.types), starts[-1]}
    lengths |= {len(getattr(entries, column)) for column in _COLUMNS}
    if len(lengths) != 1 or len(starts) != len(head["diff_ids"]) + 1:
        raise ValueError("columns of different lengths")
    return ImageIndex(
        image_id=head["image_id"],
        source=Source(head["source"]),
        checksum=head["checksum"],
        diff_ids=tuple(head["diff_ids"]),
        instructions=tuple(head["instructions"]),
        entries=entries,
        starts=starts,
        skipped=head["skipped"],
    )


def _split(blob: memoryview) -> list[str]:
    return bytes(blob).decode("utf-8", "surrogateescape").split("\0")
