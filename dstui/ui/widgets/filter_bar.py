"""One line to type a filter or a search into."""

from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class FilterBar(Horizontal):
    """Sends `Changed` at every key, `Closed` at Enter and, after it has emptied itself, at Esc.

    Its owner shows and hides it. What is wrong with the text, or how much it found, stands at the
    right.
    """

    DEFAULT_CSS = """
    FilterBar { height: 1; width: 1fr; background: $surface; }
    FilterBar > .prompt { width: auto; padding: 0 1; color: $role-accent; text-style: bold; }
    FilterBar > Input, FilterBar > Input:focus {
        width: 1fr; height: 1; border: none; padding: 0;
        background: $surface; background-tint: $surface 0%;
    }
    FilterBar > .note { width: auto; max-width: 60%; padding: 0 1; color: $role-muted; }
    FilterBar > .note.-error { color: $role-bad; }
    """

    class Changed(Message):
        """Other text than before."""

        def __init__(self, bar: "FilterBar", text: str) -> None:
            super().__init__()
            self.bar = bar
            self.text = text

        @property
        def control(self) -> "FilterBar":
            """The bar that sent it."""
            return self.bar

    class Closed(Message):
        """No more is typed; `text` stays in force."""

        def __init__(self, bar: "FilterBar", text: str) -> None:
            super().__init__()
            self.bar = bar
            self.text = text

        @property
        def control(self) -> "FilterBar":
            """The bar that sent it."""
            return self.bar

    def __init__(
        self,
        prompt: str = "/",
        *,
        placeholder: str = "",
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._prompt = Static(prompt, classes="prompt", markup=False)
        self._input = _Line(placeholder=placeholder)
        self._note = Static("", classes="note", markup=False)
        self._told = ""

    def compose(self) -> ComposeResult:
        """The prompt, the text, the note."""
        yield self._prompt
        yield self._input
        yield self._note

    @property
    def text(self) -> str:
        """What is typed. Setting it tells nobody."""
        return self._input.value

    @text.setter
    def text(self, text: str) -> None:
        self._told = self._input.value = text
        self._input.cursor_position = len(text)

    @property
    def error(self) -> str:
        """What is wrong with the text; empty when it is right."""
        return str(self._note.content) if self._note.has_class("-error") else ""

    @error.setter
    def error(self, text: str) -> None:
        self.say(text, error=bool(text))

    def say(self, note: str, error: bool = False) -> None:
        """Show a note at the right."""
        self._note.set_class(error, "-error")
        self._note.update(note)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Take the keys."""
        self._input.focus(scroll_visible)
        return self

    def clear(self) -> None:
        """Empty the text, and tell of it at once."""
        self._input.value = ""
        self._tell("")

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self.post_message(self.Changed(self, text))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self.text:  # else it has been overtaken
            self._tell(event.value)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._tell(self.text)
        self.post_message(self.Closed(self, self.text))


class _Line(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Close", show=False)]

    def action_leave(self) -> None:
        """No filter any more."""
        bar = self.parent
        if isinstance(bar, FilterBar):
            bar.clear()
            bar.post_message(FilterBar.Closed(bar, ""))
