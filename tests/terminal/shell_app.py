"""A small app that hands its terminal to a local shell; a program for test_shell.py."""

import asyncio
import os
import signal
import struct
import sys
import termios
from fcntl import ioctl

from textual.app import App, ComposeResult
from textual.widgets import Static

from dstui.background import Background
from dstui.domain.engine import EngineError, NoShellError
from dstui.ui.shell import hand_over


class LocalShell:
    """`sh` on a pseudo-terminal of its own, in the place of a shell in a container."""

    def __init__(self, rows: int, columns: int, *command: str) -> None:
        self.pid, self._master = os.forkpty()
        if not self.pid:
            os.environ.update(PS1="inside$ ", ENV="", TERM="dumb")
            os.execvp(command[0], command)
        self.resize(rows, columns)

    @property
    def pending(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._master

    def receive(self) -> bytes:
        try:
            return os.read(self._master, 65536)
        except OSError:
            return b""

    def send(self, data: bytes) -> None:
        os.write(self._master, data)

    def resize(self, rows: int, columns: int) -> None:
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        os.close(self._master)
        print_to_log("closed")

    def exit_code(self) -> int | None:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class BrokenShell(LocalShell):
    def receive(self) -> bytes:
        raise ValueError("the pump broke")


def print_to_log(text: str) -> None:
    with open(sys.argv[1], "a", encoding="utf-8") as log:  # noqa: PTH123
        log.write(f"{text}\n")


def no_shell(_rows: int, _columns: int) -> LocalShell:
    raise NoShellError("distroless:1")


def refused(_rows: int, _columns: int) -> LocalShell:
    raise EngineError("container is \x1b[2Jpaused")


OPENERS = {
    "e": lambda rows, columns: LocalShell(rows, columns, "sh"),
    "b": lambda rows, columns: BrokenShell(rows, columns, "sh"),
    "f": lambda rows, columns: LocalShell(rows, columns, "sh", "-c", "echo no such thing; exit 3"),
    "n": no_shell,
    "r": refused,
}


class ShellApp(App[None]):
    """Each key of `OPENERS` opens its shell; any other key counts."""

    background = Background()
    count = 0

    def compose(self) -> ComposeResult:
        yield Static("count 0")

    def on_mount(self) -> None:
        if "--signals" in sys.argv:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGTERM, self.exit)

    def on_key(self, event: object) -> None:
        key = getattr(event, "key", "")
        if key in OPENERS:
            self.run_worker(self.open(key), exit_on_error=False)
        elif key == "q":
            self.exit()
        else:
            self.count += 1
            self.query_one(Static).update(f"count {self.count}")

    async def open(self, key: str) -> None:
        result = await hand_over(self, self.background, f"shell {key}", OPENERS[key])
        print_to_log(f"ran={result.ran} code={result.exit_code} error={result.error}")


if __name__ == "__main__":
    ShellApp().run()
