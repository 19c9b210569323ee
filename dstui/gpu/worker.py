"""The process that talks to the driver: `python -m dstui.gpu.worker`.

It writes a report a second to its standard output, and events as they come, a JSON line each,
until its standard input ends. A call that hangs in the driver hangs nothing but this process.
"""

import os
import sys
import threading
import time

from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_event import GpuEvent
from dstui.gpu.provider import Provider
from dstui.gpu.wire import encode

SAMPLE_EVERY_S = 1.0


def main() -> None:
    """Sample until the reader is gone."""
    threading.Thread(target=_leave_with_the_reader, daemon=True).start()
    from dstui.gpu.nvidia import NvidiaProvider

    provider = NvidiaProvider()
    say = Speaker(sys.stdout.fileno())
    # Waiting for events blocks in the driver, so it has a thread of its own.
    threading.Thread(target=provider.follow_events, args=(say,), daemon=True).start()
    _sample_for_ever(provider, say)


class Speaker:
    """Writes messages whole, whichever thread they come from; ends the process with the reader."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def __call__(self, message: GpuReport | GpuEvent) -> None:
        line = encode(message)
        with self._lock:
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except BrokenPipeError:
                os._exit(0)


def _sample_for_ever(provider: Provider, say: Speaker) -> None:
    due = time.monotonic()
    while True:
        say(provider.sample())
        due = max(due + SAMPLE_EVERY_S, time.monotonic())
        time.sleep(due - time.monotonic())


def _leave_with_the_reader() -> None:
    """Wait on a thread for the end of the input: the main one may be stuck in the driver."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
