"""The engine's layer database, which has the `tar-split` record of each layer of its own store.

Its directory lies in the data root, at `image/DRIVER/layerdb/sha256/CHAIN_ID`. Docker has one
with its own storage drivers; the containerd image store and Podman have none.
"""

import contextlib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Protocol

from dstui.domain.engine import EngineInfo
from dstui.domain.layers.entries import Entries
from dstui.domain.layers.reading import Progress, UnreadableImageError
from dstui.domain.layers.recording import LayerRecorder, Recording
from dstui.engine.index import tarsplit

RECORD = "tar-split.json.gz"

_CONTAINERD_SNAPSHOTTERS = frozenset({"overlayfs", "native", "stargz", "nydus", "soci"})

Read = Callable[[int], bytes]


class LayerDatabase(Protocol):
    """Where the records are opened."""

    def open(self, chain_id: str) -> contextlib.AbstractContextManager[Read]:
        """The gzipped record of a layer. Raises `UnreadableImageError`."""


def folder(info: EngineInfo) -> PurePosixPath | None:
    """Where the engine has its layer database; `None` when it can have none."""
    driver, root = info.storage_driver, info.data_root
    if info.product != "Docker" or not root.startswith("/"):
        return None
    if not driver or "/" in driver or driver in _CONTAINERD_SNAPSHOTTERS:
        return None
    return PurePosixPath(root) / "image" / driver / "layerdb" / "sha256"


def chain_ids(diff_ids: Sequence[str]) -> Iterator[str]:
    """The hex by which the database knows each layer: it depends on all those below."""
    chain = ""
    for diff_id in diff_ids:
        text = f"{chain} {diff_id}".encode()
        chain = f"sha256:{hashlib.sha256(text).hexdigest()}" if chain else diff_id
        yield chain.removeprefix("sha256:")


def read_layers(
    database: LayerDatabase, diff_ids: Sequence[str], progress: Progress
) -> tuple[list[tuple[str, Entries]], Counter[str]]:
    """The entries of each layer, and what was left out. Raises `UnreadableImageError`
    and `ImageTooLargeError`.
    """
    recording = Recording()
    layers = []
    for number, (diff_id, chain_id) in enumerate(zip(diff_ids, chain_ids(diff_ids), strict=True)):
        progress(number / len(diff_ids), f"reading layer {number + 1} of {len(diff_ids)}")
        layer = LayerRecorder(recording)
        try:
            with database.open(chain_id) as read:
                tarsplit.record(read, layer)
        except tarsplit.BadTarSplitError as error:
            raise UnreadableImageError(f"layer {number + 1}: {error}") from error
        layers.append((diff_id, layer.entries))
    return layers, recording.skipped
