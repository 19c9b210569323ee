"""Ask for one line of text."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from dstui.ui.screens.dialog import Dialog


class PromptScreen(Dialog[str]):
    """Answers the text; `wrong_with` tells why a text will not do, or nothing."""

    DEFAULT_CSS = """
    PromptScreen #wrong { color: $role-bad; width: 60; max-width: 100%; height: auto; }
    """

    def __init__(
        self,
        title: str,
        value: str = "",
        placeholder: str = "",
        wrong_with: Callable[[str], str] = lambda _text: "",
        hint: str = "Enter accept   Esc back",
    ) -> None:
        super().__init__(title, hint)
        self._value = value
        self._placeholder = placeholder
        self._wrong_with = wrong_with

    def compose_body(self) -> ComposeResult:
        """The line and what is wrong with it."""
        yield Input(self._value, placeholder=self._placeholder)
        yield Static("", id="wrong", markup=False)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self.query_one("#wrong", Static).update(self._wrong_with(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if not self._wrong_with(event.value):
            self.dismiss(event.value)
