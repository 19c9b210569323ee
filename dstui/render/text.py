"""A table as plain text, for the command line."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from dstui.render.column import Cell, Column, Role

GAP = "  "

_SGR: Mapping[Role, str] = {
    Role.MUTED: "2",
    Role.STRONG: "1",
    Role.ACCENT: "36",
    Role.GOOD: "32",
    Role.RUNNING: "32",
    Role.WARNING: "33",
    Role.PAUSED: "33",
    Role.BAD: "31",
    Role.EXITED: "2",
}

_LEAST = 3
"""Cells that a column keeps even where the table cannot fit."""


def table(
    columns: Sequence[Column[Any]],
    rows: Sequence[Any],
    width: int | None = None,
    color: bool = False,
) -> list[str]:
    """The lines of a table with its headings.

    With a `width` (in terminal cells) columns leave by priority and long texts are cut until it
    fits; without one everything is whole, for pipes.
    """
    cells = [[column.cell(row) for column in columns] for row in rows]
    widths = [
        max([display_width(column.title), *(display_width(line[at].text) for line in cells)])
        for at, column in enumerate(columns)
    ]
    shown = list(range(len(columns)))
    if width is not None:
        widths = [min(w, column.max_width) for w, column in zip(widths, columns, strict=True)]
        shown = _fit(columns, widths, width)
    titles = [Cell(column.title, Role.MUTED) for column in columns]
    lines = []
    for line in [titles, *cells]:
        parts = [_padded(line[at], widths[at], columns[at].right, color) for at in shown]
        lines.append(GAP.join(parts).rstrip())
    return lines


def _fit(columns: Sequence[Column[Any]], widths: list[int], width: int) -> list[int]:
    """Make the table fit: flexible columns give way first, then the least important leave."""
    shown = list(range(len(columns)))

    def excess() -> int:
        return sum(widths[at] for at in shown) + len(GAP) * (len(shown) - 1) - width

    while True:
        spare = {
            at: max(0, widths[at] - columns[at].min_width) for at in shown if columns[at].flexible
        }
        if excess() <= sum(spare.values()):
            break
        last = max(shown, key=lambda at: columns[at].priority)
        if columns[last].priority == 0:
            break
        shown.remove(last)
    for at, room in sorted(spare.items(), key=lambda item: -item[1]):
        widths[at] -= min(room, max(0, excess()))
    while excess() > 0 and any(widths[at] > _LEAST for at in shown):  # a very narrow terminal
        widths[max(shown, key=lambda at: widths[at])] -= 1
    return shown


def _padded(cell: Cell, width: int, right: bool, color: bool) -> str:
    text = cut(cell.fitting(width) if cell.shorter else cell.text, width)
    space = " " * (width - display_width(text))
    text = styled(text, cell.role, color)
    return space + text if right else text + space


def styled(text: str, role: Role, color: bool) -> str:
    """`text` in the colour of a role, if there are to be colours."""
    code = _SGR.get(role)
    return f"\x1b[{code}m{text}\x1b[0m" if color and code else text


def cut(text: str, width: int) -> str:
    """`text` in at most `width` terminal cells, with an ellipsis where it was cut."""
    if display_width(text) <= width:
        return text
    kept, room = [], width - 1
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…" if width > 0 else ""


def display_width(text: str) -> int:
    """How many cells of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
