"""What all dialogs share: a quiet box in the middle, a title, escape to leave."""

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from dstui.ui.told_compositor import TellsAll

ResultT = TypeVar("ResultT")


class Dialog(TellsAll, ModalScreen[ResultT | None], Generic[ResultT]):
    """A box over the main screen. A subclass fills `compose_body`; leaving it answers `None`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", show=False),
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        #box {
            width: auto;
            min-width: 44;
            max-width: 90%;
            height: auto;
            max-height: 90%;
            padding: 1 2;
            background: $surface;
            border: round $role-muted;
        }
        #box:focus-within { border: round $role-accent; }
        #title {
            width: auto; max-width: 100%; text-wrap: nowrap; text-overflow: ellipsis;
            text-style: bold; color: $role-strong; margin-bottom: 1;
        }
        #hint { width: auto; color: $role-muted; margin-top: 1; }
        Input, Input:focus {
            height: 1; width: 60; max-width: 100%; border: none; padding: 0 1;
            background: $panel;
        }
        OptionList, OptionList:focus {
            width: auto; min-width: 40; max-width: 100%; height: auto; max-height: 24;
            border: none; padding: 0; background: $surface; background-tint: $surface 0%;
        }
    }
    """

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__()
        self._title = title
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Title, body, hint."""
        with Vertical(id="box"):
            yield Static(self._title, id="title", markup=False)
            yield from self.compose_body()
            if self._hint:
                yield Static(self._hint, id="hint", markup=False)

    def compose_body(self) -> ComposeResult:
        """What the dialog is about."""
        yield from ()

    def action_leave(self) -> None:
        """Close it with no answer."""
        self.dismiss(None)
