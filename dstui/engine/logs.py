"""Follows the log of one container."""

import re
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dstui.background import spawn, what_failed
from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.logline import LogBatch, LogLine, LogRequest
from dstui.engine.client import resource
from dstui.engine.logframes import Frames, LineBuffer
from dstui.engine.wire import Reply, request

if TYPE_CHECKING:
    from dstui.engine.client import Engine

_FLUSH_EVERY_S = 0.1
_LINGER_S = 0.01
_FLOOD_PAUSE_S = 0.004
_RESUME_AFTER_S = 0.1
_RESUME_AFTER_AT_MOST_S = 5.0
_STDOUT = 1


class LogStream:
    """Reads on a thread of its own; `emit` is called there, at most about ten times a second.

    Each line has the engine's time. First come the lines that were asked for, all of them; of
    what is written from then on, only the newest are kept when it is more than can be read, and
    the others counted. A line whose end has not come is told as it is. The last batch has `ended`;
    after `close` there is none.
    """

    def __init__(
        self,
        engine: "Engine",
        request: LogRequest,
        emit: Callable[[LogBatch], None],
        on_end: Callable[["LogStream"], object],
    ) -> None:
        self._engine = engine
        self._request = request
        self._emit = emit
        self._on_end = on_end
        self._lines = LineBuffer(request.container_id)
        self._frames: Frames | None = None
        self._reply: Reply | None = None
        self._closing = threading.Event()
        self._last_time = self._resumed_after = ""
        self._resume_after_s = _RESUME_AFTER_S
        self._flushed_at = self._empty_at = 0.0
        self._begun: tuple[LogLine, ...] = ()

    def start(self) -> None:
        """Begin to read."""
        spawn("logs", self._run)

    def close(self) -> None:
        """End it, from any thread: its connection is closed at once."""
        self._closing.set()
        if self._reply is not None:
            self._reply.hang_up()

    def _run(self) -> None:
        error = ""
        try:
            self._read_answer(self._request.follow)
            while self._request.follow and (running := self._still_runs()) is not None:
                self._read_answer(follow=running)
                if not running:
                    break
        except EngineError as failure:
            error = failure.message
        except Exception as failure:  # noqa: BLE001 - told where the log is shown
            error = f"the log could not be read: {what_failed(failure)}"
        self._on_end(self)
        self._lines.end()
        self._flush(ended=True, error=error)

    def _read_answer(self, follow: bool) -> None:
        """Read one answer of the engine to its end: all that was asked for and not yet read."""
        container = self._engine.inspect(Kind.CONTAINER, self._request.container_id)
        tty = (container.get("Config") or {}).get("Tty")
        self._frames = None if tty else Frames()
        tail, since = self._request.tail, self._request.since
        begin = None if since is None else f"{since:.6f}"
        if self._last_time:
            tail, begin = None, just_after(self._last_time)
            self._resumed_after = self._last_time
            self._lines.drop_begun()
        query: dict[str, Any] = {
            "stdout": 1,
            "stderr": 1,
            "timestamps": 1,
            "follow": int(follow),
            "tail": "all" if tail is None else tail,
        }
        if begin is not None:
            query["since"] = begin
        path = resource("/containers/{}/logs", self._request.container_id)
        try:
            self._reply = request(self._engine, "GET", path, query)
            try:
                self._read(self._reply)
            finally:
                self._reply.close()
        except EngineError as error:
            raise _explained(error, container) from error

    def _still_runs(self) -> bool | None:
        """Whether the container runs although the engine stopped telling; `None`: no more to read.

        Docker stops at a restart, and when a file was rotated away before it was read. At the end
        of a container it may stop before the last line (seen on 20.10): that is read once more.
        """
        if self._closing.wait(self._resume_after_s):
            return None
        self._resume_after_s = min(2 * self._resume_after_s, _RESUME_AFTER_AT_MOST_S)
        try:
            container = self._engine.inspect(Kind.CONTAINER, self._request.container_id)
        except EngineError as error:
            if error.gone:
                return None
            raise
        return bool((container.get("State") or {}).get("Running"))

    def _read(self, reply: Reply) -> None:
        while not (reply.ended or self._closing.is_set()):
            came = reply.wait(self._patience())
            if came:
                self._add(reply.receive())
            self._flush_if_due(quiet=not came)
            if self._lines.dropping:
                time.sleep(_FLOOD_PAUSE_S)  # fewer, larger reads
        self._flush()

    def _patience(self) -> float | None:
        """How long to wait for more before what has come is passed on."""
        if self._lines.empty:
            return None
        return max(self._flushed_at + _FLUSH_EVERY_S - time.monotonic(), _LINGER_S)

    def _add(self, data: bytes) -> None:
        if self._frames is None:
            self._lines.add(_STDOUT, data)
            return
        try:
            for stream, message in self._frames.feed(data):
                self._lines.add(stream, message)
        except ValueError as error:
            raise EngineError(f"the engine sent a malformed log: {error}") from error

    def _flush_if_due(self, quiet: bool) -> None:
        """Pass on what has come: at once what was asked for, in rounds what is written now."""
        asked, received = self._request, self._lines.received
        self._lines.drops = asked.follow and asked.tail is not None and received > asked.tail
        now = time.monotonic()
        if self._lines.empty:
            self._empty_at = now
            return
        rested = now - self._flushed_at >= _FLUSH_EVERY_S
        waited = now - self._empty_at >= _FLUSH_EVERY_S
        if (rested and (quiet or waited)) or (self._lines.full and not self._lines.drops):
            self._flushed_at = self._empty_at = now
            self._flush()

    def _flush(self, ended: bool = False, error: str = "") -> None:
        lines, skipped = self._lines.take()
        told, self._begun = self._begun, self._lines.begun()
        if self._resumed_after:
            lines = tuple(line for line in lines if line.time > self._resumed_after)
        if lines:
            self._last_time = lines[-1].time
            self._resume_after_s = _RESUME_AFTER_S
        if (lines or skipped or ended or told != self._begun) and not self._closing.is_set():
            self._emit(LogBatch(lines, skipped, ended, error, self._begun))


def just_after(moment: str) -> str:
    """The nanosecond after an RFC 3339 time, in the form in which the engine takes it."""
    whole, _, fraction = moment.partition(".")
    digits = re.match(r"\d*", fraction)
    nanoseconds = int((digits[0] if digits else "").ljust(9, "0")[:9]) + 1
    zone = moment[-1:] if moment.endswith("Z") else moment[-6:]
    seconds = int(datetime.fromisoformat(whole.removesuffix(zone) + zone).timestamp())
    return f"{seconds + nanoseconds // 10**9}.{nanoseconds % 10**9:09}"


def _explained(error: EngineError, container: dict[str, Any]) -> EngineError:
    driver = ((container.get("HostConfig") or {}).get("LogConfig") or {}).get("Type")
    if driver != "none":
        return error
    words = "this container keeps no log: it was created with the logging driver `none`"
    return EngineError(words, error.status)
