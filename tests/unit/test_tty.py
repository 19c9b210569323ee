"""The pump between a real pseudo-terminal and a remote program, in a process of its own."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.terminal.pty_app import Terminal
from tests.waiting import PATIENCE_S, wait_until

SCRIPT = """
import socket, sys
from dstui.tty import pump

class Remote:
    pending = False
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.fileno = self.socket.fileno
    def receive(self):
        data = self.socket.recv(65536)
        if data.endswith(b"raise"):
            raise RuntimeError("the remote end broke")
        return data
    def send(self, data):
        self.socket.sendall(data)
    def resize(self, rows, columns):
        self.socket.sendall(b"[%d %d]" % (rows, columns))
    def close(self):
        self.socket.sendall(b"[closed]")
        self.socket.close()

pump(Remote(sys.argv[1]), 0, 1)
print("pumped")
"""


class Far:
    """The remote program: what was typed into it, and a way to say something."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.heard = b""
        self.say = connection.sendall
        self.end = connection.close

    def wait_for(self, text: bytes) -> None:
        def heard() -> bool:
            while text not in self.heard and (data := self._connection.recv(4096)):
                self.heard += data
            return text in self.heard

        self._connection.settimeout(PATIENCE_S)
        wait_until(heard, what=f"{text!r} to arrive")


@contextmanager
def pumping(path: Path, command_line: str = "") -> Iterator[tuple[Terminal, Far]]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path / "remote"))
        server.listen()
        server.settimeout(PATIENCE_S)
        words = [sys.executable, "-c", SCRIPT, str(path / "remote")]
        if command_line:
            words = ["sh", "-c", f'"$@" {command_line}', "sh", *words]
        with Terminal(words, rows=20, columns=70) as terminal:
            connection, _ = server.accept()
            with connection:
                far = Far(connection)
                far.wait_for(b"[20 70]")
                yield terminal, far


def test_bytes_both_ways_and_control_characters_are_the_programs(tmp_path: Path) -> None:
    with pumping(tmp_path) as (terminal, far):
        far.say(b"hello\r\n$ ")
        terminal.wait_for("$ ".strip())
        terminal.send("ls", "enter", "ctrl+c", "ctrl+d", "\x1a")
        far.wait_for(b"ls\r\x03\x04\x1a")
        assert terminal.running
        far.end()
        terminal.wait_for("pumped")
        terminal.wait_exit()
        assert terminal.modes == terminal.modes_before


def test_the_size_is_followed(tmp_path: Path) -> None:
    with pumping(tmp_path) as (terminal, far):
        terminal.resize(33, 101)
        far.wait_for(b"[33 101]")


def test_the_modes_come_back_when_the_remote_end_raises(tmp_path: Path) -> None:
    with pumping(tmp_path) as (terminal, far):
        far.say(b"\x1b[?25l\x1b[?1000h")
        far.say(b"raise")
        assert terminal.wait_exit() == 1
        assert terminal.modes == terminal.modes_before
        assert b"\x1b[?25h" in terminal.raw
        terminal.wait_for("RuntimeError: the remote end broke")


def test_a_termination_signal_closes_the_remote_end_and_ends_us(tmp_path: Path) -> None:
    with pumping(tmp_path) as (terminal, far):
        terminal.signal(signal.SIGTERM)
        far.wait_for(b"[closed]")
        assert terminal.wait_exit() == -signal.SIGTERM
        assert terminal.modes == terminal.modes_before


def test_input_from_a_file_is_typed_and_ended(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("some words\n")
    with pumping(tmp_path, f"<{tmp_path / 'input'}") as (terminal, far):
        far.wait_for(b"some words\n\x04")
        far.say(b"answer")
        terminal.wait_for("answer")
        far.end()
        terminal.wait_for("pumped")


def test_a_large_output_arrives_whole_on_a_terminal_that_does_not_block(tmp_path: Path) -> None:
    with pumping(tmp_path) as (terminal, far):
        far.say(b"".join(b"line %d\r\n" % number for number in range(20_000)))
        far.end()
        terminal.wait_for("pumped")
        assert terminal.raw.count(b"line ") == 20_000
