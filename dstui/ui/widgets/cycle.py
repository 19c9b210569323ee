"""One of a few values in one line: the arrow keys go round them, a letter jumps."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dstui.render.column import Role
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import fill, width_of


class Cycle(RolePainted, Widget, can_focus=True):
    """Shows `‹ the value ›`, and how many more there are while it has the keys."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right,space", "turn(1)", show=False),
        Binding("enter", "submit", show=False),
    ]
    DEFAULT_CSS = """
    Cycle { height: 1; width: 1fr; background: $surface; }
    Cycle:focus { background: $panel; }
    """

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, cycle: "Cycle") -> None:
            super().__init__()
            self.cycle = cycle

        @property
        def control(self) -> "Cycle":
            """Where."""
            return self.cycle

    class Submitted(Changed):
        """Enter: the values are as they are wanted."""

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        value: str = "",
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`choices` are values and what is shown for each."""
        super().__init__(name=name, id=id, classes=classes)
        self._choices = tuple(choices)
        self._at = next((i for i, (v, _) in enumerate(self._choices) if v == value), 0)

    @property
    def value(self) -> str:
        """The one chosen."""
        return self._choices[self._at][0]

    def action_turn(self, by: int) -> None:
        """Go to the one beside it, round the corner too."""
        self._go((self._at + by) % len(self._choices))

    def action_submit(self) -> None:
        """Tell that all is chosen."""
        self.post_message(self.Submitted(self))

    def on_key(self, event: events.Key) -> None:
        """A letter goes to the next title that begins with it."""
        letter = (event.character or "").lower()
        if not letter.isalnum():
            return
        event.stop()
        count = len(self._choices)
        following = ((self._at + step) % count for step in range(1, count + 1))
        found = (i for i in following if self._choices[i][1].lower().startswith(letter))
        self._go(next(found, self._at))

    def on_click(self, event: events.Click) -> None:
        """The left half goes back, the right one on."""
        self.action_turn(-1 if event.x < 2 else 1)

    def watch_has_focus(self, has_focus: bool) -> None:
        """The arrows are brighter with the focus."""
        super().watch_has_focus(has_focus)
        self.refresh()

    def _go(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.refresh()
            self.post_message(self.Changed(self))

    def render_line(self, y: int) -> Strip:
        """All of it, in line 0."""
        width, styles = self.content_size.width, self.roles.plain
        if y:
            return Strip([Segment(" " * width, styles[Role.NORMAL])], width)
        arrows = styles[Role.ACCENT if self.has_focus else Role.MUTED]
        title = self._choices[self._at][1]
        pieces = Pieces()
        pieces.add("‹ ", arrows)
        pieces.add(title, styles[Role.STRONG if self.has_focus else Role.NORMAL])
        pieces.add(" ›", arrows)
        rest = max(0, width - width_of(title) - 4)
        place = f"  {self._at + 1} of {len(self._choices)}" if self.has_focus else ""
        pieces.add(fill(place, rest), styles[Role.MUTED])
        return pieces.strip(width).crop(0, width)
