"""The Environment tab: values hold secrets, so they are masked until asked for."""

from textual.app import ComposeResult

from dstui.render.containers import environment
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.facts_view import FactsView


class EnvironmentTab(DetailTab):
    """The variables of a container; another container is masked again."""

    TOPICS = frozenset({Topic.CONTAINERS})

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._view = FactsView()
        self._revealed = False

    def compose(self) -> ComposeResult:
        """The variables."""
        yield self._view

    def show_object(self, identifier: str | None) -> None:
        """Mask what another container has."""
        if identifier != self.object_id:
            self._revealed = False
        super().show_object(identifier)

    def leave(self) -> None:
        """Mask them again: nobody looks."""
        self._revealed = False

    def toggle_reveal(self) -> None:
        """Show the values, or mask them."""
        self._revealed = not self._revealed
        self.present()

    def present(self) -> None:
        """Show the names and, if asked for, the values."""
        container = self.session.store.container(self.object_id) if self.object_id else None
        self._view.show(environment(container, self._revealed) if container else ())
        if container is not None:
            self.note("Values are masked: v shows them" if not self._revealed else "v masks them")
