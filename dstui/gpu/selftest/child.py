"""A process of our own for calls that may hang in the driver."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Sequence

_LOOK_EVERY_S = 0.05


class DriverHangsError(Exception):
    """The driver did not answer in the time given."""


def run_child(command: Sequence[str], limit_s: float, stop: threading.Event) -> tuple[bytes, int]:
    """What it wrote on standard output, and its exit code. Its input stays open until it ends.

    Raises `DriverHangsError`; a child that is stuck in the kernel is left behind.
    """
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    output: list[bytes] = []

    def read() -> None:
        assert child.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            output.append(child.stdout.read())
            child.stdout.close()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    waited = 0.0
    while reader.is_alive() and waited < limit_s and not stop.is_set():
        reader.join(_LOOK_EVERY_S)
        waited += _LOOK_EVERY_S
    hangs = reader.is_alive()
    if hangs:
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
    assert child.stdin is not None
    child.stdin.close()
    if hangs:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_LOOK_EVERY_S)
        raise DriverHangsError
    return b"".join(output), child.wait()
