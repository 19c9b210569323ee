"""Reads an image's archive as it comes by: the headers in its layers, and its documents.

The archive may be Docker's own of any age, an OCI layout, or Podman's. A layer is known by what
its bytes are; the manifests that tell its place may stand before it or after it.
"""

import posixpath
from collections import Counter
from dataclasses import dataclass, field

from dstui.domain.layers.entries import HARD_LINK, SYMLINK, Entries
from dstui.domain.layers.recording import LayerRecorder, Recording
from dstui.engine.index import layertar
from dstui.engine.index.bytestream import ByteStream
from dstui.engine.index.tarheader import (
    BLOCK,
    EMPTY_BLOCK,
    EXTENSIONS,
    BadTarError,
    content_size,
    is_header,
    name,
    padded,
    text,
)
from dstui.engine.index.tarstream import Extensions, next_header
from dstui.engine.index.unpack import GZIP, Read, is_zstd, unpacked

_LARGEST_DOCUMENT = 16 << 20
_ALL_DOCUMENTS = 64 << 20
_MOST_MEMBERS = 100_000
_FILES = b"0\x00"


@dataclass(slots=True)
class Archive:
    """What an archive holds, by the names in it."""

    layers: dict[str, Entries] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    """What could not be read, and why: it may be none of the image's."""
    documents: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)


def read(stream: ByteStream) -> Archive:
    """Read an archive to its end. Raises `BadTarError` where it is damaged."""
    archive = Archive()
    recording = Recording(skipped=archive.skipped)
    members = 0
    while (member := _next_member(stream)) is not None:
        members += 1
        if members > _MOST_MEMBERS:
            raise BadTarError("the archive has more parts than any image")
        path, kind, size, link = member
        if kind in (SYMLINK, HARD_LINK):
            base = posixpath.dirname(path) if kind == SYMLINK else ""
            archive.links[path] = posixpath.normpath(posixpath.join(base, link))
        elif kind in _FILES and size:
            window = stream.window(size)
            _read_file(archive, recording, path, size, stream.peek(min(size, BLOCK)), window.read)
            window.finish()
            stream.skip(padded(size) - size)
    return archive


def _next_member(stream: ByteStream) -> tuple[str, int, int, str] | None:
    """Path, type, size and link of the archive's next part; `None` at its end."""
    extensions = Extensions()
    while (header := next_header(stream)) is not None:
        kind, size = header[156], content_size(header)
        if kind in EXTENSIONS:
            extensions.take(stream, kind, size)
            continue
        path = posixpath.normpath(_text(extensions.path or name(header)))
        link = _text(extensions.link or text(header[157:257]))
        return path, kind, extensions.size or size, link
    return None


def _read_file(
    archive: Archive, shared: Recording, path: str, size: int, head: bytes, read: Read
) -> None:
    if head.startswith(GZIP) or is_zstd(head) or is_header(head) or head == EMPTY_BLOCK:
        _read_layer(archive, shared, path, head, read)
    elif head.lstrip()[:1] in (b"{", b"["):
        known = sum(map(len, archive.documents.values()))
        if size > _LARGEST_DOCUMENT or known + size > _ALL_DOCUMENTS:
            archive.damaged[path] = "a document of absurd length"
        else:
            archive.documents[path] = b"".join(iter(read, b""))


def _read_layer(archive: Archive, shared: Recording, path: str, head: bytes, read: Read) -> None:
    if path in archive.layers:
        return
    layer = LayerRecorder(shared)
    try:
        layertar.record(unpacked(read, head), layer)
    except BadTarError as error:
        archive.damaged[path] = str(error)
    else:
        archive.layers[path] = layer.entries


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
