"""What is wrong with a text that is no image reference, where, and what may have been meant."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from dstui.domain.mended import (
    LONGEST_TAG,
    NOT_IN_A_NAME,
    SEPARATORS,
    mended_component,
    mended_path,
    mended_tag,
)
from dstui.domain.text import clean

LONGEST_PATH = 255
LONGEST_REFERENCE = 4096
"""More than any registry takes; the grammar itself sets a host no limit."""

_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_ID = re.compile(r"[0-9a-f]{64}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_IPV6 = re.compile(r"\[[0-9a-fA-F:]+\]")
_LABEL = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?")
_BAD_SEPARATORS = re.compile(r"___+|[._-]*(?:\.[._-]|_[.-]|-[._])[._-]*")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Advice:
    """A message, the position in the text that it speaks of, and a better text if there is one."""

    message: str
    position: int = 0
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class _Parts:
    """The pieces of a text that may be wrong; `None` for a piece that the text has not."""

    domain: str | None
    path: str
    tag: str | None
    digest: str | None

    @property
    def path_at(self) -> int:
        return 0 if self.domain is None else len(self.domain) + 1

    @property
    def tag_at(self) -> int:
        return self.path_at + len(self.path) + 1

    @property
    def digest_at(self) -> int:
        return self.tag_at + (0 if self.tag is None else len(self.tag) + 1)

    def mended(self) -> str:
        """All of it again, each piece made to fit."""
        domain = "" if self.domain is None else f"{self.domain}/"
        tag = mended_tag(self.tag or "")
        digest = (self.digest or "").lower()
        tail = (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
        return domain + mended_path(self.path) + tail


def advice(text: str) -> Advice:
    """What is wrong with it. The suggestion may still be no reference: try it."""
    for found in _findings(text):
        return found
    return Advice("this is no image reference: [registry/]name[:tag][@digest]")


def _findings(text: str) -> Iterator[Advice]:
    """All that is wrong, in the order in which it helps to be told."""
    yield from _as_a_whole(text)
    parts = _split(text)
    mended = parts.mended()
    if parts.domain is not None:
        yield from _in_domain(parts.domain)
    yield from _in_path(parts, mended)
    if parts.tag is not None:
        yield from _in_tag(parts.tag, parts.tag_at, mended)
    if parts.digest is not None:
        yield from _in_digest(parts.digest, parts.digest_at, mended)


def _split(text: str) -> _Parts:
    name, at, digest = text.partition("@")
    first, slash, rest = name.partition("/")
    domain = first if slash and _reads_as_host(first) else None
    path, colon, tag = (name if domain is None else rest).partition(":")
    return _Parts(domain, path, tag if colon else None, digest if at else None)


def _reads_as_host(first: str) -> bool:
    host, colon, port = first.partition(":")
    plain = host != "localhost" and not any(c in host for c in ".[")
    if colon and plain and not port.isdigit() and ":" not in port:
        return False  # `train:feature/x` is a tag with a slash rather than a port with letters
    return first == "localhost" or first != first.lower() or any(c in first for c in ".:[")


# The whole


def _as_a_whole(text: str) -> Iterator[Advice]:
    if not text.strip():
        yield Advice("a name is missing, such as python:3.12")
    elif len(text) > LONGEST_REFERENCE:
        yield Advice("this is far too long for an image reference", LONGEST_REFERENCE)
    elif _ID.fullmatch(text):
        yield Advice("64 hexadecimal digits are an image id, never a name")
    elif text.startswith("<none>"):
        yield Advice("<none> stands for an image without a name: use its id")
    elif scheme := _SCHEME.match(text):
        yield Advice(f"a reference has no {scheme[0]}", 0, text[scheme.end() :])
    elif text.startswith("[") and "/" not in text:
        yield Advice("a name is missing after the registry: [::1]:5000/app", len(text))
    for position, character in enumerate(text):
        if _invisible(character):
            visible = "".join(c for c in text if not _invisible(c))
            called = _called(character)
            yield Advice(f"{called} cannot stand in a reference", position, visible)


def _invisible(character: str) -> bool:
    return character.isspace() or not character.isprintable()


def _called(character: str) -> str:
    if character == " ":
        return "a space"
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    return f"an invisible character ({name.lower()})"


# The registry's host


def _in_domain(domain: str) -> Iterator[Advice]:
    if not domain.startswith("[") and domain.count(":") > 1:
        yield Advice("an IPv6 address stands in brackets: [::1]:5000")
        return
    end = domain.find("]") + 1 or domain.find(":")
    host, port = (domain, "") if end < 0 else (domain[:end], domain[end:])
    if port and not port[1:].isdecimal():
        yield Advice(f"a port is a number, not {_shown(port[1:])}", len(host) + 1)
    if host.startswith("[") and not _IPV6.fullmatch(host):
        yield Advice(f"{_shown(host)} is no IPv6 address that a reference may have", 1)
        return
    position = 0
    for label in [] if host.startswith("[") else host.split("."):
        if not _LABEL.fullmatch(label):
            rule = "letters, digits and inner dashes, joined by single dots"
            bad = _first_bad(label, r"[A-Za-z0-9-]")
            position += bad if bad < len(label) else 0
            yield Advice(f"{_shown(host)} is no host: {rule}", position)
        position += len(label) + 1


# The name


def _in_path(parts: _Parts, mended: str) -> Iterator[Advice]:
    position = parts.path_at
    if not parts.path:
        yield Advice("a name is missing, such as python:3.12", position)
        return
    for component in parts.path.split("/"):
        for message, offset in _in_component(component):
            yield Advice(message, position + offset, mended)
        position += len(component) + 1
    if len(parts.path) > LONGEST_PATH:
        count = f"{len(parts.path)} characters, {LONGEST_PATH} are the most"
        yield Advice(f"the name has {count}", parts.path_at + LONGEST_PATH)


def _in_component(component: str) -> Iterator[tuple[str, int]]:
    arrow = _arrow(component, mended_component(component))
    last = len(component) - 1
    if not component:
        yield "a part of the name is empty: one `/` stands between two parts", 0
    elif bad := NOT_IN_A_NAME.search(component):
        yield f"`{clean(bad[0])}` cannot stand in a name{arrow}", bad.start()
    elif capital := re.search("[A-Z]", component):
        yield f"a name has no capital letters{arrow}", capital.start()
    elif component[0] in SEPARATORS:
        yield f"a part of a name begins with a letter or a digit{arrow}", 0
    elif component[last] in SEPARATORS:
        yield f"a part of a name ends with a letter or a digit{arrow}", last
    elif run := _BAD_SEPARATORS.search(component):
        yield f"between letters stand one `.`, one `_`, `__`, or dashes{arrow}", run.start()


# Tag and digest


def _in_tag(tag: str, at: int, mended: str) -> Iterator[Advice]:
    arrow = _arrow(tag, mended_tag(tag))
    if not tag:
        yield Advice("a tag is missing after `:`", at - 1, mended)
    elif bad := NOT_IN_A_NAME.search(tag):
        yield Advice(f"`{clean(bad[0])}` cannot stand in a tag{arrow}", at + bad.start(), mended)
    elif tag[0] in ".-":
        yield Advice(f"a tag begins with a letter, a digit or `_`{arrow}", at, mended)
    elif len(tag) > LONGEST_TAG:
        count = f"{len(tag)} characters, {LONGEST_TAG} are the most"
        yield Advice(f"the tag has {count}", at + LONGEST_TAG, mended)


def _in_digest(digest: str, at: int, mended: str) -> Iterator[Advice]:
    algorithm, colon, digits = digest.partition(":")
    digits_at = at + len(algorithm) + 1
    wanted = _HEX_DIGITS.get(algorithm, 0)
    if not digest:
        yield Advice("a digest is missing after `@`", at - 1, mended)
    elif not colon:
        yield Advice("a digest is written sha256: and 64 hexadecimal digits", at)
    elif not wanted:
        known = ", ".join(_HEX_DIGITS)
        yield Advice(f"{_shown(algorithm)} is no digest algorithm: {known} are", at)
    elif (bad := _first_bad(digits, "[0-9a-fA-F]")) < len(digits):
        yield Advice(f"`{clean(digits[bad])}` is no hexadecimal digit", digits_at + bad)
    elif len(digits) != wanted:
        count = f"{wanted} digits, this one has {len(digits)}"
        yield Advice(f"a {algorithm} digest has {count}", digits_at + len(digits))
    elif digits != digits.lower():
        yield Advice("a digest is written in small letters", digits_at, mended)


def _first_bad(text: str, good: str) -> int:
    """Where the first character stands that is not `good`; the length when all are."""
    return next((i for i, c in enumerate(text) if not re.fullmatch(good, c)), len(text))


def _arrow(wrong: str, right: str) -> str:
    return f": {_shown(wrong)} -> {_shown(right)}" if right and right != wrong else ""


def _shown(text: str) -> str:
    return clean(text, _SHOWN)
