"""The layer database read through the engine itself, for those who may not read its disk.

A container that is never started has the database bound into it read-only; the engine then hands
out single files of it. Who may talk to the engine may read its whole disk this way, so it is done
with permission only.
"""

import contextlib
import json
import secrets
import shlex
import threading
import time
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.layers.reading import UnreadableImageError
from dstui.engine.client import Engine, resource
from dstui.engine.convert.read import mapping, rows, text, whole
from dstui.engine.index import layerdb
from dstui.engine.index.bytestream import ByteStream
from dstui.engine.index.download import Download
from dstui.engine.index.layerdb import RECORD, Read
from dstui.engine.index.tarheader import BLOCK, EXTENSIONS, BadTarError, is_header, number, padded

LABEL = "dstui.index"
_NAME = "dstui-index"
_MOUNT = "/dstui-layerdb"
_NO_COMMAND = "never-started"
_ABANDONED_AFTER_S = 600
_TIMEOUT_S = 120.0


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
        stream.skip(padded(number(header[124:136])))
        header = stream.take(BLOCK)
    if not is_header(header):
        raise BadTarError("the engine's answer is no archive")
    window = stream.window(number(header[124:136]))
    return lambda _: window.read()


def possible(engine: Engine) -> bool:
    """Whether this engine can have a layer database."""
    return layerdb.folder(engine.info) is not None


def command(engine: Engine, image: str) -> str:
    """The `docker` command lines that do the same."""
    folder = layerdb.folder(engine.info)
    bind = shlex.quote(f"{folder}:{_MOUNT}:ro")
    return (
        f"docker create --name {_NAME} --label {LABEL} --network none -v {bind} "
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
    _remove_abandoned(engine)
    name = f"{_NAME}-{secrets.token_hex(6)}"
    try:
        _create(engine, name, _carrier(engine, image_id), folder)
        yield BorrowedDatabase(engine, name, cancel)
    finally:
        _remove(engine, name)  # by name: the engine may have made it and its answer got lost


def _create(engine: Engine, name: str, image_id: str, folder: PurePosixPath) -> None:
    body = {
        "Image": image_id,
        "Entrypoint": [_NO_COMMAND],
        "Cmd": [],
        "Labels": {LABEL: "reads the layers of an image"},
        "HostConfig": {
            "NetworkMode": "none",
            "Mounts": [{"Type": "bind", "Source": str(folder), "Target": _MOUNT, "ReadOnly": True}],
        },
    }
    engine.rest.ask("POST", "/containers/create", {"name": name}, body, _TIMEOUT_S)


def _carrier(engine: Engine, image_id: str) -> str:
    """The image that the container is made of: one that brings no volumes to fill."""
    if not _has_volumes(engine, image_id):
        return image_id
    for image in sorted(engine.images(), key=lambda image: image.size_bytes)[:10]:
        if not _has_volumes(engine, image.id):
            return image.id
    return image_id


def _has_volumes(engine: Engine, image_id: str) -> bool:
    inspected: dict[str, Any] = engine.inspect(Kind.IMAGE, image_id)
    return bool(mapping(inspected.get("Config")).get("Volumes"))


def _remove(engine: Engine, container: str) -> None:
    path = resource("/containers/{}", container)
    try:
        engine.rest.ask("DELETE", path, {"v": 1, "force": 1}, timeout_s=_TIMEOUT_S)
    except EngineError as error:
        if not error.gone:
            raise


def _remove_abandoned(engine: Engine) -> None:
    """Remove what an earlier dstui left that was killed meanwhile."""
    filters = json.dumps({"label": [LABEL], "status": ["created"]})
    for found in rows(engine.rest.get("/containers/json", {"all": 1, "filters": filters})):
        row = mapping(found)
        created = whole(row.get("Created"))
        if created is not None and time.time() - created > _ABANDONED_AFTER_S:
            _remove(engine, text(row.get("Id")))
