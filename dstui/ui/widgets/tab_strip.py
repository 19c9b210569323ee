"""One line of names of which one is chosen, by key or by click."""

from collections.abc import Sequence

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

_GAP = 2


class TabStrip(Widget):
    """Names side by side after an optional title; a click sends `Chosen`."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TabStrip { height: 1; padding: 0 1; background: $surface; color: $role-muted; }
    """

    active: reactive[int] = reactive(0)
    title: reactive[str] = reactive("")

    class Chosen(Message):
        """A name was clicked."""

        def __init__(self, strip: "TabStrip", index: int) -> None:
            super().__init__()
            self.strip = strip
            self.index = index

    def __init__(
        self, names: Sequence[str], id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._names: tuple[Content, ...] = tuple(Content(name) for name in names)

    def set_names(self, names: Sequence[Content]) -> None:
        """Other names, when their text has changed."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self.refresh()

    def render(self) -> RenderResult:
        """The title, then the names."""
        parts: list[Content | str | tuple[str, str]] = []
        if self.title:
            parts += [(self.title, "bold $role-strong"), " " * _GAP]
        for index, name in enumerate(self._names):
            style = "bold $role-accent" if index == self.active else "$role-muted"
            parts += [name.stylize_before(style), " " * _GAP]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Choose what is under the mouse."""
        x = self.gutter.left
        if self.title:
            x += Content(self.title).cell_length + _GAP
        for index, name in enumerate(self._names):
            end = x + name.cell_length
            if x <= event.x < end:
                self.post_message(self.Chosen(self, index))
                return
            x = end + _GAP
