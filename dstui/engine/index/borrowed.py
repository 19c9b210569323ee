"""The layer database read through the engine itself, for those who may not read its disk.

A container that is never started has the database bound into it read-only; the engine then hands
out single files of it. Who may talk to the engine may read its whole disk this way, so it is done
with permission only.
"""

import contextlib
import shlex
import threading
from collections.abc import Iterator

from dstui.domain.engine import EngineError
from dstui.domain.layers.reading import UnreadableImageError
from dstui.engine.client import Engine, resource
from dstui.engine.index import layerdb
from dstui.engine.index.bytestream import ByteStream
from dstui.engine.index.download import Download
from dstui.engine.index.layerdb import RECORD, Read
from dstui.engine.index.tarheader import (
    BLOCK,
    EXTENSIONS,
    BadTarError,
    content_size,
    is_header,
    padded,
)
from dstui.engine.throwaway import LABEL, throwaway

PURPOSE = "index"
_NAME = f"dstui-{PURPOSE}"
_MOUNT = "/dstui-layerdb"
_NO_COMMAND = "never-started"


class BorrowedDatabase:
    """Opens records through a container."""

    def __init__(self, engine: Engine, container: str, cancel: threading.Event) -> None:
        self._engine = engine
        self._container = container
        self._cancel = cancel

    @contextlib.contextmanager
    def open(self, chain_id: str) -> Iterator[Read]:
        """The gzipped record of a layer. Raises `UnreadableImageError`."""
        path = resource("/containers/{}/archive", self._container)
        query = {"path": f"{_MOUNT}/{chain_id}/{RECORD}"}
        try:
            download = Download(self._engine, path, query, self._cancel)
        except EngineError as error:
            if error.gone:
                raise UnreadableImageError("the engine has no record of it") from error
            raise
        try:
            yield _only_file(ByteStream(download.read))
        except BadTarError as error:
            raise UnreadableImageError(str(error)) from error
        finally:
            download.close()


def _only_file(stream: ByteStream) -> Read:
    """The content of the one file in an archive."""
    header = stream.take(BLOCK)
    while header[156] in EXTENSIONS:
        stream.skip(padded(content_size(header)))
        header = stream.take(BLOCK)
    if not is_header(header):
        raise BadTarError("the engine's answer is no archive")
    window = stream.window(content_size(header))
    return lambda _: window.read()


def possible(engine: Engine) -> bool:
    """Whether this engine can have a layer database."""
    return layerdb.folder(engine.info) is not None


def command(engine: Engine, image: str) -> str:
    """The `docker` command lines that do the same."""
    folder = layerdb.folder(engine.info)
    bind = shlex.quote(f"{folder}:{_MOUNT}:ro")
    return (
        f"docker create --name {_NAME} --label {LABEL}={PURPOSE} --network none -v {bind} "
        f"{shlex.quote(image)} {_NO_COMMAND}; "
        f"docker cp {_NAME}:{_MOUNT}/CHAIN_ID/{RECORD} - (once a layer); "
        f"docker rm -v {_NAME}"
    )


@contextlib.contextmanager
def borrow(engine: Engine, image_id: str, cancel: threading.Event) -> Iterator[BorrowedDatabase]:
    """The database, as long as the block lasts: the container is removed in every case."""
    folder = layerdb.folder(engine.info)
    if folder is None:
        raise UnreadableImageError("this engine has no layer database")
    bind = {"Type": "bind", "Source": str(folder), "Target": _MOUNT, "ReadOnly": True}
    with throwaway(engine, image_id, PURPOSE, [bind]) as container:
        yield BorrowedDatabase(engine, container, cancel)
