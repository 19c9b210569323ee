"""The layer database read from this machine's disk: for root, and a rootless engine's owner."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from dstui.domain.layers.reading import UnreadableImageError
from dstui.domain.text import clean
from dstui.engine.client import Engine
from dstui.engine.index import layerdb
from dstui.engine.index.layerdb import RECORD, Read


class LocalDatabase:
    """Opens records in the data root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def open(self, chain_id: str) -> Iterator[Read]:
        """The gzipped record of a layer. Raises `UnreadableImageError`."""
        path = self._folder / chain_id / RECORD
        try:
            with path.open("rb", buffering=0) as record:
                yield lambda size: record.read(size) or b""
        except OSError as error:
            words = f"cannot read {clean(str(path))}: {error.strerror}"
            raise UnreadableImageError(words) from error


def find(engine: Engine, diff_ids: Sequence[str]) -> LocalDatabase | None:
    """The database of an engine on this machine, where all of these layers can be read."""
    folder = layerdb.folder(engine.info)
    if folder is None or not engine.endpoint.local or not diff_ids:
        return None
    path = Path(folder)
    readable = all(
        os.access(path / chain_id / RECORD, os.R_OK) for chain_id in layerdb.chain_ids(diff_ids)
    )
    return LocalDatabase(path) if readable else None
