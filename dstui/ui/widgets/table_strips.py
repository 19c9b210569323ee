"""The lines of a table as strips: titles, rows, group headings."""

from collections.abc import Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dstui.render.column import Cell, Column, Role
from dstui.render.table import Sort
from dstui.ui.widgets.column_layout import Placed
from dstui.ui.widgets.roles import Roles, RoleStyles
from dstui.ui.widgets.text_cells import clip, clip_start, fill, width_of

GUTTER = 2
"""The cells before the first column, where the mark stands."""
MARK = "✓"
UP, DOWN = "▴", "▾"


class Pieces:
    """Collects styled text; joins neighbours that look the same: fewer bytes to send."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._styles: list[Style] = []

    def add(self, text: str, style: Style) -> None:
        """Append; blanks take the look of what is before them, as only the background shows."""
        if not text:
            return
        if self._styles and (self._styles[-1] is style or text.isspace()):
            self._texts[-1] += text
        else:
            self._texts.append(text)
            self._styles.append(style)

    def strip(self, width: int) -> Strip:
        """All of it, as the strip of `width` cells that it is."""
        return Strip(map(Segment, self._texts, self._styles), width)


def header(
    columns: Sequence[Column[Any]],
    placed: Sequence[Placed],
    sort: Sort | None,
    roles: Roles,
    width: int,
) -> Strip:
    """The titles; an arrow stands beside the one that orders the rows."""
    pieces = Pieces()
    at = 0
    for place in placed:
        column = columns[place.column]
        style = roles.plain[Role.ACCENT if sort and sort.key == column.key else "header"]
        pieces.add(" " * (place.x - at) + _title(column, sort, place.width), style)
        at = place.end
    pieces.add(" " * (width - at), roles.plain["header"])
    return pieces.strip(width)


def _title(column: Column[Any], sort: Sort | None, width: int) -> str:
    if sort is None or sort.key != column.key:
        return fill(column.title, width, column.right)
    arrow = DOWN if sort.reverse else UP
    if width < 3:
        return fill(arrow, width, column.right)
    title = clip(column.title, width - 2)
    return fill(f"{arrow} {title}" if column.right else f"{title} {arrow}", width, column.right)


def row(
    columns: Sequence[Column[Any]],
    placed: Sequence[Placed],
    cells: Sequence[Cell],
    marked: bool,
    styles: RoleStyles,
    width: int,
) -> Strip:
    """One object."""
    pieces = Pieces()
    at = 0
    if marked:
        pieces.add(fill(MARK, GUTTER), styles["marked"])
        at = GUTTER
    for place in placed:
        cell, column = cells[place.column], columns[place.column]
        shown = cell.fitting(place.width) if cell.shorter else cell.text
        shown = clip_start(shown, place.width) if column.keeps_end else shown
        text = fill(shown, place.width, column.right)
        pieces.add(" " * (place.x - at) + text, styles[cell.role])
        at = place.end
    pieces.add(" " * (width - at), styles[Role.NORMAL])
    return pieces.strip(width)


def across(cells: Sequence[Cell], styles: RoleStyles, width: int, first: str = "group") -> Strip:
    """Cells side by side over the whole width: the heading of a group, or a remark."""
    pieces = Pieces()
    pieces.add(" " * min(GUTTER, width), styles[first])
    left = max(0, width - GUTTER)
    for number, cell in enumerate(cells):
        role = first if number == 0 and cell.role is Role.NORMAL else cell.role
        text = clip(("  " if number else "") + cell.text, left)
        pieces.add(text, styles[role])
        left -= width_of(text)
    pieces.add(" " * left, styles[Role.NORMAL])
    return pieces.strip(width)
