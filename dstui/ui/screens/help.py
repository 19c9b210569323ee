"""The keys of the place where one is, made from the registry."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from dstui.ui.keys import MOVES, Chosen, Scope, commands_of, keys_of, shown
from dstui.ui.screens.dialog import Dialog

FILTER_HELP = (
    ("web prod", "lines that hold both words, in any column"),
    ("/train-[0-9]+/", "a regular expression"),
    ("owner:anna", "a word in one column"),
    ("cpu:>50", "a number in one column"),
    ("!exited", "lines without the word"),
)

Entry = tuple[str, str]


class HelpScreen(Dialog[None]):
    """Lists the commands of `scopes`; it scrolls like every list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q,f1", "leave", show=False),
        Binding("j", "scroll_by(1)", show=False),
        Binding("k", "scroll_by(-1)", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        #box { width: 84; max-width: 96%; height: auto; max-height: 92%; }
        #keys { height: auto; max-height: 100%; }
        #keys Static { height: auto; }
    }
    """

    def __init__(self, scopes: Sequence[Scope], chosen: Chosen, read_only: bool) -> None:
        super().__init__("Keys", "Every key can be set in config.toml under [keys]   Esc back")
        self._scopes = scopes
        self._chosen = chosen
        self._read_only = read_only

    def compose_body(self) -> ComposeResult:
        """A group for each scope, then what belongs to all lists."""
        with VerticalScroll(id="keys"):
            for scope in self._scopes:
                yield Static(_group(scope.value, self._entries(scope)))
            yield Static(_group("Moving", MOVES))
            yield Static(_group("Filter", FILTER_HELP))

    def _entries(self, scope: Scope) -> list[Entry]:
        return [
            (
                " ".join(shown(key) for key in keys_of(command, self._chosen)),
                f"{command.title}: {command.help}",
            )
            for command in commands_of([scope], self._read_only)
        ]

    def on_mount(self) -> None:
        """Ready to scroll."""
        self.query_one("#keys").focus()

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#keys").scroll_relative(y=lines, animate=False)


def _group(title: str, entries: Sequence[Entry]) -> Content:
    width = max((len(keys) for keys, _ in entries), default=0)
    lines = [
        Content.assemble((f"  {keys.ljust(width)}", "$role-accent"), "  ", (text, "$role-normal"))
        for keys, text in entries
    ]
    return Content("\n").join([Content.styled(title, "bold $role-group"), *lines, Content("")])
