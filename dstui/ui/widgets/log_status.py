"""The line under a log: what it follows, keeps, filters and finds."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content

from dstui.domain.logsearch import Search
from dstui.render.logtext import Streams
from dstui.ui.widgets.log_view import LogView


@dataclass(frozen=True, slots=True)
class LogStatus:
    """What is known of the reading itself."""

    read: int = 0
    skipped: int = 0
    ended: bool = False
    problem: str = ""


def status_line(status: LogStatus, view: LogView, only: Search | None, since: str) -> Content:
    """The whole line, most important first: its end is cut in a narrow pane."""
    pieces = [*_state(status, view), *_numbers(status, view, only), *_choices(view, since)]
    return Content.assemble(" ", Content.assemble((" · ", "$role-muted")).join(pieces))


def _state(status: LogStatus, view: LogView) -> Iterator[Content]:
    if status.problem:
        yield Content.styled(status.problem, "$role-bad")
    if status.ended:
        yield Content.styled("■ ended", "$role-exited")
    elif view.follow:
        yield Content.styled("▼ following", "$role-running")
    else:
        yield Content.styled("‖ not following", "$role-paused")


def _numbers(status: LogStatus, view: LogView, only: Search | None) -> Iterator[Content]:
    if view.search is not None:
        current, found = view.hits
        yield Content.styled(f"{current}/{found:,} {view.search.text}", "$role-accent")
    kept = f"{len(view.ring):,} line{'' if len(view.ring) == 1 else 's'}"
    if only is not None:
        kept = f"only {only.text}: {kept} of {status.read:,}"
    yield Content(kept)
    if status.skipped:
        yield Content.styled(f"{status.skipped:,} skipped", "$role-warning")


def _choices(view: LogView, since: str) -> Iterator[Content]:
    if view.streams is not Streams.ALL:
        yield Content(view.streams.value)
    if since:
        yield Content(f"since {since}")
    if view.wrap:
        yield Content("wrapped")
