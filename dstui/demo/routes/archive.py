"""Single small files of a container: a look at one, and its content as an archive."""

import base64
import io
import json
import tarfile
import time

from dstui.demo.errors import ApiError
from dstui.demo.exchange import Exchange
from dstui.demo.layer_records import RECORD, layer_record
from dstui.demo.model import Container
from dstui.demo.routing import Routes
from dstui.demo.small_files import SmallFile, small_files

routes = Routes()
_DIRECTORIES = ("", "bin", "etc", "tmp")
_DIRECTORY_BIT = 1 << 31
_READABLE = 0o600
_DIRECTORY: SmallFile = (_DIRECTORY_BIT | 0o755, 4096)


@routes.add("HEAD", "/containers/{name}/archive")
def stat_path(exchange: Exchange) -> None:
    """Tells of a path."""
    container = exchange.world.container(exchange.params["name"])
    path, found = _find(exchange, container)
    exchange.send_empty(200, _stat_header(container, path, found))


@routes.add("GET", "/containers/{name}/archive")
def read_path(exchange: Exchange) -> None:
    """A tar of one file; one that nobody reads has no bytes."""
    container = exchange.world.container(exchange.params["name"])
    path, found = _find(exchange, container)
    mode, content = found
    if not isinstance(content, bytes):
        raise ApiError(501, "this simulated file has no bytes")
    member = tarfile.TarInfo(path.rpartition("/")[2])
    member.size, member.mode, member.mtime = len(content), mode, int(container.created)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(member, io.BytesIO(content))
    header = _stat_header(container, path, found)
    exchange.send(archive.getvalue(), "application/x-tar", headers=header)


def _find(exchange: Exchange, container: Container) -> tuple[str, SmallFile]:
    path = exchange.query.get("path", "").strip("/")
    if path in _DIRECTORIES:
        return path, _DIRECTORY
    found = small_files(container.image).get(path)
    if path.endswith(RECORD) and container.host_config.get("Mounts"):
        record = layer_record(container.image, path.split("/")[-2])
        found = None if record is None else (_READABLE, record)
    if found is None:
        raise ApiError(404, f"Could not find the file /{path} in container {container.id}")
    return path, found


def _stat_header(container: Container, path: str, found: SmallFile) -> str:
    mode, content = found
    stat = {
        "name": path.rpartition("/")[2] or "/",
        "size": content if isinstance(content, int) else len(content),
        "mode": mode,
        "mtime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(container.created)),
        "linkTarget": "",
    }
    encoded = base64.b64encode(json.dumps(stat).encode()).decode()
    return f"X-Docker-Container-Path-Stat: {encoded}\r\n"
