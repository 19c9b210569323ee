"""What fills the disk: the file system, the kinds side by side, and a row for each."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from dstui.domain.engine import DataRootUse
from dstui.render.disk import COLUMNS, DiskRow, root_role, root_words
from dstui.render.table import sort_by
from dstui.render.units import decimal_bytes
from dstui.ui.widgets.live_table import LiveTable, TableLine
from dstui.ui.widgets.meter import Meter
from dstui.ui.widgets.stacked_bar import Part, StackedBar


class KindTable(LiveTable, can_focus=False):
    """Rows to be read: the cursor belongs to the plan."""

    CURSOR_WITHOUT_FOCUS = False
    DEFAULT_CSS = "KindTable { scrollbar-size-vertical: 0; scrollbar-gutter: auto; }"


class DiskPane(Vertical):
    """Three lines where there is little room, and the table of kinds below where there is more."""

    DEFAULT_CSS = """
    DiskPane {
        height: auto;
        padding: 0 0 1 0;
        Meter { margin: 0 1; }
        StackedBar { margin: 0 1; height: 1; }
        KindTable { margin-top: 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._meter = Meter()
        self._bar = StackedBar()
        self._table = KindTable()
        self._table.set_columns(COLUMNS, sort_by(next(c for c in COLUMNS if c.key == "back")))

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._meter
        yield self._bar
        yield self._table

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.display = False

    def show(self, rows: Sequence[DiskRow], root: DataRootUse | None) -> None:
        """Show these kinds, in this order, and the file system if it is known."""
        self.display = bool(rows)
        self._meter.display = root is not None
        if root is not None:
            used = (root.total_bytes - root.free_bytes) / max(1, root.total_bytes)
            self._meter.show(used, root_words(root), root_role(root))
        parts = sorted((row for row in rows if row.bytes), key=lambda row: -(row.bytes or 0))
        self._bar.show(
            [Part(row.bytes or 0, row.title, decimal_bytes(row.bytes), row.role) for row in parts]
        )
        self._table.styles.height = len(rows) + 1
        self._table.show([TableLine(row.id, tuple(c.cell(row) for c in COLUMNS)) for row in rows])
