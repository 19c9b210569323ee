"""The GPUs, what computes on them, or why there is none."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_free import free_gpus, shell_argument, why_not_free
from dstui.domain.kind import Kind
from dstui.render.container_text import gpu_index
from dstui.render.facts import FactGroup
from dstui.render.gpu_facts import overview
from dstui.render.gpus import COLUMNS, GpuRow, empty_reason, instances_of
from dstui.render.rows import gpu_rows
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.jobs import Jobs
from dstui.ui.keys import COMMANDS, Scope, bindings, keys_of, shown
from dstui.ui.sections.detail import TabSpec
from dstui.ui.sections.section import Section
from dstui.ui.sections.standard_tabs import overview_tab
from dstui.ui.sections.tab import DetailTab


class GpusSection(Section[GpuRow]):
    """The list of GPUs. No driver or no GPU is a normal state that is explained."""

    KIND = Kind.GPU
    SCOPE = Scope.GPUS
    NAME = "gpus"
    TOPICS = frozenset({Topic.GPUS, Topic.CONNECTION})
    COLUMNS = COLUMNS
    SORT = "index"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.GPUS)]
    DEFAULT_CSS = """
    GpusSection {
        #why { display: none; height: auto; padding: 1 3; color: $role-muted; }
        &.-none #why, &.-elsewhere #why { display: block; }
        &.-none > LiveTable { height: 0; }
        &.-none > DetailPane { visibility: hidden; }
    }
    """

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__(session, jobs)
        self._why = Static(id="why")
        self.listing.parts_of = instances_of

    def rows(self) -> Iterable[tuple[str, GpuRow]]:
        """One row a GPU, which has those of its MIG instances."""
        config = self.session.config
        idle_after_s = 60 * config.gpu_idle_minutes
        return gpu_rows(self.session.store, time.time(), config.owner_labels, idle_after_s)

    def compose(self) -> ComposeResult:
        """The reason why there is no GPU has more to say than fits a line."""
        yield self._why
        yield from super().compose()

    def redraw(self) -> None:
        """The list, or why there is none."""
        super().redraw()
        report = self.session.store.gpu_report
        self.set_class(not (report and report.gpus), "-none")
        self.set_class(bool(report and report.gpus and report.elsewhere), "-elsewhere")
        self._why.update(Content(self._explained(report)))

    def _explained(self, report: GpuReport | None) -> str:
        if report is not None and report.gpus:
            return f"These are not the engine's GPUs: {report.unjoined}" if report.elsewhere else ""
        reason = empty_reason(report)
        if report is None or not report.released:
            return reason
        command = next(c for c in COMMANDS if c.id == "gpu.release")
        keys = keys_of(command, self.session.config.keys)
        return f"{reason} {' or '.join(map(shown, keys))} takes it back."

    def title_of(self, row: GpuRow) -> str:
        """Index and name."""
        return f"{gpu_index(row.gpu, row.report)} {row.gpu.name}"

    def command_for(self, row: GpuRow) -> str:
        """The command that shows it."""
        return f"nvidia-smi --query --id={row.gpu.id.removeprefix('nvidia:')}"

    def action_gpu_selftest(self) -> None:
        """Test whether it works, from the driver to a container; without a GPU, the engine."""
        from dstui.domain.selftest.step import Target
        from dstui.ui.screens.selftest import SelfTestScreen

        row = self.row
        target = Target(Kind.GPU, row.gpu.id, self.title_of(row)) if row else Target()
        self.app.push_screen(SelfTestScreen(self.session, target))

    # Details

    def tabs(self) -> Sequence[TabSpec]:
        """What there is to know of a GPU."""
        return (
            TabSpec("Processes", self._processes_tab),
            overview_tab(self),
            TabSpec("History", self._history_tab),
        )

    def facts(self, row: GpuRow) -> tuple[FactGroup, ...]:
        """What the overview says."""
        return overview(row)

    def _processes_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_gpu_processes import GpuProcessesTab

        return GpuProcessesTab(self.session)

    def _history_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_gpu_history import GpuHistoryTab

        return GpuHistoryTab(self.session)

    # Acting

    def action_gpu_copy_free(self) -> None:
        """Copy what gives a new container the GPUs that nobody uses."""
        report = self.session.store.gpu_report
        free = free_gpus(report)
        if free:
            self._copy(shell_argument(free))
            return
        if report is not None and report.elsewhere:
            said = f"The engine's GPUs are not read from here: {report.unjoined}"
            self.notify(said, severity="warning", markup=False)
            return
        reasons = [f"{g.index}: {why_not_free(g)}" for g in (report.gpus if report else ())]
        self.notify("\n".join(["No GPU is free", *reasons]), severity="warning", markup=False)

    async def action_gpu_release(self) -> None:
        """Let go of the driver, or take it back."""
        future = self.session.background.submit(self.session.toggle_gpu_release)
        if await asyncio.wrap_future(future):
            self.notify("The GPU driver is released; the same key takes it back", markup=False)
