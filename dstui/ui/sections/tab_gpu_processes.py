"""The Processes tab of a GPU; enter goes to the process's container."""

from dstui.domain.kind import Kind
from dstui.domain.owner import owner_of
from dstui.render.gpus import PROCESS_COLUMNS, GpuProcessRow
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
        self.table.empty = "No process holds it"

    def present(self) -> None:
        """Show the processes of the latest sample."""
        report = self.session.store.gpu_report
        gpus = report.gpus if report else ()
        gpu = next((gpu for gpu in gpus if gpu.id == self.object_id), None)
        rows = []
        for process in gpu.processes if gpu else ():
            identifier = process.container_id
            container = self.session.store.container(identifier) if identifier else None
            owner = owner_of(container, self.session.config.owner_labels) if container else None
            if gpu is not None:
                rows.append((str(process.pid), GpuProcessRow(process, gpu, container, owner)))
        self.show_rows(rows)

    def open_row(self, identifier: str, row: GpuProcessRow) -> None:
        """Go to the container."""
        if row.container is not None:
            self.post_message(Section.Jump(Kind.CONTAINER, row.container.id))
