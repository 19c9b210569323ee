"""Transfers and scans under way: a line each with its bar, and one for each layer that moves."""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from dstui.domain.transfer import LayerProgress
from dstui.render.column import Role
from dstui.render.transfers import layer_amount, layers_done, moving_layers, percent_done
from dstui.ui.long_jobs import JobState, LongJob
from dstui.ui.widgets.meter import bar
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import clip, fill, width_of

SIGNS = {
    JobState.DONE: ("✓", Role.GOOD),
    JobState.FAILED: ("✗", Role.BAD),
    JobState.CANCELLED: ("–", Role.MUTED),
}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_EVERY_S = 0.25
_STAYS_S = {JobState.DONE: 12.0, JobState.FAILED: 20.0, JobState.CANCELLED: 4.0}
_MOST_LINES, _MOST_LINES_LOW = 9, 5
_LOW = 32
"""Screens with fewer lines than this give up fewer of them."""
_INDENT = 5
_ID, _STATUS, _BAR, _BAR_NARROW = 14, 20, 30, 12
_WIDE = 100
_DIGEST = len("sha256:") + 12


class _Line(NamedTuple):
    job: LongJob
    layer: LayerProgress | None = None


class TransferList(RolePainted, Widget):
    """As high as it has lines, and gone when it has none. A click asks for all of them."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "TransferList { height: 0; width: 1fr; display: none; background: $surface; }"

    class Clicked(Message):
        """The list was clicked."""

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._jobs: Sequence[LongJob] = ()
        self._lines: tuple[_Line, ...] = ()
        self._timer: Timer | None = None
        self._frame = 0

    def show(self, jobs: Sequence[LongJob]) -> None:
        """Show how these are now."""
        self._jobs = jobs
        self._rearrange()
        if self._lines and self._timer is None:
            self._timer = self.set_interval(_EVERY_S, self._tick)

    def on_click(self, event: events.Click) -> None:
        """All of it is in a screen of its own."""
        event.stop()
        self.post_message(self.Clicked())

    def _tick(self) -> None:
        self._frame += 1
        self._rearrange()
        if not self._lines and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _rearrange(self) -> None:
        jobs = [job for job in self._jobs if _is_shown(job)]
        most = _MOST_LINES if self.app.size.height >= _LOW else _MOST_LINES_LOW
        self._lines = tuple(_lines(jobs[-most:], most))
        if self.styles.height is None or self.styles.height.value != len(self._lines):
            self.display = bool(self._lines)
            self.styles.height = len(self._lines)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A job, or one of its layers."""
        width, styles = self.content_size.width, self.roles.plain
        if y >= len(self._lines):
            return Strip([Segment(" " * width, styles[Role.NORMAL])], width)
        line = self._lines[y]
        if line.layer is not None:
            return self._paint_layer(line.layer, width)
        paint = self._paint_running if _is_running(line.job) else self._paint_over
        return paint(line.job, width)

    def _paint_running(self, job: LongJob, width: int) -> Strip:
        styles, progress = self.roles.plain, job.progress
        wide = width >= _WIDE
        sign = _SPINNER[self._frame % len(_SPINNER)]
        after = f" {percent_done(progress):>4}"
        after += f"   {layers_done(progress):<18}" if wide else ""
        after += f"{job.seconds:5.0f} s "
        cells = _BAR if wide else _BAR_NARROW
        room = max(0, width - 3 - cells - 2 - width_of(after))
        message = "" if progress.layers else progress.message
        pieces = Pieces()
        pieces.add(f" {sign} ", styles[Role.ACCENT])
        title = clip(job.title, room)
        pieces.add(title, styles[Role.STRONG])
        pieces.add(fill(f"  {message}", room - width_of(title)), styles[Role.MUTED])
        full, rest = bar(progress.fraction, cells)
        pieces.add("  " + full, styles[Role.ACCENT])
        pieces.add(rest + after, styles[Role.MUTED])
        return pieces.strip(width)

    def _paint_over(self, job: LongJob, width: int) -> Strip:
        styles = self.roles.plain
        sign, role = SIGNS[job.state]
        after = f"{job.seconds:5.0f} s "
        room = max(0, width - 3 - width_of(after))
        told = clip(job.told, room)
        more = _more(job)
        pieces = Pieces()
        pieces.add(f" {sign} ", styles[role])
        pieces.add(told, styles[Role.BAD if role is Role.BAD else Role.NORMAL])
        pieces.add(fill(more, room - width_of(told)), styles[Role.MUTED])
        pieces.add(after, styles[Role.MUTED])
        return pieces.strip(width)

    def _paint_layer(self, layer: LayerProgress, width: int) -> Strip:
        styles = self.roles.plain
        pieces = Pieces()
        start = fill(clip(layer.id, _ID - 2), _ID) + fill(clip(layer.status, _STATUS - 2), _STATUS)
        pieces.add(" " * _INDENT + start, styles[Role.MUTED])
        if layer.fraction is not None:
            full, rest = bar(layer.fraction, _BAR if width >= _WIDE else _BAR_NARROW)
            pieces.add(full, styles[Role.NUMBER])
            pieces.add(rest + "  ", styles[Role.MUTED])
        used = (
            _INDENT
            + width_of(start)
            + (0 if layer.fraction is None else 2 + (_BAR if width >= _WIDE else _BAR_NARROW))
        )
        pieces.add(fill(layer_amount(layer), max(0, width - used)), styles[Role.MUTED])
        return pieces.strip(width)


def _more(job: LongJob) -> str:
    """What else there is to say, as far as there is room."""
    if job.pinned:
        return f"   {job.pinned.rpartition('@')[2][:_DIGEST]}…   X to copy it"
    said = next((text for label, text in job.details if label in ("Cause", "Note")), "")
    return f"   {said}" if said else ""


def _is_running(job: LongJob) -> bool:
    return job.state is JobState.RUNNING


def _is_shown(job: LongJob) -> bool:
    if job.ended is None:
        return True
    return monotonic() - job.ended < _STAYS_S[job.state]


def _lines(jobs: Sequence[LongJob], most: int) -> Iterator[_Line]:
    """Every job, and as many of their layers as there is room for."""
    room = most - len(jobs)
    for job in jobs:
        yield _Line(job)
        if not _is_running(job):
            continue
        for layer in moving_layers(job.progress)[:room]:
            room -= 1
            yield _Line(job, layer)
