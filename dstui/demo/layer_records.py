"""The simulated engine's records of its layers, as Docker's `tar-split` writes them."""

import base64
import gzip
import hashlib
import json
import tarfile
from collections.abc import Iterator

from dstui.demo.layer_files import LayerFile, layer_files
from dstui.demo.model import Image

RECORD = "tar-split.json.gz"
_FASTEST = 1
_BLOCK = 512


def layer_record(image: Image, chain_id: str) -> bytes | None:
    """The record of the layer that the engine knows by this id; `None` where it has none."""
    diff_ids = [layer.diff_id for layer in image.layers if layer.diff_id]
    for number, known in enumerate(_chain_ids(diff_ids)):
        if known == chain_id:
            lines = "\n".join(_lines(layer_files(image, number), image.created))
            return gzip.compress(lines.encode(), _FASTEST)
    return None


def _chain_ids(diff_ids: list[str]) -> Iterator[str]:
    chain = ""
    for diff_id in diff_ids:
        both = hashlib.sha256(f"{chain} {diff_id}".encode()).hexdigest()
        chain = f"sha256:{both}" if chain else diff_id
        yield chain.removeprefix("sha256:")


def _lines(files: list[LayerFile], created: float) -> Iterator[str]:
    """Turns of archive bytes, which end with a file's header, and of that file's checksum."""
    position, padding = 0, b""
    for member, checksum, owner in _members(files):
        header = tarfile.TarInfo(member.path)
        header.size, header.mtime, header.uid, header.gid = member.size, int(created), owner, owner
        if member.path.endswith("/"):
            header.type, header.mode = tarfile.DIRTYPE, 0o755
        raw = padding + header.tobuf(tarfile.GNU_FORMAT)
        yield _line(2, position, payload=base64.b64encode(raw).decode())
        content = {"size": member.size, "payload": checksum} if member.size else {"payload": None}
        yield _line(1, position + 1, name=member.path, **content)
        padding = bytes(-member.size % _BLOCK)
        position += 2
    yield _line(2, position, payload=base64.b64encode(padding + bytes(2 * _BLOCK)).decode())


def _line(kind: int, position: int, **content: object) -> str:
    return json.dumps({"type": kind, **content, "position": position}, separators=(",", ":"))


def _members(files: list[LayerFile]) -> Iterator[tuple[LayerFile, str, int]]:
    """The files, each directory before what is in it."""
    made: set[str] = set()
    for file in files:
        parts = file.path.split("/")
        for end in range(1, len(parts)):
            folder = "/".join(parts[:end]) + "/"
            if folder not in made:
                made.add(folder)
                yield LayerFile(folder, 0, 0), "", file.uid
        checksum = base64.b64encode(file.content.to_bytes(8, "big")).decode()
        yield file, checksum, file.uid
