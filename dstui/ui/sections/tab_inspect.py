"""The Inspect tab: the engine's own description of an object."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from dstui.domain.kind import Kind
from dstui.session import Session
from dstui.store import TOPIC_OF_KIND, Topic
from dstui.ui.sections.tab import DetailTab, explained
from dstui.ui.widgets.json_view import JsonView


class InspectTab(DetailTab):
    """Reads the description when it is looked at, and again when the object has changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False),
        Binding("escape", "leave_search", show=False),
    ]
    DEFAULT_CSS = """
    InspectTab > Input, InspectTab > Input:focus {
        height: 1; border: none; padding: 0 1; background: $panel;
    }
    """

    def __init__(self, session: Session, kind: Kind) -> None:
        super().__init__(session)
        self.TOPICS = frozenset({TOPIC_OF_KIND[kind]})
        self._kind = kind
        self._view = JsonView()
        self._read: object = None

    def compose(self) -> ComposeResult:
        """The JSON, and the line for a search."""
        yield self._view
        search = Input(placeholder="search the JSON; n and N move between the hits")
        search.display = False
        yield search

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
        self.start(partial(self._load, self.object_id))

    async def _load(self, identifier: str) -> None:
        try:
            found = await self.ask(self.session.inspect, self._kind, identifier)
        except Exception as error:  # noqa: BLE001 - said in the tab
            self.note(f"Cannot inspect: {explained(error)}")
            return
        self.note("")
        self._view.show(found)

    # Search

    def action_search(self) -> None:
        """Write what to look for."""
        line = self.query_one(Input)
        line.display = True
        self.screen.set_focus(line)  # before the next key, which else would be a command

    def action_leave_search(self) -> None:
        """Look for nothing any more."""
        line = self.query_one(Input)
        if not line.display:
            raise SkipAction
        line.display = False
        line.value = ""
        self._view.focus()

    @on(Input.Changed)
    def _search_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._view.search(event.value)

    @on(Input.Submitted)
    def _search_accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self._view.focus()

    @on(JsonView.Searched)
    def _searched(self, event: JsonView.Searched) -> None:
        text = self.query_one(Input).value
        self.note(f"{event.current} of {event.total} hits for {text!r}" if text else "")
