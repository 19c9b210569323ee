"""The engine's `tar-split` records: all of a layer's archive but the contents of its files.

One JSON object a line. Type 2 holds archive bytes in base64, type 1 stands for a file's content;
the bytes before a file end with its header.
"""

import re
import zlib
from binascii import a2b_base64
from collections.abc import Callable, Iterator

from dstui.domain.foreign_json import read_json
from dstui.domain.layers.entries import HARD_LINK, SYMLINK
from dstui.domain.layers.recording import LayerRecorder, Owner
from dstui.engine.index.tarheader import (
    BLOCK,
    CAPABILITY,
    EXTENSIONS,
    GNU_LINK,
    LARGEST_EXTENSION,
    PAX,
    decimal,
    number,
    owner,
    padded,
    pax_records,
    text,
)

CHECKSUM = "crc64"

_READ_BYTES = 256 << 10
_UNZIPPED_BYTES = 1 << 20
_LONGEST_LINE = 16 << 20
_BYTES_LINE = b'{"type":2,"payload":"'
_FILE_LINE = re.compile(
    rb'\{"type":1,"name":"([^"\\]+)",(?:"size":(\d+),)?"payload":(?:null|"([^"]*)"),"position"'
)
_LONGEST_PLAIN = 2 * BLOCK - 1
"""A header and the padding before it; more holds extensions."""

Header = tuple[int, Owner, int, bytes, bool]
"""Type, owner, time, target of a link, and whether it carries capabilities."""


class BadTarSplitError(ValueError):
    """The records cannot be read."""


def record(read: Callable[[int], bytes], layer: LayerRecorder) -> None:
    """Record a layer's entries from its gzipped records. Raises `BadTarSplitError`."""
    reader = _Reader(layer)
    rest = b""
    try:
        for data in _unzipped(read):
            rest = reader.take(rest + data if rest else data)
            if len(rest) > _LONGEST_LINE:
                raise BadTarSplitError("the layer's record has a line of absurd length")
        reader.take(rest + b"\n")
    except BadTarSplitError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise BadTarSplitError("the layer's record cannot be read") from error


def _unzipped(read: Callable[[int], bytes]) -> Iterator[bytes]:
    unzip = zlib.decompressobj(wbits=31)
    while not unzip.eof:
        packed = read(_READ_BYTES)
        if not packed:
            raise BadTarSplitError("the layer's record is cut off")
        while packed and not unzip.eof:
            try:
                yield unzip.decompress(packed, _UNZIPPED_BYTES)
            except zlib.error as error:
                raise BadTarSplitError("the layer's record is damaged") from error
            packed = unzip.unconsumed_tail


class _Reader:
    """Reads line by line; what repeats from entry to entry is parsed once."""

    def __init__(self, layer: LayerRecorder) -> None:
        self._layer = layer
        self._header: Header | None = None
        self._owners: dict[bytes, Owner] = {}
        self._times: dict[bytes, int] = {}

    def take(self, text: bytes) -> bytes:
        """Read the whole lines of a text; what is left is returned."""
        at = 0
        find, begins, is_file = text.find, text.startswith, _FILE_LINE.match
        add = self._layer.add
        while (end := find(b"\n", at)) >= 0:
            if begins(_BYTES_LINE, at):
                first = at + len(_BYTES_LINE)
                last = find(b'"', first, end)
                if last > first:
                    self._header = self._read_header(text, first, last)
            elif (found := is_file(text, at)) and self._header:
                name, size, checksum = found.groups()
                kind, owner, mtime, link, capable = self._header
                content = int.from_bytes(a2b_base64(checksum), "big") if checksum else 0
                add(name, kind, int(size or 0), owner, mtime, link, content)
                if capable:
                    self._layer.mark_capable()
            elif end > at:
                self._unusual_line(text[at:end])
            at = end + 1
        return text[at:]

    def _unusual_line(self, line: bytes) -> None:
        """A line with escapes in its name, or one of no kind we know."""
        found = read_json(line)
        if found["type"] != 1:
            return
        if self._header is None:
            raise BadTarSplitError("a record without a header")
        raw = found.get("name_raw")
        name = a2b_base64(raw) if raw else found["name"].encode("utf-8", "surrogateescape")
        size, checksum = found.get("size", 0), found.get("payload")
        kind, owner, mtime, link, capable = self._header
        content = int.from_bytes(a2b_base64(checksum), "big") if checksum else 0
        self._layer.add(name, kind, int(size), owner, mtime, link, content)
        if capable:
            self._layer.mark_capable()

    def _read_header(self, text: bytes, first: int, last: int) -> Header | None:
        """The header at the end of archive bytes; `None` when these are padding alone.

        Of a plain one only the bytes from 100 to 157 are decoded: a tenth of the text.
        """
        length = (last - first) // 4 * 3
        if text.endswith(b"=", first, last):
            length -= 2 if text.endswith(b"==", first, last) else 1
        if length < BLOCK:
            return None
        group, shift = divmod(length - BLOCK + 100, 3)
        place = first + 4 * group
        fields = a2b_base64(text[place : place + 80])[shift : shift + 57]
        kind = fields[56]
        if length > _LONGEST_PLAIN or kind in (HARD_LINK, SYMLINK):
            return self._read_unusual_header(a2b_base64(text[first:last]))
        owner, mtime = self._owners.get(fields[:24]), self._times.get(fields[36:48])
        if owner is None or mtime is None:
            owner, mtime = self._parse(fields)
        return kind, owner, mtime, b"", False

    def _read_unusual_header(self, raw: bytes) -> Header:
        """A header that holds, or is preceded by, more than the common fields."""
        header = raw[-BLOCK:]
        (mode, uid, gid), mtime = self._parse(header[100:157])
        link, capable = text(header[157:257]), False
        for key, value in _extensions(raw[len(raw) % BLOCK : -BLOCK]):
            if key == b"linkpath":
                link = value
            elif key == b"uid":
                uid = decimal(value)
            elif key == b"gid":
                gid = decimal(value)
            elif key == b"mtime":
                mtime = decimal(value)
            capable = capable or key == CAPABILITY
        return header[156], (mode, uid, gid), mtime, link, capable

    def _parse(self, fields: bytes) -> tuple[Owner, int]:
        self._owners[fields[:24]] = known = owner(fields)
        self._times[fields[36:48]] = mtime = number(fields[36:48])
        return known, mtime


def _extensions(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What the extension headers before an entry say, by the keys of pax."""
    at = 0
    while at + BLOCK <= len(raw):
        header = raw[at : at + BLOCK]
        kind, size = header[156], number(header[124:136])
        body = raw[at + BLOCK : at + BLOCK + size]
        if kind not in EXTENSIONS or not 0 <= size <= LARGEST_EXTENSION:
            return
        if kind == PAX:
            yield from pax_records(body)
        elif kind == GNU_LINK:
            yield b"linkpath", text(body)
        at += BLOCK + padded(size)
