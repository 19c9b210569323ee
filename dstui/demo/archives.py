"""Simulated images as the archives of `docker save`, and such archives as images.

A layer is one file of zeros: only images that are small are written, so that no disk is filled.
"""

import io
import json
import tarfile
from collections.abc import Iterator
from typing import IO, Any, cast

from dstui.demo.errors import ApiError
from dstui.demo.model import Image, Layer, digest

LARGEST = 200_000_000
_BLOCK = 512
_PIECE = 1 << 20
_LARGEST_JSON = 4 << 20


def archive(image: Image, name: str) -> Iterator[bytes]:
    """The bytes of an image's archive, piece by piece."""
    layers = [layer for layer in image.layers if layer.diff_id]
    paths = [f"{layer.diff_id.removeprefix('sha256:')}/layer.tar" for layer in layers]
    for layer, path in zip(layers, paths, strict=True):
        yield _header(path, _layer_size(layer.size))
        yield _header("usr/share/demo", layer.size)
        yield from _zeros(_padded(layer.size) + 2 * _BLOCK)
    config_path = f"{image.id.removeprefix('sha256:')}.json"
    manifest = [{"Config": config_path, "RepoTags": [name] if name else None, "Layers": paths}]
    yield from _json(config_path, _config(image))
    yield from _json("manifest.json", manifest)
    yield bytes(2 * _BLOCK)


def images_of(content: "Body", now: float) -> list[Image]:
    """The images of an archive."""
    documents: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    try:
        with tarfile.open(fileobj=cast(IO[bytes], content), mode="r|*") as tar:
            for member in tar:
                if member.name.endswith(".json") and member.size <= _LARGEST_JSON:
                    opened = tar.extractfile(member)
                    documents[member.name] = json.load(opened) if opened else None
                elif member.isfile():
                    sizes[member.name] = max(0, member.size - 3 * _BLOCK)
        return [_image(entry, documents, sizes, now) for entry in documents["manifest.json"]]
    except (tarfile.TarError, ValueError, KeyError, TypeError, EOFError) as error:
        raise ApiError(500, "invalid archive: it has no manifest.json of images") from error


def _image(
    entry: dict[str, Any], documents: dict[str, Any], sizes: dict[str, int], now: float
) -> Image:
    config = documents[entry["Config"]]
    settings = config.get("config") or {}
    diff_ids = config["rootfs"]["diff_ids"]
    name = entry["Config"].removesuffix(".json").rpartition("/")[2]
    whole = len(name) == 64
    layers = tuple(
        Layer("", sizes.get(path, 0), "", diff_id, 0.0)
        for path, diff_id in zip(entry["Layers"], diff_ids, strict=True)
    )
    return Image(
        id="sha256:" + (name if whole else digest("loaded", *diff_ids)),
        tags=list(entry.get("RepoTags") or ()),
        digests=[],
        layers=layers,
        created=now,
        entrypoint=settings.get("Entrypoint"),
        cmd=settings.get("Cmd"),
        env=list(settings.get("Env") or ()),
        user=settings.get("User") or "",
        workdir=settings.get("WorkingDir") or "",
    )


def _config(image: Image) -> dict[str, Any]:
    settings = {
        "Cmd": image.cmd,
        "Entrypoint": image.entrypoint,
        "Env": image.env,
        "User": image.user,
        "WorkingDir": image.workdir,
    }
    rootfs = {"type": "layers", "diff_ids": image.diff_ids}
    return {"architecture": "amd64", "os": "linux", "config": settings, "rootfs": rootfs}


def _layer_size(size: int) -> int:
    """Of the tar in the tar: a header, the file, the end."""
    return _BLOCK + _padded(size) + 2 * _BLOCK


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf(tarfile.GNU_FORMAT)


def _json(name: str, document: Any) -> Iterator[bytes]:
    content = json.dumps(document).encode()
    yield _header(name, len(content))
    yield content.ljust(_padded(len(content)), b"\0")


def _zeros(count: int) -> Iterator[bytes]:
    piece = bytes(_PIECE)
    while count > 0:
        yield piece[: min(count, _PIECE)]
        count -= _PIECE


class Body(io.RawIOBase):
    """The content of a request, read from its connection as it is wanted."""

    def __init__(self, reader: io.BufferedIOBase, length: int) -> None:
        super().__init__()
        self._reader = reader
        self._left = length

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        data = self._reader.read(size)
        self._left -= len(data)
        return data

    def drain(self) -> None:
        """Read what nobody wanted: the client has to be able to send it."""
        while self._left and self.read(_PIECE):
            pass
