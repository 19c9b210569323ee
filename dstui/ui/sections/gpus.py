"""The GPUs, what computes on them, or why there is none."""

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from dstui.domain.kind import Kind
from dstui.render.facts import FactGroup
from dstui.render.gpus import COLUMNS, GpuRow, empty_reason, overview
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.jobs import Jobs
from dstui.ui.keys import Scope
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
    DEFAULT_CSS = """
    GpusSection {
        #why { display: none; height: auto; padding: 1 3; color: $role-muted; }
        &.-none #why { display: block; }
        &.-none > LiveTable, &.-none > DetailPane { visibility: hidden; }
    }
    """

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__(session, jobs)
        self._why = Static(id="why")

    def rows(self) -> Iterable[tuple[str, GpuRow]]:
        """One row a device."""
        report = self.session.store.gpu_report
        if report is not None:
            now = self.now()
            for gpu in report.gpus:
                yield gpu.id, GpuRow(gpu, report, now)

    def compose(self) -> ComposeResult:
        """The reason why there is no GPU has more to say than fits a line."""
        yield self._why
        yield from super().compose()

    def redraw(self) -> None:
        """The list, or why there is none."""
        super().redraw()
        report = self.session.store.gpu_report
        self.set_class(not (report and report.gpus), "-none")
        self._why.update(Content(empty_reason(report)))

    def title_of(self, row: GpuRow) -> str:
        """Index and name."""
        return f"{row.gpu.index} {row.gpu.name}"

    def command_for(self, row: GpuRow) -> str:
        """The command that shows it."""
        return f"nvidia-smi --query --id={row.gpu.id.removeprefix('nvidia:')}"

    # Details

    def tabs(self) -> Sequence[TabSpec]:
        """What there is to know of a GPU."""
        return (
            TabSpec("Processes", self._processes_tab),
            overview_tab(self),
        )

    def facts(self, row: GpuRow) -> tuple[FactGroup, ...]:
        """What the overview says."""
        return overview(row)

    def _processes_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_gpu_processes import GpuProcessesTab

        return GpuProcessesTab(self.session)
