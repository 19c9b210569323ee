"""How the files of an image are to be read, where no way is quick and free."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from dstui.domain.layers.index import Source
from dstui.domain.layers.reading import IndexCost
from dstui.render.layer_facts import cost_words
from dstui.render.units import decimal_bytes
from dstui.ui.screens.dialog import Dialog


@dataclass(frozen=True, slots=True)
class Way:
    """One source, what it takes, and the `docker` command that does the same."""

    source: Source
    title: str
    cost: str
    about: tuple[str, ...]
    command: str


def ways(cost: IndexCost, name: str, read_only: bool) -> tuple[Way, ...]:
    """The ways there are, the quick one first."""
    found = []
    if cost.socket_command and not read_only:
        found.append(
            Way(
                Source.TAR_SPLIT_SOCKET,
                "From the engine's own records, over its socket",
                "a few seconds, no room on disk",
                (
                    "A container that is never started gets the engine's layer database, "
                    "read-only, and is removed in every case.",
                    "This reads a part of the engine's disk as root can. It is asked once, and "
                    "remembered for this engine.",
                ),
                cost.socket_command,
            )
        )
    about = ["The engine packs the whole image, and dstui reads it once without keeping it."]
    if cost.temp_bytes:
        about.append(f"{decimal_bytes(cost.temp_bytes)} of the engine's disk are full meanwhile.")
    if cost.runs_on_after_cancel:
        about.append("This engine goes on packing after a cancel: Docker before 27 does.")
    found.append(
        Way(
            Source.ARCHIVE,
            "From the image's archive",
            cost_words(cost),
            tuple(about),
            f"docker save {name}",
        )
    )
    return tuple(found)


class IndexSourceScreen(Dialog[Source]):
    """Answers the chosen source."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
        Binding("c,C", "copy", show=False),
    ]
    DEFAULT_CSS = """
    IndexSourceScreen {
        #box { width: 92; max-width: 96%; }
        #why { height: auto; color: $role-warning; margin-bottom: 1; }
        OptionList, OptionList:focus { width: 1fr; }
        #about { height: auto; margin-top: 1; color: $foreground; }
        #command {
            height: auto; max-height: 6; margin-top: 1; padding: 0 1;
            background: $panel; color: $role-number;
        }
    }
    """

    def __init__(self, name: str, found: Sequence[Way], why: str = "") -> None:
        super().__init__(f"Read every file of {name}", "Enter read   c copy the command   Esc back")
        self._ways = tuple(found)
        self._why = why

    def compose_body(self) -> ComposeResult:
        """The ways, and all there is to say of the one at the cursor."""
        if self._why:
            yield Static(self._why, id="why", markup=False)
        width = max(len(way.title) for way in self._ways) + 3
        yield OptionList(
            *(
                Option(Content.assemble(way.title.ljust(width), (way.cost, "$role-muted")))
                for way in self._ways
            )
        )
        yield Static("", id="about", markup=False)
        yield Static("", id="command", markup=False)

    def on_mount(self) -> None:
        """Start on the quick one."""
        options = self.query_one(OptionList)
        options.highlighted = 0
        options.focus()

    @property
    def _way(self) -> Way:
        return self._ways[self.query_one(OptionList).highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self.query_one("#about", Static).update("\n".join(self._way.about))
        self.query_one("#command", Static).update(self._way.command)

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.dismiss(self._way.source)

    def action_move(self, by: int) -> None:
        """Move as in every list."""
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_copy(self) -> None:
        """Copy the command."""
        self.app.copy_to_clipboard(self._way.command)
        self.app.notify("Copied the docker command", timeout=2)
