"""One line of a container's log."""

from dataclasses import dataclass
from enum import StrEnum


class Stream(StrEnum):
    """Where the line was written. A container with a TTY has only `STDOUT`."""

    STDOUT = "stdout"
    STDERR = "stderr"


@dataclass(frozen=True, slots=True)
class LogLine:
    """Raw text without its line end: it may hold colours and worse, and is cleaned when shown.

    `time` is the engine's RFC 3339 text, empty when times were not asked for.
    """

    container_id: str
    stream: Stream
    text: str
    time: str = ""


@dataclass(frozen=True, slots=True)
class LogRequest:
    """What to read of a container's log."""

    container_id: str
    tail: int | None = 1000
    """The last so many lines; `None` is all."""
    since: float | None = None
    """Seconds since the epoch."""
    follow: bool = True


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Lines in order, how many were dropped before them, and whether the stream ended.

    `begun` are the lines whose end has not come, as they are now: each batch tells all of them.
    """

    lines: tuple[LogLine, ...]
    skipped: int = 0
    ended: bool = False
    error: str = ""
    begun: tuple[LogLine, ...] = ()
