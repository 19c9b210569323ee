"""Where the columns of a table stand, and how wide they are. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dstui.render.column import Cell, Column
from dstui.ui.widgets.text_cells import width_of

LOW_PRIORITY = 6
"""From this number on, a column comes in only when the flexible ones have it comfortable."""

_AIRY = 110
"""From this width on, columns stand two cells apart at least."""
_WIDEST_GAP = 4


class Placed(NamedTuple):
    """One column on screen: its number among all, where it starts, how wide it is."""

    column: int
    x: int
    width: int

    @property
    def end(self) -> int:
        """The first cell after it."""
        return self.x + self.width


def place(
    columns: Sequence[Column[Any]], natural: Sequence[int], left: int, width: int
) -> tuple[Placed, ...]:
    """The columns that fit between `left` and `width`, in order.

    `natural` is the width each one's texts would take. The least important columns go first;
    flexible ones shrink before that, and take what is left over as far as they need it, the most
    important first. What is left then widens the gaps a little; the rest stays free on the right.
    """
    space = width - left
    gap = 2 if width >= _AIRY else 1
    least = [_least(column, n) for column, n in zip(columns, natural, strict=True)]
    comfort = [
        max(small, min(column.comfortable, n))
        for column, n, small in zip(columns, natural, least, strict=True)
    ]
    kept = _fitting(columns, least, comfort, space, gap)
    if not kept:
        return ()
    spare = space - _total(kept, least, gap)
    widths = {index: least[index] for index in kept}
    flexible = [index for index in kept if columns[index].flexible]
    if spare < 0:
        _shrink(widths, kept, -spare)
        spare = 0
    modest = {index: min(natural[index], columns[index].max_width) for index in flexible}
    for wishes in (modest, {index: natural[index] for index in flexible}):
        for priority in sorted({columns[index].priority for index in flexible}):
            equals = [index for index in flexible if columns[index].priority == priority]
            spare = _share(widths, equals, wishes, spare)
    if len(kept) > 1:
        gap += min(_WIDEST_GAP - gap, spare // (len(kept) - 1))
    return _positions(kept, widths, left, gap, width)


def _least(column: Column[Any], natural: int) -> int:
    wanted = max(column.min_width, min(natural, column.max_width))
    return min(wanted, column.min_width) if column.flexible else wanted


def _total(kept: Sequence[int], widths: Sequence[int], gap: int) -> int:
    return sum(widths[index] for index in kept) + gap * (len(kept) - 1)


def _fitting(
    columns: Sequence[Column[Any]],
    least: Sequence[int],
    comfort: Sequence[int],
    space: int,
    gap: int,
) -> list[int]:
    kept = list(range(len(columns)))
    while kept:
        last = max(kept, key=lambda index: (columns[index].priority, index))
        priority = columns[last].priority
        wanted = comfort if priority >= LOW_PRIORITY else least
        if priority == 0 or _total(kept, wanted, gap) <= space:
            break
        kept.remove(last)
    return kept


def _shrink(widths: dict[int, int], kept: Sequence[int], missing: int) -> None:
    """Take what is missing from the widest, cell by cell: only in a very narrow terminal."""
    for _ in range(missing):
        widest = max(kept, key=lambda index: widths[index])
        widths[widest] = max(1, widths[widest] - 1)


def _share(
    widths: dict[int, int], indexes: Sequence[int], wishes: dict[int, int], spare: int
) -> int:
    """Give the spare cells evenly to those that wish for more; returns what is left."""
    hungry = [index for index in indexes if widths[index] < wishes[index]]
    while hungry and spare > 0:
        portion = max(1, spare // len(hungry))
        for index in hungry:
            given = min(portion, wishes[index] - widths[index], spare)
            widths[index] += given
            spare -= given
        hungry = [index for index in hungry if widths[index] < wishes[index]]
    return spare


def _positions(
    kept: Sequence[int], widths: dict[int, int], left: int, gap: int, end: int
) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    x = left
    for index in kept:
        if x >= end:
            break
        placed.append(Placed(index, x, min(widths[index], end - x)))
        x += widths[index] + gap
    return tuple(placed)


class NaturalWidths:
    """The width of the widest text seen in each column: it only ever grows."""

    def __init__(self, columns: Sequence[Column[Any]], sorted_by: str | None) -> None:
        arrow = {sorted_by: 2}
        self.widths = [
            max(column.min_width, width_of(column.title) + arrow.get(column.key, 0))
            for column in columns
        ]

    def measure(self, cells: Sequence[Cell]) -> bool:
        """Look at the cells of one line; whether a column grew."""
        widths = self.widths
        grew = False
        for index, cell in enumerate(cells):
            text = cell.text
            if len(text) > widths[index] or not text.isascii():
                width = width_of(text)
                if width > widths[index]:
                    widths[index] = width
                    grew = True
        return grew
