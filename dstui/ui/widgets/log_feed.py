"""Log streams of one or more containers -> what is new, for the UI to fetch when it likes."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dstui.domain.logline import LogBatch, LogLine, LogRequest
from dstui.domain.logring import KEEP_BYTES, Entry, Gap, shortened, weight
from dstui.domain.logsearch import Search
from dstui.render.ansi import plain

WAITING_BYTES = KEEP_BYTES
"""The most that waits to be fetched; what is older is dropped and counted."""


class Closable(Protocol):
    """A stream that can be ended."""

    def close(self) -> None:
        """End it."""


OpenStream = Callable[[LogRequest, Callable[[LogBatch], None]], Closable]


@dataclass(frozen=True, slots=True)
class News:
    """What came since the last fetch."""

    entries: Sequence[Entry] = ()
    read: int = 0
    """Lines that were looked at, whether they matched or not."""
    skipped: int = 0
    begun: Sequence[Entry] = ()
    """The lines whose end has not come, of all containers, as they are now."""
    ended: Mapping[str, str] = field(default_factory=dict)
    """The containers whose stream has ended, and why if that was an error."""


class LogFeed:
    """Reads on the streams' own threads; `wake` is called there, once until the next `take`.

    With `only`, lines that do not match are let go as they come. What waits is bounded: of a
    container that writes faster than can be shown the newest lines win and the others are
    counted.
    """

    def __init__(
        self,
        open_stream: OpenStream,
        wake: Callable[[], None],
        keep_lines: int,
        only: Search | None = None,
    ) -> None:
        self._open_stream = open_stream
        self._wake = wake
        self._keep_lines = keep_lines
        self._only = only
        self._lock = threading.Lock()
        self._streams: dict[str, Closable] = {}
        self._waiting: deque[Entry] = deque()
        self._bytes = 0
        self._dropped: dict[str, int] = {}
        self._read = 0
        self._begun: dict[str, list[LogLine]] = {}
        self._ended: dict[str, str] = {}
        self._woken = False
        self._closed = False

    def open(self, request: LogRequest) -> None:
        """Read one more container."""
        self._start(request, after="")

    def resume(self, container_id: str, after: str) -> None:
        """Read on after the line of this time, in a stream of its own."""
        since = datetime.fromisoformat(after).timestamp() if after else None
        self._start(LogRequest(container_id, self._keep_lines, since), after)

    def _start(self, request: LogRequest, after: str) -> None:
        container_id = request.container_id
        with self._lock:
            self._ended.pop(container_id, None)
        stream = self._open_stream(request, lambda batch: self._emit(container_id, batch, after))
        self._streams[container_id] = stream

    def close(self) -> None:
        """End all streams; what they still say is not heard."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()

    def take(self) -> News:
        """What came since the last time."""
        with self._lock:
            entries, self._waiting = self._waiting, deque()
            gaps = [Gap(name, n, _time_of(entries)) for name, n in self._dropped.items()]
            skipped = sum(self._dropped.values())
            skipped += sum(entry.skipped for entry in entries if isinstance(entry, Gap))
            begun = [line for lines in self._begun.values() for line in lines]
            news = News((*gaps, *entries), self._read, skipped, begun, dict(self._ended))
            self._dropped.clear()
            self._bytes = self._read = 0
            self._woken = False
        return news

    def _emit(self, container_id: str, batch: LogBatch, after: str) -> None:
        entries = self._entries(container_id, batch, after)
        begun = self._wanted(batch.begun, after)
        with self._lock:
            if self._closed:
                return
            self._waiting.extend(entries)
            self._bytes += sum(map(weight, entries))
            self._read += len(batch.lines)
            self._drop_oldest()
            self._begun[container_id] = begun
            if batch.ended:
                self._ended[container_id] = batch.error
            wake, self._woken = not self._woken, True
        if wake:
            self._wake()

    def _entries(self, container_id: str, batch: LogBatch, after: str) -> list[Entry]:
        lines = self._wanted(batch.lines, after)
        if not batch.skipped:
            return list(lines)
        time = batch.lines[0].time if batch.lines else ""
        return [Gap(container_id, batch.skipped, time), *lines]

    def _wanted(self, found: Sequence[LogLine], after: str) -> list[LogLine]:
        lines = [shortened(line) for line in found if line.time > after or not after]
        if (only := self._only) is None:
            return lines
        return [line for line in lines if only.matches(plain(line.text))]

    def _drop_oldest(self) -> None:
        waiting = self._waiting
        while len(waiting) > self._keep_lines or (self._bytes > WAITING_BYTES and len(waiting) > 1):
            oldest = waiting.popleft()
            self._bytes -= weight(oldest)
            lost = oldest.skipped if isinstance(oldest, Gap) else 1
            name = oldest.container_id
            self._dropped[name] = self._dropped.get(name, 0) + lost


def _time_of(entries: Sequence[Entry] | deque[Entry]) -> str:
    return entries[0].time if entries else ""
