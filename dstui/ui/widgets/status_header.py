"""The line at the top: what is connected, what runs, what is full."""

from collections.abc import Sequence

from dstui.render.column import Cell
from dstui.ui.widgets.cell_line import CellLine


class StatusHeader(CellLine):
    """Pieces in order of weight: in a narrow terminal the last ones are left out."""

    DEFAULT_CSS = "StatusHeader { background: $surface; }"

    def show(self, pieces: Sequence[Cell], right: Sequence[Cell] = ()) -> None:
        """Show these pieces, and others at the right edge."""
        self.show_cells(pieces, right)
