"""The self-test while it runs: its steps, the details of one, and where the fault is."""

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from dstui.background import Cancellation
from dstui.domain.selftest.compute_rules import WHAT_IT_TAKES
from dstui.domain.selftest.step import SelfTestReport, Step, StepResult, Target
from dstui.domain.selftest.steps import steps_for
from dstui.domain.text import clean
from dstui.render.column import Cell, Role
from dstui.render.selftest import COLUMNS, StepRow, details, report_text, verdict_cell, worst_step
from dstui.session import Session
from dstui.ui.screens.dialog import Dialog
from dstui.ui.widgets.facts_view import FactsView
from dstui.ui.widgets.live_table import LiveTable, TableLine

_HINT = "y copy the report   ctrl+r again   Tab details   Esc cancel, then back"


class SelfTestScreen(Dialog[None]):
    """Runs it once when it is opened. The cursor goes with the steps until it is moved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", show=False),
        Binding("y", "copy", show=False),
        Binding("ctrl+r", "again", show=False),
        Binding("tab", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    SelfTestScreen {
        #box { width: 140; max-width: 96%; height: 94%; }
        #verdict { height: auto; margin-bottom: 1; }
        LiveTable { height: 2fr; background: $surface; }
        FactsView { height: 1fr; min-height: 7; margin-top: 1; background: $surface; }
    }
    """

    def __init__(self, session: Session, target: Target) -> None:
        about = f" of {clean(target.name)}" if target.name else " of this machine"
        super().__init__(f"Self-test{about}", _HINT)
        self._session = session
        self._target = target
        self._rows: dict[str, StepRow] = {}
        self._verdict = Static(id="verdict", markup=False)
        self._table = LiveTable()
        self._table.set_columns(COLUMNS, None)
        self._facts = FactsView()
        self._cancellation = Cancellation()
        self._report: SelfTestReport | None = None
        self._testing = False

    def compose_body(self) -> ComposeResult:
        """The verdict, the steps and the details of one."""
        yield self._verdict
        yield self._table
        yield self._facts

    def on_mount(self) -> None:
        """Begin."""
        self._table.focus()
        self.action_again()

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        self._cancellation.cancel()

    # The run

    def action_again(self) -> None:
        """Run it, unless it runs."""
        if self._testing:
            return
        self._testing = True
        self._report = None
        self._cancellation = Cancellation()
        self._rows = {step.id: StepRow(step) for step in steps_for(self._target)}
        self._say(Cell("Testing…", Role.ACCENT))
        self._show()
        self._table.action_cursor_first()
        self.run_worker(self._run(self._cancellation), exit_on_error=False)

    async def _run(self, cancellation: Cancellation) -> None:
        loop = asyncio.get_running_loop()

        def report(step: Step, result: StepResult | None) -> None:
            loop.call_soon_threadsafe(self._stepped, step, result, cancellation)

        background = self._session.background
        try:
            allowed = await self._may_use_memory()
            job = background.submit(
                self._session.self_test, self._target, report, cancellation, allowed
            )
            self._report = await asyncio.wrap_future(job)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said on the screen
            self._say(Cell(clean(f"The self-test failed: {error}"), Role.BAD))
        else:
            found = self._report
            self._say(verdict_cell(found.verdict, self._target, found.results))
            if worst := worst_step(found.results):
                self._table.go_to(worst.id)
        finally:
            self._testing = False

    async def _may_use_memory(self) -> bool:
        """Whether memory may be taken of GPUs on which somebody works: ask where that is so."""
        job = self._session.background.submit(self._session.busy_gpus, self._target)
        busy = await asyncio.wrap_future(job)
        if not busy:
            return True
        from dstui.ui.screens.confirm import Affected, ConfirmScreen, Question

        question = Question(
            "These GPUs are in use",
            "Take memory",
            tuple(Affected(clean(line)) for line in busy),
            note=f"The self-test would compute on them for a second and take {WHAT_IT_TAKES}. "
            "Without that it tests all but computing.",
        )
        answer: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        self.app.push_screen(ConfirmScreen(question), answer.set_result)
        return bool(await answer)

    def _stepped(self, step: Step, result: StepResult | None, run: Cancellation) -> None:
        if not self.is_attached or run is not self._cancellation:
            return
        followed = self._table.cursor_id in (None, self._latest)
        self._rows[step.id] = StepRow(step, result, running=result is None)
        self._show()
        if followed:
            self._table.go_to(step.id)

    @property
    def _latest(self) -> str:
        """The step that was told of last, or the first."""
        begun = [key for key, row in self._rows.items() if row.result or row.running]
        return begun[-1] if begun else next(iter(self._rows), "")

    # What is seen

    def _show(self) -> None:
        self._table.show(
            [
                TableLine(key, tuple(column.cell(row) for column in COLUMNS))
                for key, row in self._rows.items()
            ]
        )
        self._show_details()

    def _show_details(self) -> None:
        row = self._rows.get(self._table.cursor_id or "")
        self._facts.show(details(row) if row else ())

    @on(LiveTable.Highlighted)
    def _highlighted(self) -> None:
        self._show_details()

    def _say(self, cell: Cell) -> None:
        self._verdict.update(Content.styled(cell.text, f"bold $role-{cell.role.value}"))

    # Keys

    def action_leave(self) -> None:
        """Cancel what runs, or close."""
        if self._testing and not self._cancellation.called:
            self._cancellation.cancel()
            self._say(Cell("Cancelling…", Role.WARNING))
        else:
            self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the whole report."""
        if self._report is None:
            self.notify("It is not done yet", timeout=2)
            return
        found = self._report
        self.app.copy_to_clipboard(report_text(self._target, found.results, found.verdict))
        self.notify("Copied the report", timeout=2)
