"""Log lines as text: for files, the clipboard, and the time before a line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dstui.domain.logline import Stream
from dstui.domain.logring import Entry, Gap
from dstui.render.ansi import plain


class Times(StrEnum):
    """How the time of a line is shown, in the user's own time zone."""

    OFF = "no times"
    SHORT = "times"
    FULL = "full times"

    @property
    def next(self) -> "Times":
        """The one that the key goes to."""
        order = tuple(Times)
        return order[(order.index(self) + 1) % len(order)]


class Streams(StrEnum):
    """Which lines are shown."""

    ALL = "all"
    STDERR = "only stderr"
    STDOUT = "no stderr"

    @property
    def next(self) -> "Streams":
        """The one that the key goes to."""
        order = tuple(Streams)
        return order[(order.index(self) + 1) % len(order)]

    def shows(self, entry: Entry) -> bool:
        """Whether the line, or the place where lines are missing, is among them."""
        if self is Streams.ALL or isinstance(entry, Gap):
            return True
        return (entry.stream is Stream.STDERR) == (self is Streams.STDERR)


@dataclass(frozen=True, slots=True)
class LineFormat:
    """What stands before each line. `names` are the containers', by id; one alone is not shown."""

    times: Times = Times.OFF
    names: Mapping[str, str] | None = None

    def name(self, container_id: str) -> str:
        """The container's name, where there are several."""
        if not self.names or len(self.names) < 2:
            return ""
        return self.names.get(container_id, container_id[:12])


def local_time(time: str, times: Times) -> str:
    """An engine's RFC 3339 time in local time: to the millisecond, with date and zone in full.

    What cannot be read is given back as it is.
    """
    if times is Times.OFF or not time:
        return ""
    try:
        moment = datetime.fromisoformat(time).astimezone()
    except (ValueError, OverflowError):
        return plain(time)
    if times is Times.FULL:
        return moment.isoformat(timespec="milliseconds")
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"


def gap_text(gap: Gap) -> str:
    """What stands where lines are missing."""
    return f"{gap.skipped:,} line{'' if gap.skipped == 1 else 's'} skipped"


def as_text(entries: Iterable[Entry], form: LineFormat) -> Iterator[str]:
    """Each entry as one line of harmless text, without its line end."""
    for entry in entries:
        text = f"[{gap_text(entry)}]" if isinstance(entry, Gap) else plain(entry.text)
        before = (local_time(entry.time, form.times), form.name(entry.container_id))
        yield " ".join((*filter(None, before), text))
