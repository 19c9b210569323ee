"""The headers of a tar archive, one after another, with the extensions that stand before them."""

from dataclasses import dataclass

from dstui.engine.index.bytestream import ByteStream
from dstui.engine.index.tarheader import (
    BLOCK,
    CAPABILITY,
    EMPTY_BLOCK,
    GNU_LINK,
    GNU_NAME,
    LARGEST_EXTENSION,
    PAX,
    BadTarError,
    decimal,
    is_header,
    padded,
    pax_records,
    text,
)

_USTAR = b"ustar"


def next_header(stream: ByteStream) -> bytes | None:
    """The next header; `None` at the end, which a block of zeros marks. Raises `BadTarError`."""
    header = stream.peek(BLOCK)
    if len(header) < BLOCK:
        if header.strip(b"\0"):
            raise BadTarError("the archive is cut off")
        return None
    if header[257:262] != _USTAR and not is_header(header):
        if header == EMPTY_BLOCK:
            return None
        raise BadTarError("this is no tar archive")
    return stream.take(BLOCK)


@dataclass(slots=True)
class Extensions:
    """What the extensions before a header say in its place; `None` or 0 where they do not."""

    path: bytes = b""
    link: bytes = b""
    size: int = 0
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    capable: bool = False

    def take(self, stream: ByteStream, kind: int, size: int) -> None:
        """Read one. Raises `BadTarError`."""
        if size > LARGEST_EXTENSION:
            raise BadTarError("a tar header of absurd length")
        body = stream.take(padded(size))[:size]
        if kind == GNU_NAME:
            self.path = text(body)
        elif kind == GNU_LINK:
            self.link = text(body)
        elif kind == PAX:
            for key, value in pax_records(body):
                self._heed(key, value)

    def _heed(self, key: bytes, value: bytes) -> None:
        match key:
            case b"path":
                self.path = value
            case b"linkpath":
                self.link = value
            case b"size":
                self.size = max(0, decimal(value))
            case b"uid":
                self.uid = decimal(value)
            case b"gid":
                self.gid = decimal(value)
            case b"mtime":
                self.mtime = decimal(value)
        if key == CAPABILITY:
            self.capable = True
