"""The worker process as seen from here: started, read with a deadline, never waited for."""

import contextlib
import os
import select
import subprocess
import sys
from pathlib import Path

import dstui

_ROOT = str(Path(dstui.__file__).parents[1])
# This program's directory comes last, so that nothing beside it can stand in for a module of
# Python's own; `-P` keeps the current directory out for the same reason.
_START = "import sys; sys.path.append(sys.argv[1]); from dstui.gpu.worker import main; main()"
COMMAND = (sys.executable, "-P", "-c", _START, _ROOT)


class Silence(Exception):  # noqa: N818 - it is no error that the driver takes its time
    """Nothing came within the time given."""


class Ended(Exception):  # noqa: N818
    """The worker is gone."""


class WorkerProcess:
    """A running worker, in a session of its own: Ctrl-C in a shell that dstui runs spares it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()
        self._pending = b""

    def read_line(self, timeout: float) -> bytes:
        """The next line; raises `Silence` or `Ended`."""
        while b"\n" not in self._pending:
            ready, _, _ = select.select([self._output], [], [], timeout)
            if not ready:
                raise Silence
            data = os.read(self._output, 65536)
            if not data:
                raise Ended
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def kill(self) -> None:
        """End it without waiting."""
        with contextlib.suppress(OSError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self, timeout: float) -> bool:
        """Whether it is gone within this time."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def pid(self) -> int:
        """The process that holds the driver."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs: one that is stuck in the driver survives being killed."""
        return self._process.poll() is None
