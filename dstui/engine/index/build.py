"""Indexes an image from the best source that can be had."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from dstui.domain.engine import EngineError
from dstui.domain.image import Image
from dstui.domain.layers.history import layer_instructions
from dstui.domain.layers.index import ImageIndex, Source, assemble
from dstui.domain.layers.reading import (
    IndexCancelledError,
    IndexCost,
    Progress,
    UnreadableImageError,
)
from dstui.domain.layers.recording import ImageTooLargeError
from dstui.engine.client import Engine, resource
from dstui.engine.index import archive, borrowed, layertar, local, manifests, tarsplit
from dstui.engine.index.bytestream import ByteStream
from dstui.engine.index.download import Download
from dstui.engine.index.layerdb import LayerDatabase, read_layers
from dstui.engine.index.tarheader import BadTarError

_RECORD_BYTES_PER_S = 5e9
"""Of the image's size: the records are small beside it."""
_PACKED_BYTES_PER_S = 150e6
"""What an engine packs: it puts each layer together again, and sums it up."""
_STOPS_WHEN_LEFT = 27
"""The first version of Docker that stops packing when nobody reads any more."""
_PACKS_FIRST = frozenset({"overlay2", "fuse-overlayfs", "vfs", "btrfs", "zfs", "aufs"})
"""Docker's own storage drivers: the engine packs all into a file before it sends a byte."""


def cost(engine: Engine, image: Image) -> IndexCost:
    """What it takes to index the image."""
    if local.find(engine, image.layers):
        return IndexCost(False, Source.TAR_SPLIT, 0.3 + image.size_bytes / _RECORD_BYTES_PER_S)
    packs = engine.info.product == "Docker" and engine.info.storage_driver in _PACKS_FIRST
    return IndexCost(
        cached=False,
        source=Source.ARCHIVE,
        seconds=image.size_bytes / _PACKED_BYTES_PER_S,
        temp_bytes=image.size_bytes if packs else 0,
        runs_on_after_cancel=packs and _major(engine.info.version) < _STOPS_WHEN_LEFT,
        socket_command=borrowed.command(engine, image.id) if borrowed.possible(engine) else "",
    )


def build(
    engine: Engine,
    image: Image,
    progress: Progress,
    cancel: threading.Event,
    allow_socket_container: bool = False,
    only: Source | None = None,
) -> ImageIndex:
    """Read the index of an inspected image; a source that fails gives way to the next one, unless
    it is the `only` one.

    Raises `UnreadableImageError`, another `EngineError`, or `IndexCancelledError`.
    """

    def heed(done: float | None, words: str) -> None:
        if cancel.is_set():
            raise IndexCancelledError
        progress(done, words)

    reading = _Reading(engine, image, heed, cancel)
    try:
        if only is not None:
            return reading.of(only)
        return (
            reading.of_disk()
            or (reading.of_container() if allow_socket_container else None)
            or reading.of_archive()
        )
    except ImageTooLargeError as error:
        raise UnreadableImageError(f"dstui does not index this image: {error}") from error


@dataclass(frozen=True, slots=True)
class _Reading:
    engine: Engine
    image: Image
    progress: Progress
    cancel: threading.Event

    def of(self, source: Source) -> ImageIndex:
        """From this source alone."""
        read = {
            Source.TAR_SPLIT: self.of_disk,
            Source.TAR_SPLIT_SOCKET: self.of_container,
            Source.ARCHIVE: self.of_archive,
        }
        index = read[source]()
        if index is None:
            raise UnreadableImageError(f"the image's layers cannot be read from {source.value}")
        return index

    def of_disk(self) -> ImageIndex | None:
        """From the records in the data root, where these can be read."""
        database = local.find(self.engine, self.image.layers)
        if database is None:
            return None
        with suppress(UnreadableImageError):
            return self._of_records(database, Source.TAR_SPLIT)
        return None

    def of_container(self) -> ImageIndex | None:
        """From the same records, through a container."""
        if not self.image.layers or not borrowed.possible(self.engine):
            return None
        self.progress(None, "asking the engine for its records of the layers")
        with suppress(EngineError), borrowed.borrow(self.engine, self.image.id, self.cancel) as db:
            return self._of_records(db, Source.TAR_SPLIT_SOCKET)
        return None

    def _of_records(self, database: LayerDatabase, source: Source) -> ImageIndex:
        layers, skipped = read_layers(database, self.image.layers, self.progress)
        instructions = self._instructions([sum(entries.sizes) for _, entries in layers])
        return assemble(self.image.id, source, tarsplit.CHECKSUM, layers, instructions, skipped)

    def _instructions(self, layer_bytes: Sequence[int]) -> tuple[str | None, ...]:
        try:
            return layer_instructions(self.engine.history(self.image.id), layer_bytes)
        except EngineError:
            return (None,) * len(layer_bytes)

    def of_archive(self) -> ImageIndex:
        """From the image's archive, as the engine packs it."""
        self.progress(None, "waiting for the engine to pack the image")
        path = resource("/images/{}/get", self.image.id)
        download = Download(self.engine, path, {}, self.cancel)
        try:
            found = archive.read(ByteStream(self._told(download.read)))
        except BadTarError as error:
            raise UnreadableImageError(f"cannot read the image's archive: {error}") from error
        finally:
            download.close()
        made = manifests.contents(found, self.image.layers)
        instructions = made.instructions
        if None in instructions:
            instructions = self._instructions([sum(layer.sizes) for _, layer in made.layers])
        return assemble(
            self.image.id,
            Source.ARCHIVE,
            layertar.CHECKSUM,
            made.layers,
            instructions,
            found.skipped,
        )

    def _told(self, read: Callable[[], bytes]) -> Callable[[], bytes]:
        """Tells the progress of what is read, by the size of the image."""
        done = 0
        whole = max(1, self.image.size_bytes)

        def told() -> bytes:
            nonlocal done
            piece = read()
            done += len(piece)
            self.progress(min(1.0, done / whole), "reading the image's archive")
            return piece

        return told


def _major(version: str) -> int:
    digits = version.partition(".")[0]
    return int(digits) if digits.isdigit() else 0
