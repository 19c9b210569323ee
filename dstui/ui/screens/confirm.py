"""Ask before something is lost: the exact objects, whose they are, and what goes with them."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from dstui.ui.screens.dialog import Dialog

Measure = Callable[[], "Future[str]"]


@dataclass(frozen=True, slots=True)
class Affected:
    """One object that the action touches. `measure` starts a slow look at what more is lost."""

    name: str
    about: str = ""
    owner: str = ""
    """Whose it is, when it is not yours."""
    losses: tuple[str, ...] = ()
    measure: Measure | None = None
    measuring: str = "measuring what it has written…"


@dataclass(frozen=True, slots=True)
class Question:
    """What is about to happen. `verb` is the word on the button."""

    title: str
    verb: str
    affected: tuple[Affected, ...]
    commands: tuple[str, ...] = ()
    note: str = ""


class ConfirmScreen(Dialog[bool]):
    """Answers `True` only for a deliberate yes: the button that does nothing has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", show=False),
        Binding("n", "leave", show=False),
        Binding("c,C", "copy", show=False),
        Binding("left,h,right,l", "other_button", show=False),
        Binding("j,down", "scroll_objects(1)", show=False),
        Binding("k,up", "scroll_objects(-1)", show=False),
    ]
    DEFAULT_CSS = """
    ConfirmScreen {
        #box { width: 84; max-width: 94%; }
        #objects { height: auto; max-height: 16; min-height: 1; }
        .affected { height: auto; }
        #note { height: auto; color: $role-warning; margin-top: 1; }
        #commands {
            height: auto; max-height: 8; margin-top: 1; padding: 0 1;
            background: $panel; color: $role-number;
        }
        #buttons { height: 1; margin-top: 1; align-horizontal: right; }
        Button {
            height: 1; min-width: 12; border: none; margin-left: 2; padding: 0 2;
            background: $panel; color: $foreground; text-style: none;
        }
        Button:focus {
            background: $role-cursor-background; color: $role-cursor-foreground; text-style: bold;
        }
        #yes { color: $role-bad; }
        #yes:focus { background: $error; color: $background; }
    }
    """

    def __init__(self, question: Question) -> None:
        copy = "   c copy the commands" if question.commands else ""
        super().__init__(question.title, f"y yes   n no{copy}")
        self._question = question

    def compose_body(self) -> ComposeResult:
        """The objects, the note, the command lines, the buttons."""
        with VerticalScroll(id="objects", can_focus=False):
            for affected in self._question.affected:
                yield Static(_described(affected), classes="affected")
        if self._question.note:
            yield Static(self._question.note, id="note", markup=False)
        if self._question.commands:
            with VerticalScroll(id="commands", can_focus=False):
                yield Static("\n".join(self._question.commands), markup=False)
        with Horizontal(id="buttons"):
            yield Button("Cancel", id="no", compact=True)
            yield Button(Content(self._question.verb), id="yes", compact=True)

    def on_mount(self) -> None:
        """Cancel is the default; the slow looks start."""
        self.query_one("#no").focus()
        for affected, line in zip(
            self._question.affected, self.query(".affected").results(Static), strict=True
        ):
            if affected.measure is not None:
                self.run_worker(self._measure(affected, line), exit_on_error=False)

    async def _measure(self, affected: Affected, line: Static) -> None:
        if affected.measure is None:
            return
        line.update(_described(affected, affected.measuring))
        try:
            found = await asyncio.wrap_future(affected.measure())
        except Exception as error:  # noqa: BLE001 - what could not be measured is said, not hidden
            found = f"not known: {error}"
        line.update(_described(affected, found))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_yes(self) -> None:
        """Do it."""
        self.dismiss(True)

    def action_other_button(self) -> None:
        """Move between the two buttons."""
        self.focus_next("Button")

    def action_scroll_objects(self, by: int) -> None:
        """See the rest of a long list."""
        self.query_one("#objects").scroll_relative(y=by, animate=False)

    def action_copy(self) -> None:
        """Copy the command lines, if there are any."""
        if not self._question.commands:
            return
        self.app.copy_to_clipboard("\n".join(self._question.commands))
        self.app.notify("Copied the docker commands", timeout=2)


def _described(affected: Affected, measured: str = "") -> Content:
    parts: list[Content | tuple[str, str]] = [(affected.name, "bold $role-strong")]
    if affected.about:
        parts.append((f"  {affected.about}", "$role-muted"))
    if affected.owner:
        parts.append((f"  belongs to {affected.owner}", "bold $role-warning"))
    losses: Sequence[str] = (*affected.losses, measured) if measured else affected.losses
    parts.extend((f"\n  {loss}", "$role-warning") for loss in losses)
    return Content.assemble(*parts)
