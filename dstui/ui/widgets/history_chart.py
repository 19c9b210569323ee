"""A chart of the last minutes."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from dstui.render.braille import Point, area, columns, rounded_up
from dstui.render.column import Role
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import clip, fill, width_of

SPANS_S = (60.0, 120.0, 300.0)
"""A chart begins with the shortest: ten seconds in five minutes are a speck."""
_SCALE = 9
"""The cells of the scale on the left."""


class _Line(NamedTuple):
    """A scale's label, and what stands right of it."""

    label: str
    text: str
    role: Role


class HistoryChart(RolePainted, Widget):
    """An area over time: what it is and its value now, the scale, the span of time.

    A second series hangs from the middle downwards, on the same scale. Values that are not known
    leave a gap. The dots move by whole steps, so that between two steps little is repainted.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "HistoryChart { width: 1fr; height: 1fr; min-height: 3; }"

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._title = ""
        self._series: tuple[Sequence[Point], ...] = ()
        self._names: Sequence[str] = ()
        self._text: Callable[[float | None], str] = str
        self._span_s = SPANS_S[-1]
        self._base = 10
        self._width = self._height = 0
        self._lines: list[_Line] = []
        self._heading: tuple[str, ...] = ()

    def show(
        self,
        series: Sequence[Point],
        title: str,
        unit_format: Callable[[float | None], str],
        *,
        below: Sequence[Point] | None = None,
        names: Sequence[str] = ("", ""),
        span_s: float = SPANS_S[-1],
        binary: bool = False,
    ) -> None:
        """Show the points of the last `span_s` seconds at most, and those of `below` hanging.

        `names` tell the two apart (`↓`, `↑`); `binary` rounds the scale to powers of two.
        """
        self._series = (series,) if below is None else (series, below)
        self._title, self._names, self._text = title, names, unit_format
        self._span_s, self._base = span_s, 2 if binary else 10
        self._arrange()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._width, self._height = self.content_size
        self._arrange()
        self.refresh()

    def _arrange(self) -> None:
        old, old_heading = self._lines, self._heading
        self._heading = self._make_heading()
        self._lines = self._make_lines()
        if len(old) != len(self._lines):
            self.refresh()
            return
        regions = [
            Region(0, y, self._width, 1)
            for y, (before, now) in enumerate(zip(old, self._lines, strict=True), 1)
            if before != now
        ]
        if self._heading != old_heading:
            regions.append(Region(0, 0, self._width, 1))
        if regions:
            self.refresh(*regions)

    def _make_heading(self) -> tuple[str, ...]:
        latest = [series[-1][1] if series else None for series in self._series]
        return tuple(
            f"{name} {self._text(value)}".strip()
            for name, value in zip(self._names, latest, strict=False)
        )

    def _make_lines(self) -> list[_Line]:
        room = self._width - _SCALE
        with_times = self._height >= 4
        height = self._height - 1 - with_times
        if room < 4 or height < len(self._series) or not any(self._series):
            return []
        latest = max(series[-1][0] for series in self._series if series)
        earliest = min(series[0][0] for series in self._series if series)
        shorter = (span for span in SPANS_S if latest - earliest <= span < self._span_s)
        span = next(shorter, self._span_s)
        step = span / (2 * room)
        end = (latest // step + 1) * step
        drawn = [columns(series, end, step, 2 * room) for series in self._series]
        known = [value for line in drawn for value in line if value is not None]
        lines = self._areas(drawn, rounded_up(max(known, default=0.0), self._base), height)
        if with_times:
            lines.append(_Line("", _time_axis(span, room), Role.MUTED))
        return lines

    def _areas(
        self, drawn: Sequence[Sequence[float | None]], top: float, height: int
    ) -> list[_Line]:
        label = self._text(top)
        if len(drawn) == 1:
            rows = area(drawn[0], top, height)
            labels = [label, *[""] * (height - 2), "0"] if height > 1 else [label]
            return [_Line(*pair, Role.ACCENT) for pair in zip(labels, rows, strict=True)]
        upper = (height + 1) // 2
        above = area(drawn[0], top, upper)
        hanging = area(drawn[1], top, height - upper, hanging=True)
        labels = [""] * height
        labels[0] = label
        labels[-1] = label if height > upper + 1 else ""
        labels[upper - 1] = "0" if upper > 1 else label
        roles = [Role.ACCENT] * upper + [Role.PAUSED] * (height - upper)
        return [_Line(*line) for line in zip(labels, [*above, *hanging], roles, strict=True)]

    def render_line(self, y: int) -> Strip:
        """The heading, the chart, the times."""
        styles, width = self.roles.plain, self._width
        if y == 0:
            return self._heading_strip()
        if y > len(self._lines):
            return Strip([Segment(" " * width, styles[Role.NORMAL])], width)
        line = self._lines[y - 1]
        pieces = Pieces()
        pieces.add(fill(line.label, _SCALE - 1, right=True) + " ", styles[Role.MUTED])
        pieces.add(fill(line.text, width - _SCALE), styles[line.role])
        return pieces.strip(width)

    def _heading_strip(self) -> Strip:
        styles, left = self.roles.plain, self._width
        pieces = Pieces()
        roles = (Role.ACCENT, Role.PAUSED) if len(self._series) > 1 else (Role.STRONG,)
        parts = [(self._title, Role.MUTED), *zip(self._heading, roles, strict=False)]
        for number, (part, role) in enumerate(parts):
            text = clip(("  " if number else "") + part, left)
            pieces.add(text, styles[role])
            left -= width_of(text)
        pieces.add(" " * left, styles[Role.NORMAL])
        return pieces.strip(self._width)


def _time_axis(span_s: float, room: int) -> str:
    minutes = span_s / 60
    start = f"{minutes:.0f} min ago" if minutes >= 1 else f"{span_s:.0f} s ago"
    return start + fill("now", max(0, room - len(start)), right=True)
