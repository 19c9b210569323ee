"""The Used by tab: the containers that hold on to an object; enter goes there."""

from collections.abc import Callable, Iterable

from dstui.domain.container import Container
from dstui.domain.kind import Kind
from dstui.render.containers import COLUMNS, ContainerRow
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.section import Section
from dstui.ui.sections.tab_table import TableTab

_SHOWN = ("state", "name", "image", "status")


class UsedByTab(TableTab[ContainerRow]):
    """Containers, by what `users_of` finds for the id of an object."""

    TOPICS = frozenset({Topic.CONTAINERS})

    def __init__(
        self,
        session: Session,
        users_of: Callable[[str], Iterable[Container]],
        now: Callable[[], float],
    ) -> None:
        super().__init__(session, [c for c in COLUMNS if c.key in _SHOWN], sort="name")
        self._users_of = users_of
        self._now = now
        self.table.empty = "No container uses it"

    def present(self) -> None:
        """Show who uses it now."""
        users = self._users_of(self.object_id) if self.object_id is not None else ()
        self.show_rows((user.id, ContainerRow(user, now=self._now())) for user in users)

    def open_row(self, identifier: str, row: ContainerRow) -> None:
        """Go to the container."""
        self.post_message(Section.Jump(Kind.CONTAINER, identifier))
