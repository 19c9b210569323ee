"""Logs for the tests of the log's widgets: containers, lines, and a session that emits them."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from textual.pilot import Pilot

from dstui.background import Background
from dstui.config import Config, LogSettings
from dstui.domain.container import Container, State
from dstui.domain.logline import LogBatch, LogLine, LogRequest, Stream
from dstui.session import Session
from tests import waiting

Script = Callable[[LogRequest, Callable[[LogBatch], None], "FakeStream"], None]

WEB, DB = "a" * 64, "b" * 64


def container(identifier: str = WEB, name: str = "web", state: State = State.RUNNING) -> Container:
    return Container(identifier, name, "image", "sha256:0", state, datetime(2026, 5, 1, tzinfo=UTC))


def line(
    text: str, number: float = 0, stream: Stream = Stream.STDOUT, container_id: str = WEB
) -> LogLine:
    """A line written `number` seconds after noon."""
    time = f"2026-05-01T12:{int(number // 60):02}:{number % 60:012.9f}Z"
    return LogLine(container_id, stream, text, time)


def numbered(count: int, start: int = 0, text: str = "line") -> tuple[LogLine, ...]:
    return tuple(line(f"{text} {n}", n / 1000) for n in range(start, start + count))


class FakeStream:
    """One stream of a `FakeSession`: knows its request and whether it was closed."""

    def __init__(self, request: LogRequest, emit: Callable[[LogBatch], None]) -> None:
        self.request = request
        self.emit = emit
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


class FakeSession:
    """Hands out streams that say what a test makes them say; `script` runs on a thread of each."""

    def __init__(self, script: Script | None = None, **logs: Any) -> None:
        self.config = Config(logs=LogSettings(**logs))
        self.background = Background()
        self.streams: list[FakeStream] = []
        self._script = script

    def logs(self, request: LogRequest, emit: Callable[[LogBatch], None]) -> FakeStream:
        stream = FakeStream(request, emit)
        self.streams.append(stream)
        if self._script is not None:
            args = (request, emit, stream)
            threading.Thread(target=self._script, args=args, daemon=True).start()
        return stream

    def as_session(self) -> Session:
        return cast(Session, self)


async def until(pilot: Pilot[Any], predicate: Callable[[], object], what: str = "") -> None:
    """Let the app work until this is true."""
    await waiting.until(pilot.pause, predicate, what)
