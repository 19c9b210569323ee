"""Runs a program in a terminal of its own and keeps every byte it writes, with its time.

Nothing is interpreted while the program runs, so that measuring does not slow it down: the screen
is rebuilt afterwards, chunk by chunk.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyte

ROWS, COLUMNS = 48, 160


@dataclass
class Capture:
    """A running program and what it wrote: pairs of epoch seconds and bytes."""

    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    pid: int = 0
    started: float = 0.0

    def __enter__(self) -> "Capture":
        self.started = time.time()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execvpe(self.command[0], list(self.command), environment | self.environment)
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.time() + 3
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.time() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            time.sleep(0.02)
        self._reader.join(2)
        os.close(self._terminal)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._terminal, 1 << 16)
            except OSError:
                return
            if not data:
                return
            with self._more:
                self.chunks.append((time.time(), data))
                self._more.notify_all()

    def send(self, keys: bytes) -> float:
        """Type, and say when."""
        now = time.time()
        os.write(self._terminal, keys)
        return now

    def wait_for_output(self, since: float, timeout: float) -> float | None:
        """The time of the first bytes after `since`."""
        with self._more:
            arrived = self._more.wait_for(
                lambda: self.chunks and self.chunks[-1][0] > since, timeout
            )
            if not arrived:
                return None
            return next(when for when, _ in self.chunks if when > since)

    def wait_for_quiet(self, quiet: float, timeout: float) -> None:
        """Return when nothing was written for `quiet` seconds, or after `timeout`."""
        deadline = time.time() + timeout
        while time.time() < deadline:
            last = self.chunks[-1][0] if self.chunks else self.started
            if time.time() - last >= quiet:
                return
            select.select([], [], [], 0.02)

    def wait_until(self, seen: Callable[[list[str]], bool], timeout: float) -> float | None:
        """Let the program run until `seen` holds on the screen; the time of that chunk."""
        replay = Replay()
        deadline = time.time() + timeout
        done = 0
        while time.time() < deadline:
            with self._more:
                if len(self.chunks) == done:
                    self._more.wait(0.1)
                fresh = self.chunks[done:]
            done += len(fresh)
            for when, data in fresh:
                replay.feed(data)
                if seen(replay.lines()):
                    return when
        return None

    def first_time(self, seen: Callable[[list[str]], bool], since: float = 0.0) -> float | None:
        """When the screen first satisfied `seen` at or after `since`, found by replaying."""
        replay = Replay()
        for when, data in list(self.chunks):
            replay.feed(data)
            if when >= since and seen(replay.lines()):
                return when
        return None

    def written(self, since: float, until: float) -> int:
        """Bytes written between two times."""
        return sum(len(data) for when, data in list(self.chunks) if since <= when < until)


class Replay:
    """The screen that a sequence of bytes draws."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        self._stream.feed(data)

    def lines(self) -> list[str]:
        return list(self._screen.display)
