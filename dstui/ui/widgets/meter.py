"""How full something is."""

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from dstui.render.column import UNKNOWN, Role
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import clip, fill, width_of

_FULL, _HALF, _REST = "━", "╸", "─"


def bar(fraction: float | None, width: int) -> tuple[str, str]:
    """The full and the empty part of a bar, in half cells; all empty when not known."""
    halves = round(max(0.0, min(1.0, fraction or 0.0)) * 2 * width)
    if fraction and not halves:
        halves = 1
    full = _FULL * (halves // 2) + _HALF * (halves % 2)
    return full, _REST * (width - len(full))


class Meter(RolePainted, Widget):
    """A label, a bar and the number that it stands for, in one line."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Meter { height: 1; width: 1fr; }"

    def __init__(
        self,
        label: str = "",
        *,
        label_width: int = 0,
        text_width: int = 0,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Widths are given so that meters below one another stand in line."""
        super().__init__(name=name, id=id, classes=classes)
        self._label = label
        self._label_width = label_width or width_of(label)
        self._text_width = text_width
        self._shown: tuple[float | None, str, Role] = (None, UNKNOWN, Role.MUTED)

    def show(self, fraction: float | None, text: str, role: Role = Role.ACCENT) -> None:
        """Show this much of 1, and the text right of it; `None` is not known."""
        shown = (fraction, text, role)
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """All of it, in line 0."""
        width, styles = self.content_size.width, self.roles.plain
        if y:
            return Strip([Segment(" " * width, styles[Role.NORMAL])], width)
        fraction, text, role = self._shown
        label = fill(self._label, self._label_width) + "  " if self._label_width else ""
        text_width = max(self._text_width, width_of(text))
        room = width - width_of(label) - text_width - 2
        pieces = Pieces()
        if room < 2:
            pieces.add(fill(f"{label}{clip(text, text_width)}", width), styles[Role.NORMAL])
            return pieces.strip(width)
        full, rest = bar(fraction, room)
        pieces.add(label, styles[Role.MUTED])
        pieces.add(full, styles[role])
        pieces.add(rest, styles[Role.MUTED])
        pieces.add("  " + fill(text, text_width, right=True), styles[Role.NORMAL])
        return pieces.strip(width)
