"""The Inspect tab: the engine's own description of an object."""

from textual.app import ComposeResult

from dstui.domain.kind import Kind
from dstui.session import Session
from dstui.store import TOPIC_OF_KIND, Topic
from dstui.ui.sections.tab import DetailTab, explained
from dstui.ui.widgets.json_view import JsonView


class InspectTab(DetailTab):
    """Reads the description when it is looked at, and again when the object has changed."""

    def __init__(self, session: Session, kind: Kind) -> None:
        super().__init__(session)
        self.TOPICS = frozenset({TOPIC_OF_KIND[kind]})
        self._kind = kind
        self._view = JsonView()
        self._read: object = None

    def compose(self) -> ComposeResult:
        """The JSON."""
        yield self._view

    def show_object(self, identifier: str | None) -> None:
        """Read it anew."""
        self.object_id, self._read = identifier, None
        self.present()

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """Read it anew if it is not the same any more."""
        if topics & self.TOPICS and self.object_id is not None:
            known = self.session.store.get(self._kind, self.object_id)
            if known is not self._read:
                self.present()

    def present(self) -> None:
        """Ask for it."""
        if self.object_id is None:
            self.note("")
            self._view.show(None)
            return
        self._read = self.session.store.get(self._kind, self.object_id)
        self.run_worker(self._load(self.object_id), exclusive=True, exit_on_error=False)

    async def _load(self, identifier: str) -> None:
        try:
            found = await self.ask(self.session.inspect, self._kind, identifier)
        except Exception as error:  # noqa: BLE001 - said in the tab
            self.note(f"Cannot inspect: {explained(error)}")
            return
        self.note("")
        self._view.show(found)
