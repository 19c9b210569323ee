"""The demo engine as a process: it serves until its standard input ends, as its parent does.

Arguments: containers, seed, the number of the listening socket's descriptor, its path.
"""

import contextlib
import os
import socket
import sys
from pathlib import Path

from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World

_LIFE_EVERY_S = 6.0
_STOP_S = 0.6


def main(arguments: list[str]) -> None:
    containers, seed, descriptor = (int(word) for word in arguments[:3])
    path = Path(arguments[3])
    server = DemoServer(
        World(containers, seed), path, pace=Pace(life_every_s=_LIFE_EVERY_S, stop_s=_STOP_S)
    )
    server.start(socket.socket(fileno=descriptor))
    with contextlib.suppress(KeyboardInterrupt):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    server.stop()
    with contextlib.suppress(OSError):
        path.parent.rmdir()


if __name__ == "__main__":
    main(sys.argv[1:])
