"""The process that talks to the driver: `python -m dstui.gpu.worker`.

It writes a report a second to its standard output, a JSON line each, until its standard input
ends. A call that hangs in the driver hangs nothing but this process.
"""

import os
import sys
import threading
import time

from dstui.gpu.provider import Provider
from dstui.gpu.wire import encode

SAMPLE_EVERY_S = 1.0


def main() -> None:
    """Sample until the reader is gone."""
    threading.Thread(target=_leave_with_the_reader, daemon=True).start()
    from dstui.gpu.nvidia import NvidiaProvider

    try:
        _sample_for_ever(NvidiaProvider())
    except BrokenPipeError:
        os._exit(0)  # an orderly exit would try to flush into the broken pipe


def _sample_for_ever(provider: Provider) -> None:
    due = time.monotonic()
    while True:
        sys.stdout.buffer.write(encode(provider.sample()))
        sys.stdout.buffer.flush()
        due = max(due + SAMPLE_EVERY_S, time.monotonic())
        time.sleep(due - time.monotonic())


def _leave_with_the_reader() -> None:
    """Wait on a thread for the end of the input: the main one may be stuck in the driver."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
