"""The Processes tab of a GPU; enter goes to the process's container."""

from dstui.domain.gpu import Gpu, GpuReport
from dstui.domain.kind import Kind
from dstui.render.gpu_processes import PROCESS_COLUMNS, GpuProcessRow
from dstui.render.rows import gpu_process_rows
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.section import Section
from dstui.ui.sections.tab_table import TableTab


class GpuProcessesTab(TableTab[GpuProcessRow]):
    """What holds the GPU."""

    TOPICS = frozenset({Topic.GPUS, Topic.CONTAINERS})

    def __init__(self, session: Session) -> None:
        columns = [column for column in PROCESS_COLUMNS if column.key != "gpu"]
        super().__init__(session, columns, sort="memory")

    def present(self) -> None:
        """Show the processes of the latest sample."""
        store, config = self.session.store, self.session.config
        report = store.gpu_report
        gpu = next((g for g in report.devices if g.id == self.object_id), None) if report else None
        if report is None or gpu is None:
            self.show_rows(())
            return
        self.note(f"Containers are not known: {report.unjoined}" if report.unjoined else "")
        self.table.empty = _nobody(gpu, report)
        rows = gpu_process_rows(
            store, config.owner_labels, report.time, 60 * config.gpu_idle_minutes
        )
        self.show_rows((i, row) for i, row in rows if row.gpu is gpu)

    def open_row(self, identifier: str, row: GpuProcessRow) -> None:
        """Go to the container."""
        if row.container is not None:
            self.post_message(Section.Jump(Kind.CONTAINER, row.container.id))


def _nobody(gpu: Gpu, report: GpuReport) -> str:
    """An empty list that does not look like nobody where it is merely not known."""
    if gpu.error:
        return f"Not known: {gpu.error}"
    if why := gpu.unknown.get("processes"):
        return f"Not known: {why}"
    if report.unjoined:
        return "The driver shows no process here, which need not mean that there is none"
    return "No process holds it"
