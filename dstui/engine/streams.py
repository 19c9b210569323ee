"""Usage from the engine's own stats streams, where this machine's kernel cannot tell it.

One thread reads all streams, a few open them. A stream costs the engine a quarter of a percent
of a core, so only those that are asked for are open.
"""

import contextlib
import os
import selectors
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from dstui.background import Background, keep_turning
from dstui.domain.engine import EngineError
from dstui.domain.foreign_json import read_json
from dstui.domain.usage import Counters, Usage, usage_between
from dstui.engine.stats_json import counters_of
from dstui.engine.wire import Reply, request

if TYPE_CHECKING:
    from dstui.engine.client import Engine

_OPENERS = 4
_MOST_STREAMS = 100
_MOST_OVER_SSH = 20
"""Each is an ssh process here and one there."""
_GATHER_S = 0.03
_RETRY_S = 2.0
_LONGEST_SAMPLE = 1024 * 1024


class StatsStream:
    """The samples of one container, as they come."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self._rest = b""
        self._before: Counters | None = None

    def receive(self) -> Usage | None:
        """The newest usage that has come; raises `EngineError` when the stream broke."""
        *samples, self._rest = (self._rest + self.reply.receive()).split(b"\n")
        if len(self._rest) > _LONGEST_SAMPLE:
            self._rest = b""
        usage = None
        for sample in samples:
            usage = self._take(sample) or usage
        return usage

    def _take(self, sample: bytes) -> Usage | None:
        try:
            now = counters_of(read_json(sample))
        except ValueError:
            return None  # half a sample
        if now is None:
            return None
        usage, self._before = usage_between(self._before, now), now
        return usage


class StatsStreams:
    """Follows the stats streams of the containers asked for; `emit` gets what came, in batches.

    `halted` is told why nothing comes any more, and an empty text when it goes on.
    """

    def __init__(
        self,
        engine: "Engine",
        emit: Callable[[Mapping[str, Usage]], None],
        halted: Callable[[str], object] = lambda reason: None,
    ) -> None:
        self._engine = engine
        self._emit = emit
        self._halted = halted
        over_ssh = engine.endpoint.host.startswith("ssh://")
        self._most = _MOST_OVER_SSH if over_ssh else _MOST_STREAMS
        self._wanted: frozenset[str] = frozenset()
        self._open: dict[str, StatsStream] = {}
        self._opening: set[str] = set()
        self._retry_at: dict[str, float] = {}
        self._opened: SimpleQueue[tuple[str, Reply | None]] = SimpleQueue()
        self._openers = Background(_OPENERS)
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_read, selectors.EVENT_READ)

    def follow(self, identifiers: Iterable[str]) -> None:
        """Have the streams of these containers open and no others; returns at once."""
        wanted = frozenset(sorted(identifiers)[: self._most])
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if self._thread is None:
            self._thread = keep_turning("stats-streams", self._turn, self._halted)
        self._wake()

    def stop(self) -> None:
        """Close all streams."""
        self._stopping.set()
        self._wake()

    def _wake(self) -> None:
        os.write(self._wake_write, b".")

    def _turn(self) -> bool:
        """Take what comes next; whether to go on."""
        if self._stopping.is_set():
            for identifier in tuple(self._open):
                self._close(identifier)
            return False
        self._open_and_close()
        ready = self._ready(_RETRY_S if self._retry_at else None)
        if ready:
            self._stopping.wait(_GATHER_S)  # the engine sends all samples in one go
            self._receive(ready | self._ready(0))
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 1024)
        return True

    def _ready(self, seconds: float | None) -> set[str]:
        """The containers of which something has come, or comes within so many seconds."""
        ready = {found for found, stream in self._open.items() if stream.reply.pending}
        selected = self._selector.select(0 if ready else seconds)
        return ready | {key.data for key, _ in selected if key.data}

    def _receive(self, identifiers: Iterable[str]) -> None:
        usage = {}
        for identifier in identifiers:
            stream = self._open[identifier]
            try:
                came = stream.receive()
            except EngineError:
                came = None
            if came is not None:
                usage[identifier] = came
            if stream.reply.ended:
                self._close(identifier)
                self._retry_at[identifier] = time.monotonic() + _RETRY_S
        if usage:
            self._emit(usage)

    def _open_and_close(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                self._adopt(*self._opened.get_nowait())
        wanted = self._wanted
        for identifier in self._open.keys() - wanted:
            self._close(identifier)
        for identifier in self._retry_at.keys() - wanted:
            del self._retry_at[identifier]
        now = time.monotonic()
        for identifier in wanted - self._open.keys() - self._opening:
            if self._retry_at.get(identifier, 0) <= now:
                self._retry_at.pop(identifier, None)
                self._opening.add(identifier)
                self._openers.submit(self._ask, identifier)

    def _ask(self, identifier: str) -> None:
        """On an opener's thread: ask for a stream and hand it to the reading thread."""
        reply = None
        if identifier in self._wanted and not self._stopping.is_set():
            with contextlib.suppress(EngineError):
                reply = request(
                    self._engine, "GET", f"/containers/{identifier}/stats", {"stream": 1}
                )
        self._opened.put((identifier, reply))
        self._wake()

    def _adopt(self, identifier: str, reply: Reply | None) -> None:
        self._opening.discard(identifier)
        if reply is None:
            self._retry_at[identifier] = time.monotonic() + _RETRY_S
            return
        self._open[identifier] = StatsStream(reply)
        self._selector.register(reply, selectors.EVENT_READ, identifier)

    def _close(self, identifier: str) -> None:
        stream = self._open.pop(identifier)
        self._selector.unregister(stream.reply)
        stream.reply.close()
