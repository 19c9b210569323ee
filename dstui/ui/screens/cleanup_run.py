"""A cleanup on its way, object by object, and what came of each."""

import asyncio
from contextlib import suppress
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widgets import Static

from dstui.background import Cancellation
from dstui.domain.cleanup.plan import Plan
from dstui.domain.cleanup.planner import Planner
from dstui.domain.cleanup.report import CleanProgress, CleanReport, Fate, report_summary
from dstui.domain.staleness.verdict import Key
from dstui.domain.text import clean
from dstui.render.cleanup_result import (
    RESULT_COLUMNS,
    ResultRow,
    ending,
    progress_cells,
    report_cells,
)
from dstui.session import Session
from dstui.ui.screens.dialog import Dialog
from dstui.ui.sections.tab import explained
from dstui.ui.widgets.cell_line import CellLine
from dstui.ui.widgets.live_table import LiveTable, TableLine
from dstui.ui.widgets.meter import Meter

_AROUND = 14
"""Border, title, sums, titles of columns, ending and hint, with the blanks between."""
_BUSY = "Esc stop after this one"
_DONE = "Esc close   c copy the result   ↑ ↓ see all"


class CleanupRunScreen(Dialog[CleanReport]):
    """Executes a plan. Escape stops it between two objects; at the end it shows all results."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "leave", show=False),
        Binding("c,y", "copy", show=False),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]
    DEFAULT_CSS = """
    CleanupRunScreen {
        #box { width: 116; max-width: 96%; max-height: 94%; }
        LiveTable { height: 1fr; min-height: 3; margin-top: 1; background: $surface; }
        #ending { height: auto; color: $role-muted; margin-top: 1; }
        &.-low #box { padding: 0 2; }
    }
    """

    def __init__(self, session: Session, plan: Plan, planner: Planner) -> None:
        super().__init__("Removing…", _BUSY)
        self._session = session
        self._plan = plan
        self._planner = planner
        self._rows = {row.key: ResultRow(row) for row in plan.chosen}
        self._cancellation = Cancellation()
        self._report: CleanReport | None = None
        self._over = False
        self._cells = CellLine()
        self._meter = Meter()
        self._table = LiveTable()
        self._table.set_columns(RESULT_COLUMNS, None)
        self._ending = Static("", id="ending", markup=False)

    def compose_body(self) -> ComposeResult:
        """How far it is, the objects, and how it ended."""
        yield self._cells
        yield self._meter
        yield self._table
        yield self._ending

    def on_mount(self) -> None:
        """Begin."""
        self._ending.display = False
        self._fit(self.app.size.height)
        self._table.focus()
        self._show()
        self.run_worker(self._execute(), exit_on_error=False)

    def on_resize(self, event: Resize) -> None:
        """The list gets what is left of the height, and no more than it needs."""
        self._fit(event.size.height)

    def _fit(self, height: int) -> None:
        self.query_one("#box").styles.height = min(height * 94 // 100, len(self._rows) + _AROUND)

    def on_unmount(self) -> None:
        """Nothing more is removed once nobody sees it."""
        self._cancellation.cancel()

    async def _execute(self) -> None:
        loop = asyncio.get_running_loop()

        def told(progress: CleanProgress) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody looks any more
                loop.call_soon_threadsafe(self._progressed, progress)

        session = self._session
        try:
            future = session.background.submit(
                session.clean, self._plan, told, self._cancellation, self._planner
            )
            self._end(await asyncio.wrap_future(future))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said here
            self._fail(explained(error))

    # What is shown

    def _progressed(self, progress: CleanProgress) -> None:
        if self._over:
            return
        key = progress.row.key
        self._rows[key] = ResultRow(progress.row, progress.result, begun=True)
        self._show()
        self._table.go_to(_line_id(key))

    def _show(self) -> None:
        rows = self._rows
        lines = [
            TableLine(_line_id(key), tuple(column.cell(row) for column in RESULT_COLUMNS))
            for key, row in rows.items()
        ]
        self._table.show(lines)
        results = [row.result for row in rows.values() if row.result is not None]
        freed = sum(found.bytes or 0 for found in results if found.fate is Fate.REMOVED)
        total = self._plan.total_bytes
        self._cells.show_cells(progress_cells(len(results), len(rows), freed, total))
        self._meter.show(len(results) / max(1, len(rows)), "")

    def _end(self, report: CleanReport) -> None:
        self._report, self._over = report, True
        for result in report.results:
            self._rows[result.row.key] = ResultRow(result.row, result)
        self._show()
        self._cells.show_cells(report_cells(report))
        self._table.action_cursor_first()
        self._finish("Removed" if report.complete else "Not all was removed", ending(report))

    def _fail(self, words: str) -> None:
        self._over = True
        self._finish("It could not be done", clean(words, 2000))

    def _finish(self, title: str, words: str) -> None:
        self._ending.update(words)
        self._ending.display = bool(words)
        self.query_one("#title", Static).update(title)
        self.query_one("#hint", Static).update(_DONE)

    # Keys

    def action_leave(self) -> None:
        """Stop between two objects; once it is over, close."""
        if self._over:
            self.dismiss(self._report)
            return
        self._cancellation.cancel()
        self.query_one("#hint", Static).update("Stopping after this one…")

    def action_copy(self) -> None:
        """Copy what came of it, in a line."""
        if self._report is not None:
            self.app.copy_to_clipboard(report_summary(self._report))
            self.notify("Copied the result", timeout=2)


def _line_id(key: Key) -> str:
    return f"{key[0].value}/{key[1]}"
