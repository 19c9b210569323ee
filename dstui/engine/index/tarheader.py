"""What a 512-byte block at the head of a tar entry says, and the extensions of pax and GNU."""

from collections.abc import Iterator

from dstui.domain.layers.recording import Owner

BLOCK = 512
EMPTY_BLOCK = bytes(BLOCK)
PAX, PAX_GLOBAL, GNU_NAME, GNU_LINK = b"xgLK"
EXTENSIONS = frozenset((PAX, PAX_GLOBAL, GNU_NAME, GNU_LINK))
LARGEST_EXTENSION = 1 << 20
CAPABILITY = b"SCHILY.xattr.security.capability"


class BadTarError(ValueError):
    """What was read is no tar archive, or a damaged one."""


def padded(size: int) -> int:
    """The room that a content takes in an archive."""
    return (size + BLOCK - 1) // BLOCK * BLOCK


def number(digits: bytes) -> int:
    """An octal or (GNU) base-256 number."""
    if digits[0] in (0x80, 0xFF):
        value = int.from_bytes(digits[1:], "big")
        return value if digits[0] == 0x80 else value - (1 << 8 * (len(digits) - 1))
    text = digits.partition(b"\0")[0].strip()
    try:
        return int(text, 8) if text else 0
    except ValueError as error:
        raise BadTarError("a damaged tar header") from error


def owner(header: bytes) -> Owner:
    """Mode, uid and gid: the 24 bytes from 100 on."""
    return number(header[0:8]), number(header[8:16]), number(header[16:24])


def text(field: bytes) -> bytes:
    """A text of fixed width."""
    return field.partition(b"\0")[0]


def name(header: bytes) -> bytes:
    """The path, with the prefix of a ustar header."""
    path = text(header[0:100])
    if header[345] and header[257:263] == b"ustar\0":
        return text(header[345:500]) + b"/" + path
    return path


def is_header(block: bytes) -> bool:
    """Whether its checksum says that this is a header."""
    if len(block) < BLOCK:
        return False
    try:
        wanted = number(block[148:156])
    except BadTarError:
        return False
    return wanted == sum(block) - sum(block[148:156]) + 8 * ord(" ")


def pax_records(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a pax header. Raises `BadTarError`."""
    at = 0
    while at < len(body) and body[at]:
        space = body.find(b" ", at, at + 20)
        length = body[at:space]
        if space < 0 or not length.isdigit():
            raise BadTarError("a damaged pax header")
        end = at + int(length)
        key, equals, value = body[space + 1 : end - 1].partition(b"=")
        if end <= space + 1 or end > len(body) or not equals:
            raise BadTarError("a damaged pax header")
        yield key, value
        at = end


def content_size(header: bytes) -> int:
    """How many bytes follow the header. Raises `BadTarError`."""
    size = number(header[124:136])
    if size < 0:
        raise BadTarError("a damaged tar header")
    return size


def decimal(value: bytes) -> int:
    """The whole part of a pax number; 0 where there is none."""
    whole = value.partition(b".")[0]
    return int(whole) if whole.lstrip(b"-").isdigit() and len(whole) < 20 else 0
