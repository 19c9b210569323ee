"""What a key waits for while a log floods: `python -m bench.log_keys` prints a table.

A process of its own writes as fast as it is read, or at a set rate; the pane reads it as it reads
an engine, headless, and renders what is written to a terminal. A "key" is a call handed to the
event loop from a thread, as Textual's own reading thread does it, every 50 ms: what is shown is how
long it waits for its turn, which is all that a flood can add to a key.
"""

import asyncio
import multiprocessing
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from textual.app import App, ComposeResult

from dstui.config import Config, LogSettings
from dstui.domain.container import Container, State
from dstui.domain.engine import Endpoint
from dstui.domain.logline import LogBatch, LogRequest
from dstui.engine.logs import LogStream
from dstui.session import Session
from dstui.ui.exact_updates import ExactUpdates
from dstui.ui.theme import RoleDefaults
from dstui.ui.widgets.log_pane import LogPane

SIZE = (160, 48)
SECONDS = 10.0
_TIME = b"2026-11-27T12:00:00.000000000Z "


class Flood:
    """An engine with one container, whose log is `content` over and over."""

    api_version = "1.41"

    def __init__(self, path: Path, content: bytes, bytes_per_s: float) -> None:
        self.endpoint = Endpoint(f"unix://{path}", source="bench")
        arguments = (str(path), content, bytes_per_s)
        self.process = multiprocessing.get_context("fork").Process(target=_serve, args=arguments)

    def inspect(self, _kind: object, _identifier: str) -> dict[str, Any]:
        """A container without a terminal."""
        return {"Config": {"Tty": False}, "State": {"Running": True}}


def _serve(path: str, content: bytes, bytes_per_s: float) -> None:
    frames = b"".join(_frames(content))
    chunk = b"%x\r\n%b\r\n" % (len(frames), frames)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        connection, _ = server.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):  # read no more
            while True:
                connection.sendall(chunk)
                time.sleep(len(content) / bytes_per_s if bytes_per_s else 0)


def _frames(content: bytes) -> Iterator[bytes]:
    """As the engine sends it: a message for each line, or for 16 KiB of a longer one."""
    for line in content.splitlines(keepends=True):
        for at in range(0, len(line), 16384):
            message = _TIME + line[at : at + 16384]
            yield bytes([1, 0, 0, 0]) + len(message).to_bytes(4) + message


class _PaneApp(RoleDefaults, ExactUpdates, App[None]):
    def compose(self) -> ComposeResult:
        yield LogPane()

    def _display(self, screen: Any, renderable: Any) -> None:
        if renderable is not None:
            renderable.render_segments(self.console)
        super()._display(screen, renderable)


class _LogSession:
    """As much of a session as a log needs."""

    def __init__(self, engine: Flood, wrap: bool) -> None:
        self.config = Config(logs=LogSettings(wrap=wrap))
        self._engine = engine

    def logs(self, request: LogRequest, emit: Callable[[LogBatch], None]) -> LogStream:
        stream = LogStream(cast(Any, self._engine), request, emit, lambda stream: None)
        stream.start()
        return stream


async def measure(title: str, content: bytes, bytes_per_s: float = 0, wrap: bool = False) -> None:
    """Print how long keys wait."""
    with tempfile.TemporaryDirectory() as directory:
        engine = Flood(Path(directory) / "s", content, bytes_per_s)
        engine.process.start()
        while not (Path(directory) / "s").exists():
            await asyncio.sleep(0.01)
        waits: list[float] = []
        app = _PaneApp()
        async with app.run_test(size=SIZE):
            if content:
                pane = app.query_one(LogPane)
                created = datetime(2026, 11, 27, tzinfo=UTC)
                container = Container("c", "c", "i", "sha256:0", State.RUNNING, created)
                session = cast(Session, _LogSession(engine, wrap))
                pane.show(session, [container])
            loop, done = asyncio.get_running_loop(), threading.Event()
            thread = threading.Thread(target=_press, args=(loop, waits, done))
            thread.start()
            await asyncio.sleep(SECONDS)
            done.set()
            await asyncio.to_thread(thread.join)
        engine.process.kill()
        engine.process.join()
    print(f"{title:<44}{1000 * statistics.median(waits):>10.1f}{1000 * max(waits):>10.1f}")


def _press(loop: asyncio.AbstractEventLoop, waits: list[float], done: threading.Event) -> None:
    while not done.wait(0.05):
        pressed = time.perf_counter()
        loop.call_soon_threadsafe(lambda at=pressed: waits.append(time.perf_counter() - at))


async def main() -> None:
    """All of them."""
    print(f"{'':<44}{'median ms':>10}{'worst ms':>10}")
    binary = os.urandom(1_000_000)
    await measure("nothing", b"")
    await measure("`yes`", b"y\n" * 100_000)
    await measure("random bytes, 4 MB/s", binary, 4e6)
    await measure("random bytes, as fast as they are read", binary)
    await measure("random bytes, wrapped", binary, wrap=True)
    await measure("lines of 50 MB", b"x" * 50_000_000 + b"\n")
    await measure(
        "a progress, \\r only, 4 MB/s", b"".join(b"\r%d %%" % n for n in range(99_999)), 4e6
    )


if __name__ == "__main__":
    asyncio.run(main())
