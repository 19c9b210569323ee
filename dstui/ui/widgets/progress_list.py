"""What is being done: a line for each job, while it runs and shortly after."""

from time import monotonic

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from dstui.render.column import Role
from dstui.ui.widgets.roles import RolePainted
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import fill

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_EVERY_S = 0.25
_DONE_STAYS_S = 4.0
_FAILED_STAYS_S = 15.0
_MOST_LINES = 8
_SECONDS = 8
"""The cells of the elapsed time at the right edge."""


class _Job:
    __slots__ = ("began", "ended", "ok", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.began = monotonic()
        self.ended: float | None = None
        self.ok = True

    def over(self, now: float) -> bool:
        stays = _DONE_STAYS_S if self.ok else _FAILED_STAYS_S
        return self.ended is not None and now - self.ended > stays


class ProgressList(RolePainted, Widget):
    """As high as it has lines, and gone when it has none. No timer runs while nothing does."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "ProgressList { height: 0; width: 1fr; display: none; background: $surface; }"

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._jobs: dict[str, _Job] = {}
        self._timer: Timer | None = None
        self._frame = 0

    def begin(self, key: str, text: str) -> None:
        """A job runs."""
        self._jobs.pop(key, None)
        self._jobs[key] = _Job(text)
        self._rearrange()
        if self._timer is None:
            self._timer = self.set_interval(_EVERY_S, self._tick)

    def end(self, key: str, text: str, ok: bool) -> None:
        """A job is over: what came of it stays on screen for a while, a failure longer."""
        job = self._jobs.get(key)
        if job is not None:
            job.text, job.ended, job.ok = text, monotonic(), ok
            self.refresh()

    @property
    def running(self) -> int:
        """How many jobs run."""
        return sum(job.ended is None for job in self._jobs.values())

    def _tick(self) -> None:
        now = monotonic()
        self._frame += 1
        kept = {key: job for key, job in self._jobs.items() if not job.over(now)}
        if len(kept) != len(self._jobs):
            self._jobs = kept
            self._rearrange()
        width = self.content_size.width
        regions = [
            region
            for y, job in enumerate(self._lines())
            if job.ended is None
            for region in (Region(0, y, 3, 1), Region(max(0, width - _SECONDS), y, _SECONDS, 1))
        ]
        if regions:
            self.refresh(*regions)
        if not kept and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _lines(self) -> list[_Job]:
        """The newest, if there are more than fit."""
        return list(self._jobs.values())[-_MOST_LINES:]

    def _rearrange(self) -> None:
        count = len(self._lines())
        self.display = bool(count)
        self.styles.height = count
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A sign that tells how it fares, what it is, and how long it took or has been taking."""
        width, styles = self.content_size.width, self.roles.plain
        jobs = self._lines()
        if y >= len(jobs):
            return Strip([Segment(" " * width, styles[Role.NORMAL])], width)
        job = jobs[y]
        sign, role = self._sign(job)
        seconds = f"{(job.ended or monotonic()) - job.began:.0f} s"
        room = max(0, width - 3 - _SECONDS)
        pieces = Pieces()
        pieces.add(f" {sign} ", styles[role])
        pieces.add(fill(job.text, room), styles[Role.NORMAL if job.ok else Role.BAD])
        pieces.add(fill(seconds + " ", min(_SECONDS, width - 3), right=True), styles[Role.MUTED])
        return pieces.strip(width)

    def _sign(self, job: _Job) -> tuple[str, Role]:
        if job.ended is None:
            return _SPINNER[self._frame % len(_SPINNER)], Role.ACCENT
        return ("✓", Role.GOOD) if job.ok else ("✗", Role.BAD)
