"""Pick one of a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from dstui.ui.screens.dialog import Dialog


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list: what is answered, what is shown, and what it means."""

    value: str
    title: str
    help: str = ""


class ChooseScreen(Dialog[str]):
    """Answers the value of the chosen line; `preview` is called as the cursor moves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        selected: str = "",
        preview: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(title, "Enter choose   Esc back")
        self._choices = choices
        self._selected = selected
        self._preview = preview

    def compose_body(self) -> ComposeResult:
        """The list, which starts on the present value."""
        width = max((len(choice.title) for choice in self._choices), default=0) + 3
        options = OptionList(
            *(
                Option(
                    Content.assemble(
                        choice.title.ljust(width) if choice.help else choice.title,
                        (choice.help, "$role-muted"),
                    ),
                    id=f"choice-{number}",
                )
                for number, choice in enumerate(self._choices)
            )
        )
        options.highlighted = self._start()  # before the first key can come
        yield options

    def _start(self) -> int:
        """The line of the present value."""
        values = [choice.value for choice in self._choices]
        return values.index(self._selected) if self._selected in values else 0

    def action_move(self, by: int) -> None:
        """Move as in every list."""
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if self._preview is not None:
            self._preview(self._choices[event.option_index].value)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].value)
