"""A widget of one line of cells that repaints only when they change."""

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from dstui.render.column import Cell, Role
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import clip, harmless, width_of

_MARGIN = 1
_GAP, _NARROW_GAP = 3, 2
_AIRY = 100
"""From this width on the cells stand further apart."""


class CellLine(RolePainted, Widget):
    """Cells from the left, others from the right; what does not fit is left out, the last first."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "CellLine { height: 1; width: 1fr; }"

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._left: tuple[Cell, ...] = ()
        self._right: tuple[Cell, ...] = ()

    def show_cells(self, left: Sequence[Cell], right: Sequence[Cell] = ()) -> None:
        """Show these cells."""
        cells = tuple(left), tuple(right)
        if cells != (self._left, self._right):
            self._left, self._right = cells
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The cells, in line 0."""
        width, styles = self.content_size.width, self.roles.plain
        room = width - 2 * _MARGIN
        if y or room < 1:
            return Strip([Segment(" " * width, styles[Role.NORMAL])], width)
        right = self._fitting(self._right, room)
        left = self._fitting(self._left, room - (self._width_of(right) + self._gap if right else 0))
        if not left and self._left:  # rather a part of the most important one than nothing
            first = self._left[0]
            right, left = (), (Cell(clip(first.text, room), first.role),)
        pieces = Pieces()
        pieces.add(" " * _MARGIN, styles[Role.NORMAL])
        self._add(pieces, left)
        blank = room - self._width_of(left) - self._width_of(right)
        pieces.add(" " * blank, styles[Role.NORMAL])
        self._add(pieces, right)
        pieces.add(" " * _MARGIN, styles[Role.NORMAL])
        return pieces.strip(width)

    @property
    def _gap(self) -> int:
        return _GAP if self.content_size.width >= _AIRY else _NARROW_GAP

    def _fitting(self, cells: Sequence[Cell], room: int) -> tuple[Cell, ...]:
        kept = tuple(cells)
        while kept and self._width_of(kept) > room:
            kept = kept[:-1]
        return kept

    def _width_of(self, cells: Sequence[Cell]) -> int:
        gaps = self._gap * max(0, len(cells) - 1)
        return sum(width_of(cell.text) for cell in cells) + gaps

    def _add(self, pieces: Pieces, cells: Sequence[Cell]) -> None:
        styles = self.roles.plain
        for number, cell in enumerate(cells):
            pieces.add(" " * self._gap if number else "", styles[Role.NORMAL])
            pieces.add(harmless(cell.text), styles[cell.role])
