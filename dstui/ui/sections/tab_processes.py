"""The Processes tab: `docker top`, read again while it is looked at."""

from functools import partial

from textual.timer import Timer

from dstui.render.processes import ProcessRow, process_columns, process_rows
from dstui.session import Session
from dstui.ui.sections.tab import explained
from dstui.ui.sections.tab_table import TableTab

EVERY_S = 2.0


class ProcessesTab(TableTab[ProcessRow]):
    """The processes of a container, as the host sees them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._timer: Timer | None = None

    def show_object(self, identifier: str | None) -> None:
        """Ask at once, then every few seconds."""
        if identifier != self.object_id:
            self.show_rows(())
        super().show_object(identifier)
        if self._timer is None:
            self._timer = self.set_interval(EVERY_S, self.present)

    def leave(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def present(self) -> None:
        """Ask, unless there is nothing to ask for."""
        container = self.session.store.container(self.object_id) if self.object_id else None
        if container is None or not container.alive:
            self.show_rows(())
            self.note("It is not running: it has no processes" if container else "")
            return
        self.start(partial(self._load, container.id))

    async def _load(self, identifier: str) -> None:
        try:
            found = await self.ask(self.session.top, identifier)
        except Exception as error:  # noqa: BLE001 - said in the tab
            self.note(f"Cannot read the processes: {explained(error)}")
            return
        if identifier == self.object_id:
            self.note("")
            self.set_columns(process_columns(found))
            self.show_rows(process_rows(found))
