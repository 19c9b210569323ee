"""What is not live and what cannot be read, with the reasons that the header has no room for."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from dstui.domain.text import clean
from dstui.ui.screens.dialog import Dialog

_MOST = 200


class TroublesScreen(Dialog[None]):
    """Lists them; it scrolls like every list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("exclamation_mark,q", "leave", show=False),
        Binding("j", "scroll_by(1)", show=False),
        Binding("k", "scroll_by(-1)", show=False),
    ]
    DEFAULT_CSS = """
    TroublesScreen {
        #troubles { width: 80; max-width: 100%; height: auto; max-height: 100%; }
        #troubles Static { height: auto; }
    }
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("What is wrong", "Esc back")
        self._lines = lines

    def compose_body(self) -> ComposeResult:
        """A line for each."""
        with VerticalScroll(id="troubles"):
            if not self._lines:
                yield Static("Everything is live, and everything can be read.", markup=False)
            for line in self._lines[:_MOST]:
                yield Static(clean(line), markup=False)
            if len(self._lines) > _MOST:
                yield Static(f"… and {len(self._lines) - _MOST} more", markup=False)

    def on_mount(self) -> None:
        """Ready to scroll."""
        self.query_one("#troubles").focus()

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#troubles").scroll_relative(y=lines, animate=False)
