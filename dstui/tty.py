"""The user's own terminal: raw mode, its size, and bytes pumped between it and a remote one."""

import contextlib
import os
import select
import signal
import termios
import threading
import time
import tty
from collections.abc import Iterator
from types import FrameType
from typing import Protocol

_READ_BYTES = 64 * 1024
_WRITE_BYTES = 4096
_END_OF_INPUT = b"\x04"
_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_LAST_WORDS_S = 0.5
_PATIENCE_S = 0.2
"""How long a terminal that takes nothing is waited for before signals are looked at."""
_CALM = b"\x0f\x1b[?47l\x1b[?1000;1002;1003;1004;1006l\x1b[?2004l\x1b[?1l\x1b>\x1b[?25h\x1b[0m"
"""What a program that was killed has not undone: alternate screen, mouse, paste, keypad, colors."""


class RemoteTerminal(Protocol):
    """An interactive program at the other end: an exec session or an attached container."""

    def fileno(self) -> int:
        """The descriptor that becomes readable when there is output."""

    @property
    def pending(self) -> bool:
        """Whether there is output to receive although the descriptor may not be readable."""

    def receive(self) -> bytes:
        """Output that has come; empty when the program has ended."""

    def send(self, data: bytes) -> None:
        """Type `data` into the program."""

    def resize(self, rows: int, columns: int) -> None:
        """Tell the program the size of its window."""

    def close(self) -> None:
        """End the session; nothing of it is left on the engine."""

    def exit_code(self) -> int | None:
        """The program's exit code, `None` while it runs or when it is not known."""


def pump(remote: RemoteTerminal, stdin_fd: int, stdout_fd: int) -> None:
    """Connect the user's terminal to `remote` until it ends or the terminal is hung up.

    The terminal's modes are restored whatever happens. A SIGTERM or SIGHUP that comes meanwhile
    closes `remote` and is raised again afterwards. Signals are seen in the main thread only.
    """
    with _signals() as signals:
        with _raw_mode(stdin_fd), _calmed(stdout_fd):
            _Pump(remote, stdin_fd, stdout_fd, signals).run()
        if signals.ending is not None:
            remote.close()
    if signals.ending is not None:
        signal.raise_signal(signals.ending)


class _Signals:
    """What signals have told since; `wake_fd` becomes readable when there is something."""

    def __init__(self) -> None:
        self.wake_fd, self._write_fd = os.pipe()
        os.set_blocking(self._write_fd, False)
        self.ending: signal.Signals | None = None

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """The handler of all of them."""
        if number in _ENDING_SIGNALS:
            self.ending = signal.Signals(number)
        with contextlib.suppress(BlockingIOError):
            os.write(self._write_fd, b".")

    def close(self) -> None:
        os.close(self.wake_fd)
        os.close(self._write_fd)


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    signals = _Signals()
    in_main_thread = threading.current_thread() is threading.main_thread()
    handled = (signal.SIGWINCH, *_ENDING_SIGNALS) if in_main_thread else ()
    before = {number: signal.signal(number, signals.handle) for number in handled}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        signals.close()


@contextlib.contextmanager
def _raw_mode(descriptor: int) -> Iterator[None]:
    """Bytes as they are typed; for what is no terminal, nothing is changed."""
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:
        yield
        return
    try:
        tty.setraw(descriptor, termios.TCSADRAIN)  # what was typed ahead is for the program
        yield
    finally:
        with contextlib.suppress(termios.error):  # the terminal itself may be gone
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _calmed(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        if os.isatty(descriptor):
            write_last_words(descriptor, _CALM)


class _Pump:
    """The loop that moves the bytes."""

    def __init__(
        self, remote: RemoteTerminal, stdin_fd: int, stdout_fd: int, signals: _Signals
    ) -> None:
        self._remote = remote
        self._stdin_fd = stdin_fd
        self._stdout_fd = stdout_fd
        self._signals = signals
        self._interactive = os.isatty(stdin_fd)
        self._ready = select.poll()
        for descriptor in (stdin_fd, signals.wake_fd, remote.fileno()):
            self._ready.register(descriptor, select.POLLIN)

    def run(self) -> None:
        """Until the remote program or the user's terminal ends, or a signal ends us."""
        self._resize()
        while self._signals.ending is None:
            ready = {} if self._remote.pending else dict(self._ready.poll())
            if self._signals.wake_fd in ready:
                os.read(self._signals.wake_fd, _READ_BYTES)
                self._resize()
            if self._remote.pending or self._remote.fileno() in ready:
                output = self._remote.receive()
                if not output or not self._show(output):
                    return
            if self._stdin_fd in ready and not self._type():
                return

    def _show(self, output: bytes) -> bool:
        """Write to the user's terminal; false when it is gone, or a signal ends us meanwhile."""
        rest = memoryview(output)
        try:
            while rest and self._signals.ending is None:
                rest = rest[write_some(self._stdout_fd, rest, _PATIENCE_S) :]
        except OSError:
            return False
        return not rest

    def _type(self) -> bool:
        """Pass on what was typed; false when the user's terminal is gone."""
        try:
            data = os.read(self._stdin_fd, _READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        if data:
            self._remote.send(data)
            return True
        if self._interactive:
            return False
        self._ready.unregister(self._stdin_fd)  # a file has ended: the program goes on
        self._remote.send(_END_OF_INPUT)
        return True

    def _resize(self) -> None:
        with contextlib.suppress(OSError):  # no terminal, no size
            columns, rows = os.get_terminal_size(self._stdout_fd)
            if rows and columns:
                self._remote.resize(rows, columns)


def nonblocking_twin(descriptor: int) -> int:
    """Another descriptor for the same terminal, on which a write never waits; to be closed.

    The flag belongs to the open file, which is shared with the shell that started us: so the
    terminal is opened anew. What cannot be opened, or is no terminal, is only duplicated.
    """
    try:
        flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        twin = os.open(os.ttyname(descriptor), flags)
    except OSError:
        return os.dup(descriptor)
    if os.fstat(twin).st_rdev == os.fstat(descriptor).st_rdev:
        return twin
    os.close(twin)  # the name means another terminal here, as in a container
    return os.dup(descriptor)


def write_some(descriptor: int, data: "bytes | memoryview", seconds: float) -> int:
    """Write what the terminal takes at once, when it takes anything in that time: how many bytes.

    Raises `OSError` when it is gone.
    """
    writable = select.poll()
    writable.register(descriptor, select.POLLOUT)
    if not writable.poll(1000 * seconds):
        return 0
    try:
        return os.write(descriptor, data[:_WRITE_BYTES])
    except BlockingIOError:
        time.sleep(min(seconds, 0.005))  # there is room, but not for a line end
        return 0


def write_within(descriptor: int, data: bytes, seconds: float) -> bool:
    """Write it if the terminal takes it in that time; whether all of it was taken."""
    deadline = time.monotonic() + seconds
    rest = memoryview(data)
    with contextlib.suppress(OSError):
        while rest and (left := deadline - time.monotonic()) > 0:
            rest = rest[write_some(descriptor, rest, left) :]
    return not rest


def write_last_words(descriptor: int, data: bytes) -> None:
    """Write what restores a terminal, unless it takes nothing any more."""
    with contextlib.suppress(OSError):
        twin = nonblocking_twin(descriptor)
        try:
            write_within(twin, data, _LAST_WORDS_S)
        finally:
            os.close(twin)
