"""Single small files of a container or an image, without a shell: through the archive API."""

import base64
import contextlib
import io
import posixpath
import tarfile
from collections.abc import Iterator
from typing import NamedTuple

from dstui.domain.engine import EngineError
from dstui.domain.foreign_json import read_json
from dstui.engine.client import Engine, resource
from dstui.engine.convert.read import mapping, whole
from dstui.engine.throwaway import throwaway
from dstui.engine.wire import Reply, request

_MOST_LINKS = 8
_TAR_EXTRA = 64 * 1024
"""What an archive of one file holds besides its content, at most."""
_TIMEOUT_S = 30.0

# the bits of Go's FileMode
_DIRECTORY, _LINK, _SETUID, _SETGID, _STICKY = 1 << 31, 1 << 27, 1 << 23, 1 << 22, 1 << 20
_IRREGULAR = (1 << 26) | (1 << 25) | (1 << 24) | (1 << 21) | (1 << 19)
"""Devices, pipes, sockets."""


class FileStat(NamedTuple):
    """What the engine tells of one path."""

    size: int
    mode: int
    """Permission bits, with setuid, setgid and sticky."""
    kind: str
    """`file`, `directory`, `link` or `other`."""
    target: str = ""
    """Of a link."""


class ContainerFiles:
    """Reads the files of one container, running or not. Paths have no leading slash."""

    def __init__(self, engine: Engine, container: str) -> None:
        self._engine = engine
        self._path = resource("/containers/{}/archive", container)

    def stat(self, path: str) -> FileStat | None:
        """What stands at a path, `None` when nothing does. Links are not followed."""
        try:
            answer = self._engine.rest.ask("HEAD", self._path, {"path": _absolute(path)})
        except EngineError as error:
            if error.status is not None:  # not there, or a link that leads round in a circle
                return None
            raise
        return _stat(answer.headers.get("X-Docker-Container-Path-Stat") or "")

    def read(self, path: str, limit: int) -> bytes | None:
        """The content of a file of at most `limit` bytes; `None` for anything else.

        Links are followed inside the container's own root, by path and never on this machine.
        """
        for _ in range(_MOST_LINKS):
            found = self.stat(path)
            if found is None or (found.kind == "file" and found.size > limit):
                return None
            if found.kind == "file":
                return self._content(path, limit)
            if found.kind != "link" or not found.target:
                return None
            path = posixpath.join(posixpath.dirname(_absolute(path)), found.target)
        return None

    def _content(self, path: str, limit: int) -> bytes | None:
        """It may grow or be swapped meanwhile: no more is taken than a file of `limit` needs."""
        try:
            reply = request(self._engine, "GET", self._path, {"path": _absolute(path)})
        except EngineError as error:
            if error.status is not None:
                return None
            raise
        try:
            archive = _taken(reply, limit + _TAR_EXTRA)
        finally:
            reply.close()
        return None if archive is None else _only_file(archive, limit)


@contextlib.contextmanager
def image_files(engine: Engine, image_id: str) -> Iterator[ContainerFiles]:
    """The files of an image, through a container that is never started and removed at the end."""
    with throwaway(engine, image_id, "files") as container:
        yield ContainerFiles(engine, container)


def _absolute(path: str) -> str:
    """Normalised: a `..` cannot climb above the root."""
    return posixpath.normpath(f"/{path.lstrip('/')}")


def _stat(header: str) -> FileStat | None:
    try:
        told = mapping(read_json(base64.b64decode(header)))
    except ValueError:
        return None
    bits = whole(told.get("mode")) or 0
    mode = bits & 0o777
    mode |= (0o4000 if bits & _SETUID else 0) | (0o2000 if bits & _SETGID else 0)
    mode |= 0o1000 if bits & _STICKY else 0
    if bits & _LINK:
        kind = "link"
    elif bits & _DIRECTORY:
        kind = "directory"
    else:
        kind = "other" if bits & _IRREGULAR else "file"
    target = told.get("linkTarget")
    size = max(0, whole(told.get("size")) or 0)
    return FileStat(size, mode, kind, target if isinstance(target, str) else "")


def _taken(reply: Reply, most: int) -> bytes | None:
    data = bytearray()
    while not reply.ended:
        if not reply.wait(_TIMEOUT_S):
            raise EngineError("the engine does not answer")
        data += reply.receive()
        if len(data) > most:
            return None
    return bytes(data)


def _only_file(archive: bytes, limit: int) -> bytes | None:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            member = tar.next()
            if member is None or not member.isfile() or member.size > limit:
                return None
            content = tar.extractfile(member)
            return content.read() if content else None
    except (tarfile.TarError, ValueError, EOFError):
        return None
