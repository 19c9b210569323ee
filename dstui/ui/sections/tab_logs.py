"""The Logs tab: of one container, or of all of a project."""

from collections.abc import Callable, Iterable

from textual.app import ComposeResult

from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.log_pane import LogPane


class LogsTab(DetailTab):
    """Follows the log while it is on screen."""

    TOPICS = frozenset({Topic.CONTAINERS})

    def __init__(self, session: Session, members: Callable[[str], Iterable[str]]) -> None:
        super().__init__(session)
        self._members = members
        self._pane = LogPane()

    def compose(self) -> ComposeResult:
        """The log."""
        yield self._pane

    def present(self) -> None:
        """Follow what is under the cursor; a heading stands for all that it heads."""
        ids = self._members(self.object_id) if self.object_id is not None else ()
        found = [self.session.store.container(identifier) for identifier in ids]
        self._pane.show(self.session, [container for container in found if container])

    def leave(self) -> None:
        """Read no more."""
        self._pane.stop()
