"""Reads the headers of a layer's own archive; contents are only passed by, or summed up."""

import zlib

from dstui.domain.layers.entries import FILE, HARD_LINK, SYMLINK
from dstui.domain.layers.recording import LayerRecorder, Owner
from dstui.engine.index.bytestream import PIECE, ByteStream
from dstui.engine.index.tarheader import (
    BLOCK,
    EXTENSIONS,
    BadTarError,
    content_size,
    name,
    number,
    owner,
    padded,
    text,
)
from dstui.engine.index.tarstream import Extensions, next_header

CHECKSUM = "crc32"
_KNOWN = 1 << 32
"""Set in each checksum: 0 stands for none."""
_SPARSE = ord("S")
_WITH_CONTENT = frozenset((FILE, 0, ord("7"), _SPARSE))


def record(stream: ByteStream, layer: LayerRecorder) -> None:
    """Record the entries of a layer's archive, up to its end. Raises `BadTarError`."""
    owners: dict[bytes, Owner] = {}
    times: dict[bytes, int] = {}
    extended: Extensions | None = None
    while (header := next_header(stream)) is not None:
        kind = header[156]
        size = content_size(header)
        if kind in EXTENSIONS:
            extended = extended or Extensions()
            extended.take(stream, kind, size)
            continue
        who = owners.get(header[100:124])
        if who is None:
            owners[header[100:124]] = who = owner(header[100:124])
        mtime = times.get(header[136:148])
        if mtime is None:
            times[header[136:148]] = mtime = number(header[136:148])
        path = name(header)
        link = text(header[157:257]) if kind in (HARD_LINK, SYMLINK) else b""
        if extended is not None:
            path, link = extended.path or path, extended.link or link
            size, mtime = extended.size or size, extended.mtime or mtime
            who = who[0], extended.uid or who[1], extended.gid or who[2]
        if kind == _SPARSE:
            _skip_sparse_map(stream, header)
        content = _sum_up(stream, size) if kind in _WITH_CONTENT and size else 0
        layer.add(path, kind, size, who, mtime, link, content)
        if extended is not None:
            if extended.capable:
                layer.mark_capable()
            extended = None


def _skip_sparse_map(stream: ByteStream, header: bytes) -> None:
    more = header[482]
    while more:
        more = stream.take(BLOCK)[504]


def _sum_up(stream: ByteStream, size: int) -> int:
    """Pass by a content and tell its checksum."""
    checksum, left = 0, size
    while left:
        piece = stream.some(min(left, PIECE))
        if not piece:
            raise BadTarError("the archive is cut off")
        checksum = zlib.crc32(piece, checksum)
        left -= len(piece)
    stream.skip(padded(size) - size)
    return checksum | _KNOWN
