"""The Waste view: why bytes are in the layers that no container sees, and what mends it."""

from collections.abc import Sequence
from functools import partial

from dstui.domain.layers.indexed import IndexedImage
from dstui.render.column import Cell
from dstui.render.units import decimal_bytes
from dstui.render.waste import (
    NOT_NEEDED,
    WASTE_COLUMNS,
    WASTED,
    WasteRow,
    about_waste,
    waste_rows,
)
from dstui.ui.layers.view import TableView
from dstui.ui.widgets.live_table import LazyTableLine
from dstui.ui.widgets.table_line import AnyLine

_PATH = next(n for n, column in enumerate(WASTE_COLUMNS) if column.key == "path")


class WasteView(TableView[WasteRow]):
    """Rows under two headings; those of many files unfold with Enter."""

    def __init__(self) -> None:
        super().__init__(
            WASTE_COLUMNS, waste_rows, "Nothing is wasted", about_row=about_waste, sort="bytes"
        )
        self._unfolded: set[str] = set()
        self._parts: dict[str, WasteRow] = {}
        self._sums: dict[str, str] = {}

    def put(self, indexed: IndexedImage, loaded: Sequence[WasteRow]) -> None:
        """Show the rows, with the sum of each kind."""
        self.empty = "Nothing is wasted"
        total, visible = decimal_bytes(indexed.total_bytes), decimal_bytes(indexed.visible_bytes)
        wasted = decimal_bytes(indexed.wasted_bytes)
        extra = sum(row.bytes for row in loaded if row.wasted_by is None)
        self._sums = {
            WASTED: f"{total} in layers - {visible} visible = {wasted}",
            NOT_NEEDED: f"{decimal_bytes(extra)}, no part of that sum",
        }
        self.put_rows((row.id, row) for row in loaded)

    def clear(self) -> None:
        """Show nothing."""
        self._unfolded, self._parts = set(), {}
        super().clear()

    @property
    def row(self) -> WasteRow | None:
        """The row at the cursor, which may be a part of another."""
        return super().row or self._parts.get(self.cursor_id or "")

    def lines_of(self, rows: Sequence[tuple[str, WasteRow]]) -> Sequence[AnyLine]:
        """Headings, rows, and below those that are unfolded their parts."""
        self._parts = {}
        lines: list[AnyLine] = []
        by_id = dict(rows)
        for heading in (WASTED, NOT_NEEDED):
            group = [(name, row) for name, row in rows if row.group == heading]
            found = self.listing.lines(group)
            if not found:
                continue
            cells = (Cell(heading), Cell(self._sums.get(heading, "")))
            lines.append(LazyTableLine(heading, partial(_same, cells), group=True))
            for line in found:
                row = by_id[line.id]
                lines.append(LazyTableLine(row.id, partial(self._cells, row)))
                if row.id in self._unfolded:
                    lines.extend(self._part_lines(row))
        self.listing.lines(rows)  # remembers the rows of both headings
        return lines

    def _part_lines(self, row: WasteRow) -> list[AnyLine]:
        self._parts.update((part.id, part) for part in row.parts)
        return [LazyTableLine(part.id, partial(self._cells, part)) for part in row.parts]

    def _cells(self, row: WasteRow) -> tuple[Cell, ...]:
        cells = [column.cell(row) for column in self.listing.columns]
        sign = "  " * (1 + row.level)
        if row.parts:
            sign = "▾ " if row.id in self._unfolded else "▸ "
        cells[_PATH] = Cell(sign + cells[_PATH].text)
        return tuple(cells)

    def open_line(self, identifier: str) -> None:
        """Unfold the parts of a row, or fold them."""
        row = self.listing.row(identifier)
        if row is not None and row.parts:
            self._unfolded ^= {identifier}
            self.show_again()


def _same(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return cells
