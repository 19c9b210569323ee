"""A program in a real pseudo-terminal, and what a person would see on it."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

from tests.waiting import PATIENCE_S, wait_until

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "ctrl+c": "\x03",
    "ctrl+d": "\x04",
    "ctrl+p": "\x10",
    "ctrl+q": "\x11",
    "ctrl+z": "\x1a",
}

_ALTERNATE = 1049
_CALM_S = 0.12
_SLOW_BYTES = 64
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-9;]*[a-zA-Z]")
"""Private sequences, of which it would show the end as text."""

Wanted = str | Callable[["Terminal"], object]


class Terminal:
    """Runs a program on a terminal of `rows` x `columns`; as a context manager, ends it.

    `raw` holds every byte that the program wrote; `started` is the `time.monotonic` of its start.
    The parent keeps the program's end open too, so that its modes can be read after the exit.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        rows: int = 24,
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._display = _TwoScreens(columns, rows)
        self._stream = pyte.ByteStream(self._display)
        self._lock = threading.Lock()
        self._raw = bytearray()
        self._last_output = self._last_busy = time.monotonic()
        self._pause_s = 0.0
        self._master, slave = os.openpty()
        self._slave = slave
        _set_size(slave, rows, columns)
        self.modes_before = termios.tcgetattr(slave)
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            ["setsid", "--ctty", "--", *command],  # execs it as the leader of a session of its own
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment(env),
            cwd=cwd,
        )
        self._wake_read, self._wake_write = os.pipe()
        self._reader = threading.Thread(target=self._read, name="pty-reader", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # What is seen

    @property
    def screen(self) -> list[str]:
        """The lines on screen, without trailing blanks."""
        with self._lock:
            return [line.rstrip() for line in self._display.display]

    @property
    def text(self) -> str:
        """The lines on screen in one piece."""
        return "\n".join(self.screen)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column of the cursor, from 0."""
        with self._lock:
            return self._display.cursor.y, self._display.cursor.x

    def color_of(self, text: str) -> str:
        """The color of the first letter of this text on screen; empty when it is not there."""
        with self._lock:
            for y, line in enumerate(self._display.display):
                if (x := line.find(text)) >= 0:
                    return str(self._display.buffer[y][x].fg)
        return ""

    @property
    def raw(self) -> bytes:
        """Every byte written to the terminal so far."""
        with self._lock:
            return bytes(self._raw)

    @property
    def modes(self) -> list[Any]:
        """The modes of the line (`termios.tcgetattr`); compare with `modes_before`."""
        return termios.tcgetattr(self._slave)

    def wait_for(self, wanted: Wanted) -> None:
        """Wait until this text is on screen, or until `wanted(terminal)` is true."""
        if callable(wanted):
            self._wait(lambda: wanted(self), "the screen to change")
        else:
            self._wait(lambda: wanted in self.text, f"{wanted!r} on screen")

    def wait_gone(self, text: str) -> None:
        """Wait until this text is not on screen any more."""
        self._wait(lambda: text not in self.text, f"{text!r} to leave the screen")

    def _wait(self, holds: Callable[[], object], what: str) -> None:
        try:
            wait_until(holds, what)
        except AssertionError as error:
            status = "" if self.running else f" (exit status {self.exit_status})"
            raise AssertionError(f"{error}; the terminal{status} shows:\n{self.text}") from None

    def wait_calm(self) -> None:
        """Wait until it has taken every key and rests, with nothing written for a while.

        What goes on by itself must be slower than that.
        """
        self._last_busy = time.monotonic()
        self._wait(lambda: self._calm_for() > _CALM_S, "it to rest")

    def _calm_for(self) -> float:
        """For how many seconds it has neither written nor worked nor left a key unread."""
        unread = struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4)))[0]
        if unread or _works(self.pid):
            self._last_busy = time.monotonic()
        return time.monotonic() - max(self._last_output, self._last_busy)

    # What is done

    def send(self, *keys: str) -> None:
        """Type: names of `KEYS` are translated, everything else is sent as it is."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def send_bytes(self, data: bytes) -> None:
        """Send what no key sends."""
        os.write(self._master, data)

    def click(self, row: int, column: int) -> None:
        """Press and release the left button on a cell, counted from 0 (SGR mouse protocol)."""
        place = f"{column + 1};{row + 1}"
        os.write(self._master, f"\x1b[<0;{place}M\x1b[<0;{place}m".encode())

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the window; the program gets SIGWINCH."""
        with self._lock:
            self._display.resize(rows, columns)
        _set_size(self._master, rows, columns)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self._process.send_signal(number)

    def slow_down(self, bytes_per_s: float) -> None:
        """Take only so much from now on, as a poor connection does; 0 is as fast as can be."""
        self._pause_s = _SLOW_BYTES / bytes_per_s if bytes_per_s else 0.0

    def stall(self) -> None:
        """Take nothing more, as a frozen connection does, until no more can be written."""
        self._stop_reading()
        wait_until(lambda: not select.select([], [self._slave], [], 0)[1], "a full terminal")

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does: the program gets SIGHUP."""
        self._stop_reading()
        for descriptor in (self._slave, self._master):
            os.close(descriptor)
        self._slave = self._master = -1

    # How it ends

    @property
    def pid(self) -> int:
        """The program's process id; it leads its session and its process group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """Its exit code, `-N` when signal N killed it, `None` while it runs."""
        return self._process.poll()

    def wait_exit(self) -> int:
        """Wait for the end of the program and of its output; its exit status."""
        self._wait(lambda: not self.running, "the program to end")
        wait_until(lambda: not select.select([self._master], [], [], 0)[0], "the last output")
        assert self.exit_status is not None
        return self.exit_status

    def close(self, grace: float = PATIENCE_S) -> None:
        """End the program, by force after `grace` seconds, and give everything back."""
        self._end_program(grace)
        self._stop_reading()
        if self._wake_read >= 0:
            for descriptor in (self._master, self._slave, self._wake_read, self._wake_write):
                if descriptor >= 0:
                    os.close(descriptor)
            self._master = self._slave = self._wake_read = self._wake_write = -1

    def _stop_reading(self) -> None:
        if self._reader.is_alive():
            os.write(self._wake_write, b"x")
            self._reader.join()

    def _end_program(self, grace: float) -> None:
        if not self.running:
            return
        self._process.terminate()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            with self._lock:
                data = os.read(self._master, _SLOW_BYTES if self._pause_s else 65536)
                self._raw += data
                self._last_output = time.monotonic()
                self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
            time.sleep(self._pause_s)


class _TwoScreens(pyte.Screen):
    """A display with an alternate screen: what the program left there is not seen after it."""

    _normal: list[tuple[int, dict[int, Any]]] | None = None

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        """An empty screen is taken for the normal one."""
        super().set_mode(*modes, **kwargs)
        if kwargs.get("private") and _ALTERNATE in modes and self._normal is None:
            self._normal = [(y, dict(line)) for y, line in self.buffer.items()]
            self.save_cursor()
            self.erase_in_display(2)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        """The normal screen is back as it was."""
        super().reset_mode(*modes, **kwargs)
        if kwargs.get("private") and _ALTERNATE in modes and self._normal is not None:
            self.erase_in_display(2)
            for y, line in self._normal:
                self.buffer[y].update(line)
            self.restore_cursor()
            self._normal = None


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    foreign = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TMUX")
    env = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(extra or {})}


def _works(pid: int) -> bool:
    """Whether a thread of this process runs or could (state `R` or `D`, proc(5)), or just ended."""
    try:
        stats = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:
        return True
    return any(stat.rpartition(")")[2].split()[0] in "RD" for stat in stats)


def _set_size(descriptor: int, rows: int, columns: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
