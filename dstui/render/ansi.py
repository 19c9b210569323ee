"""Colours of a log line -> runs of text and look; everything else a terminal would obey is gone."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dstui.domain.text import clean

TAB_WIDTH = 8

_WIDTH_TRAPS = dict.fromkeys(map(ord, "\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}\ufe0e\ufe0f"))
"""Characters whose effect on the width differs from one terminal to the next."""

Color = int | tuple[int, int, int] | None
"""A number of the 256-colour palette, red-green-blue, or `None` for the default."""


class Look(NamedTuple):
    """What SGR sequences made of the text."""

    color: Color = None
    background: Color = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


class Run(NamedTuple):
    """Harmless text of one look."""

    text: str
    look: Look


PLAIN = Look()

_CSI = r"(?:\x1b\[|\x9b)"
_TOKEN = re.compile(
    rf"{_CSI}([0-9;:]*+)m"
    rf"|{_CSI}[0-?]*+[ -/]*+[@-~]?"
    # OSC, DCS, SOS, PM and APC with their text, when they end properly
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*+(?:\x1b\\|[\x07\x9c])"
    r"|\x1b[ -/]*+[0-~]?"
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
)
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
_OFF = {
    21: ("bold",),
    22: ("bold", "dim"),
    23: ("italic",),
    24: ("underline",),
    27: ("reverse",),
    29: ("strike",),
    39: ("color",),
    49: ("background",),
}


def plain(text: str) -> str:
    """`text` without colours and without anything else than printable characters."""
    if text.isascii() and text.isprintable():
        return text
    without = _TOKEN.sub("", text)
    if without.isprintable() and "\r" not in text:  # several times faster, and nearly every line
        return without if without.isascii() else without.translate(_WIDTH_TRAPS)
    return "".join(piece for piece, _ in _pieces(text))


def parse(text: str) -> list[Run]:
    """The runs of a line; joined, their texts are `plain(text)`.

    Of what carriage returns overwrite only the last state is kept, as in a terminal.
    """
    if text.isascii() and text.isprintable():
        return [Run(text, PLAIN)] if text else []
    runs: list[Run] = []
    look = PLAIN
    for piece, codes in _pieces(text):
        if piece:
            if runs and runs[-1].look == look:
                runs[-1] = Run(runs[-1].text + piece, look)
            else:
                runs.append(Run(piece, look))
        if codes is not None:
            look = _changed(look, codes)
    return runs


def _pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """Harmless text and the SGR codes that follow it, `None` where there are none."""
    text = text.rstrip("\r\n").rpartition("\r")[2]
    column = start = 0
    for token in _TOKEN.finditer(text):
        piece = _harmless(text[start : token.start()], column)
        column += len(piece)
        start = token.end()
        if piece or token[1] is not None:
            yield piece, token[1]
    if start < len(text):
        yield _harmless(text[start:], column), None


def _harmless(text: str, column: int) -> str:
    if "\t" in text:
        offset = column % TAB_WIDTH
        text = (" " * offset + text).expandtabs(TAB_WIDTH)[offset:]
    if text.isascii() and text.isprintable():
        return text
    return clean(text, longest=len(text) + 1).translate(_WIDTH_TRAPS)


def _changed(look: Look, codes: str) -> Look:
    """`look` after the codes of one SGR sequence; unknown ones change nothing."""
    numbers = iter(codes.split(";"))
    changes: dict[str, object] = {}
    for field in numbers:
        head, _, details = field.partition(":")
        code = _number(head)
        if code == 0:
            look, changes = PLAIN, {}
        elif code in (38, 48):
            found = _color_of(details) if details else _next_color(numbers)
            if found is not None:
                changes["color" if code == 38 else "background"] = found
        elif code == 4 and details == "0":
            changes["underline"] = False
        elif code in _ON:
            changes[_ON[code]] = True
        elif code in _OFF:
            for name in _OFF[code]:
                changes[name] = getattr(PLAIN, name)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            changes["color"] = code - 30 if code < 40 else code - 82
        elif 40 <= code <= 47 or 100 <= code <= 107:
            changes["background"] = code - 40 if code < 50 else code - 92
    return look._replace(**changes) if changes else look  # type: ignore[arg-type]


def _next_color(numbers: Iterator[str]) -> Color:
    """The colour after a 38 or 48 written with semicolons."""
    kind = _number(next(numbers, ""))
    if kind == 5:
        return _palette(next(numbers, ""))
    if kind == 2:
        return _rgb([next(numbers, "") for _ in range(3)])
    return None


def _color_of(details: str) -> Color:
    """The colour after a 38 or 48 written with colons (ITU T.416)."""
    kind, *rest = details.split(":")
    if kind == "5" and rest:
        return _palette(rest[0])
    if kind == "2" and len(rest) >= 3:
        return _rgb(rest[1:4] if len(rest) > 3 else rest)
    return None


def _palette(text: str) -> Color:
    number = _number(text)
    return number if number < 256 else None


def _rgb(texts: list[str]) -> Color:
    red, green, blue = (_number(text) for text in texts)
    return (red, green, blue) if max(red, green, blue) < 256 else None


def _number(text: str) -> int:
    """A parameter: empty is 0, and a senseless one a number that nothing knows."""
    if not text:
        return 0
    return int(text) if len(text) <= 3 and text.isdecimal() else 999
