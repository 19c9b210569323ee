"""Reads the logs of some containers, again when one of them starts anew."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from dstui.domain.container import Container
from dstui.domain.logline import LogRequest
from dstui.domain.logsearch import Search
from dstui.ui.widgets.log_feed import LogFeed, News, OpenStream

FETCH_EVERY_S = 0.1
_READABLE = 40
"""Of more lines at once nobody reads any, so they are shown less often."""
_FLOOD_EVERY_S = 0.25
_BUSY_SHARE = 4
"""After a fetch that took long to show, at least so many times that long is paused."""
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be read: the last so many lines (`None`: all), from when on, and which of them."""

    tail: int | None
    since: float | None = None
    only: Search | None = None


class LogReader:
    """Belongs to the UI's event loop; its streams run on their own threads."""

    def __init__(self, open_stream: OpenStream, keep_lines: int) -> None:
        self._open_stream = open_stream
        self._keep_lines = keep_lines
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._feed: LogFeed | None = None
        self._ended: frozenset[str] = frozenset()
        self._last_time: dict[str, str] = {}
        self._retry_at: dict[str, float] = {}
        self._pause_s: dict[str, float] = {}

    def start(self, containers: Sequence[Container], wish: Wish) -> None:
        """Read these, in place of what was read before. Raises `EngineUnreachableError`."""
        self.stop()
        self._feed = LogFeed(self._open_stream, self._wake, self._keep_lines, wish.only)
        for container in containers:
            self._remember_attempt(container.id)
            self._feed.open(LogRequest(container.id, wish.tail, wish.since))

    def revive(self, containers: Sequence[Container]) -> None:
        """Go on with those whose log had ended and that run now."""
        now = monotonic()
        for container in containers:
            if (
                self._feed is not None
                and container.alive
                and container.id in self._ended
                and now >= self._retry_at.get(container.id, 0.0)
            ):
                self._remember_attempt(container.id)
                self._ended -= {container.id}
                self._feed.resume(container.id, self._last_time.get(container.id, ""))

    def stop(self) -> None:
        """End all streams."""
        if self._feed is not None:
            self._feed.close()
            self._feed = None
        self._woken.clear()
        self._ended = frozenset()
        for memory in (self._last_time, self._retry_at, self._pause_s):
            memory.clear()

    async def news(self) -> AsyncIterator[News]:
        """What is new, at most ten times a second; less often when it is much, or slow to show."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if self._feed is None:
                continue
            started = monotonic()
            news = self._feed.take()
            self._note(news)
            yield news
            spent = monotonic() - started
            usual = FETCH_EVERY_S if len(news.entries) <= _READABLE else _FLOOD_EVERY_S
            await asyncio.sleep(max(usual, _BUSY_SHARE * spent))

    def _note(self, news: News) -> None:
        for entry in news.entries:
            if entry.time:
                self._last_time[entry.container_id] = entry.time
                self._pause_s.pop(entry.container_id, None)
        self._ended = frozenset(news.ended)

    def _remember_attempt(self, container_id: str) -> None:
        pause = self._pause_s.get(container_id, _FIRST_PAUSE_S)
        self._retry_at[container_id] = monotonic() + pause
        self._pause_s[container_id] = min(2 * pause, _LONGEST_PAUSE_S)

    def _wake(self) -> None:
        with suppress(RuntimeError):  # the loop has been closed: nobody looks any more
            self._loop.call_soon_threadsafe(self._woken.set)
