"""All pulls, pushes, saves, loads and scans: how far each is, and what came of it."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from dstui.render.column import Cell, Column, Role
from dstui.render.facts import Fact, FactGroup
from dstui.render.transfers import layer_amount, layers_done, percent_done
from dstui.ui.long_jobs import JobState, LongJob, LongJobs
from dstui.ui.screens.dialog import Dialog
from dstui.ui.widgets.facts_view import FactsView
from dstui.ui.widgets.live_table import LiveTable, TableLine
from dstui.ui.widgets.transfer_list import SIGNS

_EVERY_S = 0.5
_MOST_ROWS = 8
_RUNNING = ("⠿", Role.ACCENT)


class TransfersScreen(Dialog[None]):
    """The newest first; the details of the one under the cursor below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X,q", "leave", show=False),
        Binding("x", "cancel", show=False),
        Binding("y", "copy", show=False),
        Binding("tab", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    TransfersScreen {
        #box { width: 116; max-width: 96%; height: 80%; }
        LiveTable { height: auto; max-height: 9; min-height: 3; background: $surface; }
        FactsView { height: 1fr; margin-top: 1; background: $surface; }
    }
    """

    def __init__(self, jobs: LongJobs) -> None:
        super().__init__("Transfers", "x cancel   y copy the pinned name   Tab details   Esc back")
        self._jobs = jobs
        self._table = LiveTable(empty="Nothing was pulled, pushed, saved, loaded or scanned yet")
        self._table.set_columns(_COLUMNS, None)
        self._facts = FactsView()
        self._timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """The list and the details."""
        yield self._table
        yield self._facts

    def on_mount(self) -> None:
        """Follow them while this is looked at."""
        self._table.focus()
        self._show()
        self.set_interval(_EVERY_S, self._show)

    def _show(self) -> None:
        newest = self._jobs.all[::-1]
        self._table.styles.height = min(_MOST_ROWS, max(2, len(newest))) + 1
        cells = ((job.key, tuple(c.cell(job) for c in _COLUMNS)) for job in newest)
        self._table.show([TableLine(key, row) for key, row in cells])
        job = self._job
        self._facts.show(tuple(_groups(job)) if job else ())

    @property
    def _job(self) -> LongJob | None:
        return next((job for job in self._jobs.all if job.key == self._table.cursor_id), None)

    @on(LiveTable.Highlighted)
    def _highlighted(self) -> None:
        self._show()

    def action_cancel(self) -> None:
        """End the one under the cursor."""
        if (job := self._job) is not None and job.state is JobState.RUNNING:
            job.cancellation.cancel()

    def action_copy(self) -> None:
        """Copy the name that always means these bytes; of what has none, the command."""
        if (job := self._job) is not None:
            text = job.pinned or job.command or job.title
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied {text}", timeout=3, markup=False)


def _sign(job: LongJob) -> Cell:
    return Cell(*SIGNS.get(job.state, _RUNNING))


def _how(job: LongJob) -> Cell:
    if job.state is JobState.RUNNING:
        return Cell(f"{percent_done(job.progress)}  {layers_done(job.progress)}", Role.NUMBER)
    return Cell(job.state.value, SIGNS[job.state][1])


_COLUMNS: tuple[Column[LongJob], ...] = (
    Column("state", "", cell=_sign, sort=lambda job: job.key, min_width=1, max_width=1),
    Column(
        "what",
        "WHAT",
        cell=lambda job: Cell(job.title, Role.STRONG),
        sort=lambda job: job.title,
        min_width=20,
        max_width=400,
        flexible=True,
    ),
    Column("how", "HOW FAR", cell=_how, sort=lambda job: job.key, min_width=9, max_width=24),
    Column(
        "time",
        "TIME",
        cell=lambda job: Cell(f"{job.seconds:.0f} s", Role.MUTED),
        sort=lambda job: job.seconds,
        min_width=6,
        max_width=8,
        right=True,
    ),
)


def _groups(job: LongJob) -> Iterator[FactGroup]:
    facts = [Fact("Command", (Cell(job.command, Role.NUMBER),))] if job.command else []
    if job.pinned:
        facts.append(Fact("Pinned", (Cell(job.pinned, Role.GOOD),)))
    facts += [Fact(label, (Cell(text),)) for label, text in job.details]
    if job.progress.message:
        facts.append(Fact("Engine said", (Cell(job.progress.message, Role.MUTED),)))
    yield FactGroup(job.told or job.title, tuple(facts))
    if layers := job.progress.layers:
        yield FactGroup(
            "Layers",
            tuple(
                Fact(layer.id, (Cell(f"{layer.status}   {layer_amount(layer)}".rstrip()),))
                for layer in layers
            ),
        )
