"""Undoes the compression of a layer, told by its first bytes."""

import zlib
from collections.abc import Callable
from typing import Any

from dstui.engine.index.bytestream import PIECE, ByteStream
from dstui.engine.index.tarheader import BadTarError

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = tuple(bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60))
"""Begin the frames of zstd that a decoder passes over."""

Read = Callable[[], bytes]


def is_zstd(head: bytes) -> bool:
    """Whether the content is compressed by zstd."""
    return head.startswith((ZSTD, *_SKIPPABLE))


def unpacked(read: Read, head: bytes) -> ByteStream:
    """The content of a layer that begins with `head`. Reading it raises `BadTarError`."""
    if head.startswith(GZIP):
        return ByteStream(_Gunzip(read).read)
    if is_zstd(head):
        return ByteStream(_Unzstd(read).read)
    return ByteStream(read)


class _Gunzip:
    """Reads gzip, which may have many members one after another."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._packed = b""
        self._member: zlib._Decompress | None = None

    def read(self) -> bytes:
        while True:
            self._packed = self._packed or self._read()
            if not self._packed:
                if self._member is not None:
                    raise BadTarError("a compressed layer is cut off")
                return b""
            if self._member is None:
                if not self._packed.strip(b"\0"):  # padding after the last member
                    self._packed = b""
                    continue
                self._member = zlib.decompressobj(wbits=31)
            try:
                content = self._member.decompress(self._packed, PIECE)
            except zlib.error as error:
                raise BadTarError("a compressed layer is damaged") from error
            self._packed = self._member.unconsumed_tail
            if self._member.eof:
                self._packed = self._member.unused_data
                self._member = None
            if content:
                return content


class _Unzstd:
    """Reads zstd, which may have many frames one after another."""

    def __init__(self, read: Read) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        source: Any = _Source(read)  # all that is asked of it is to read
        self._reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
            source, read_size=PIECE, read_across_frames=True
        )

    def read(self) -> bytes:
        try:
            return self._reader.read(PIECE)
        except self._error as error:
            raise BadTarError("a compressed layer is damaged") from error


class _Source:
    """Gives a decoder what it asks for, from pieces of any size."""

    def __init__(self, read: Read) -> None:
        self._stream = ByteStream(read)

    def read(self, size: int) -> bytes:
        return self._stream.some(size)
