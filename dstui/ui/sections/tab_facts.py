"""The Overview tab, and every other that shows labelled facts."""

from collections.abc import Callable, Iterable

from textual.app import ComposeResult

from dstui.render.facts import FactGroup
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.facts_view import FactsView

FactsOf = Callable[[str], tuple[FactGroup, ...] | None]
"""The facts of the object of this id, `None` when there is no such object."""


class FactsTab(DetailTab):
    """Facts that the store knows: no request is made for them."""

    def __init__(self, session: Session, facts_of: FactsOf, topics: Iterable[Topic]) -> None:
        super().__init__(session)
        self.TOPICS = frozenset(topics)
        self._facts_of = facts_of
        self._view = FactsView()

    def compose(self) -> ComposeResult:
        """The facts."""
        yield self._view

    def present(self) -> None:
        """Show the facts as they are now."""
        groups = self._facts_of(self.object_id) if self.object_id is not None else None
        self._view.show(tuple(group for group in groups or () if group.facts))
