"""The line at the bottom: the keys of this place."""

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dstui.render.column import Role
from dstui.ui.keys import Chosen, Command, Scope, keys_of, shown
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import width_of

_GAP = 2
_MARGIN = 1


class KeyFooter(RolePainted, Widget):
    """Keys and what they do, those of the present place first; as many as fit.

    The keys that help out (help, commands, quit) keep their place at the right edge.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "KeyFooter { height: 1; width: 1fr; background: $surface; }"

    class Pressed(Message):
        """A key was clicked."""

        def __init__(self, command: Command) -> None:
            super().__init__()
            self.command = command

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._entries: tuple[tuple[Command, str], ...] = ()

    def show(self, commands: Sequence[Command], chosen: Chosen | None = None) -> None:
        """Show those of these commands that belong into a footer; `chosen` are the user's keys."""
        entries = tuple(
            (command, shown(keys[0]))
            for command in commands
            if command.footer and (keys := keys_of(command, chosen or {}))
        )
        if entries != self._entries:
            self._entries = entries
            self.refresh()

    def _placed(self) -> list[tuple[Command, str, int]]:
        """The commands that fit, their keys, and where they start."""
        room = self.content_size.width - 2 * _MARGIN
        always = [entry for entry in self._entries if entry[0].scope is Scope.GLOBAL]
        others = [entry for entry in self._entries if entry[0].scope is not Scope.GLOBAL]
        while always and _width_of(always) > room:
            always.pop()
        reserved = _width_of(always) + _GAP if always else 0
        while others and _width_of(others) > room - reserved:
            others.pop()
        return [
            *_from(others, _MARGIN),
            *_from(always, _MARGIN + room - _width_of(always)),
        ]

    def render_line(self, y: int) -> Strip:
        """All of it, in line 0."""
        width, styles = self.content_size.width, self.roles.plain
        pieces = Pieces()
        at = 0
        for command, key, x in self._placed() if y == 0 else ():
            pieces.add(" " * (x - at), styles[Role.NORMAL])
            pieces.add(key, styles[Role.ACCENT])
            pieces.add(f" {command.title}", styles[Role.MUTED])
            at = x + _width((command, key))
        if not at:
            return Strip([Segment(" " * width, styles[Role.NORMAL])], width)
        pieces.add(" " * (width - at), styles[Role.NORMAL])
        return pieces.strip(width)

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        offset = event.get_content_offset(self)
        for command, key, x in self._placed() if offset is not None else ():
            if offset is not None and x <= offset.x < x + _width((command, key)):
                self.post_message(self.Pressed(command))


def _width(entry: tuple[Command, str]) -> int:
    command, key = entry
    return width_of(key) + 1 + width_of(command.title)


def _width_of(entries: Sequence[tuple[Command, str]]) -> int:
    return sum(_width(entry) for entry in entries) + _GAP * max(0, len(entries) - 1)


def _from(entries: Sequence[tuple[Command, str]], x: int) -> list[tuple[Command, str, int]]:
    placed = []
    for entry in entries:
        placed.append((*entry, x))
        x += _width(entry) + _GAP
    return placed
