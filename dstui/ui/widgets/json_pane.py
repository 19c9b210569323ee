"""JSON with a line to search it."""

from typing import Any, ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from dstui.ui.widgets.filter_bar import FilterBar
from dstui.ui.widgets.json_view import JsonView


class JsonPane(Vertical):
    """`/` searches, `n` and `N` go to the next hit and the one before, Esc forgets the search."""

    DEFAULT_CSS = "JsonPane { height: 1fr; } JsonPane > FilterBar { display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("slash", "search", "Search", show=False)]

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.view = JsonView()
        self._bar = FilterBar(placeholder="search")

    def compose(self) -> ComposeResult:
        """The JSON and, below it, what is searched for."""
        yield self.view
        yield self._bar

    def show(self, value: Any) -> None:
        """Show this value; `None` shows nothing."""
        self.view.show(value)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Take the keys."""
        self.view.focus(scroll_visible)
        return self

    def action_search(self) -> None:
        """Type what to look for."""
        self._bar.display = True
        self._bar.focus()

    @on(FilterBar.Changed)
    def _search(self, event: FilterBar.Changed) -> None:
        event.stop()
        self.view.search(event.text)

    @on(FilterBar.Closed)
    def _searched(self, event: FilterBar.Closed) -> None:
        event.stop()
        self._bar.display = bool(event.text)
        self.view.focus()

    @on(JsonView.Searched)
    def _count(self, event: JsonView.Searched) -> None:
        event.stop()
        found = f"{event.current}/{event.total}" if event.total else "not found"
        self._bar.say(found if self._bar.text else "", error=not event.total)
