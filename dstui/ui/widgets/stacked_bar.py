"""One bar of several parts side by side, each as wide as its share."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from dstui.render.column import Role
from dstui.render.shares import cells_of
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.text_cells import fill, width_of

_STRENGTH = 0.34
"""How much of its color a part has; the rest is the background, so that text stays readable."""


class Part(NamedTuple):
    """A share of the bar; `title` and then `amount` are written on it where there is room."""

    size: float
    title: str
    amount: str
    role: Role


class StackedBar(RolePainted, Widget):
    """Parts in the order given. Two or more lines: the amount stands below the title."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "StackedBar { height: 2; width: 1fr; }"

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._parts: tuple[Part, ...] = ()

    def show(self, parts: Sequence[Part]) -> None:
        """Show these parts."""
        if tuple(parts) != self._parts:
            self._parts = tuple(parts)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The same colors in each line, other words."""
        width, height = self.content_size
        cells = cells_of([part.size for part in self._parts], width)
        segments = [
            Segment(_words(part, room, y, height), self._style(part.role))
            for part, room in zip(self._parts, cells, strict=True)
            if room
        ]
        rest = width - sum(cells)
        if rest:
            segments.append(Segment(" " * rest, self.roles.plain[Role.NORMAL]))
        return Strip(segments, width)

    def _style(self, role: Role) -> Style:
        background = self.roles.background.blend(self.roles.color(role), _STRENGTH)
        return Style(color=self.roles.color(Role.NORMAL).rich_color, bgcolor=background.rich_color)


def _words(part: Part, room: int, y: int, height: int) -> str:
    if height > 1:
        text = (part.title, part.amount)[y] if y < 2 else ""
    else:
        both = f"{part.title} {part.amount}"
        text = both if width_of(both) + 2 <= room else part.title
    return fill(f" {text}" if width_of(text) + 1 <= room else "", room)
