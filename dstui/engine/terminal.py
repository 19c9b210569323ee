"""What the interactive programs on an engine have in common."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dstui.domain.engine import EngineError
from dstui.engine.wire import Reply

if TYPE_CHECKING:
    from dstui.engine.client import Engine

UNTYPED_KEYS = ",".join(["ctrl-@"] * 8)
"""Detach keys that nobody types: the engine's own would swallow a shell's ctrl-p."""

_FIRST_SHELL = 'for shell; do command -v "$shell" >/dev/null 2>&1 && exec "$shell"; done; exec sh'


def first_shell(shells: Sequence[str]) -> list[str]:
    """A command that becomes the first of these shells that there is; it needs `sh` itself."""
    return ["sh", "-c", _FIRST_SHELL, "sh", *shells]


def program_is_missing(program: str, words: str) -> bool:
    """Whether the runtime (runc or crun) says that there is no such program."""
    return "executable file" in words or f"{program}: no such file" in words


def terminal_environment() -> list[str]:
    """What tells a program how to draw on the user's terminal."""
    known: Mapping[str, str] = {"TERM": "xterm-256color", **os.environ}
    return [f"{name}={known[name]}" for name in ("TERM", "COLORTERM") if name in known]


class RawTerminal:
    """A program with a terminal of its own, over a hijacked connection.

    `resource` is the path that takes its size. Exec sessions and attached containers differ in
    how they end.
    """

    def __init__(self, engine: "Engine", reply: Reply, resource: str) -> None:
        self._engine = engine
        self._reply = reply
        self._resource = resource

    def fileno(self) -> int:
        """The descriptor that becomes readable when there is output."""
        return self._reply.fileno()

    @property
    def pending(self) -> bool:
        """Whether there is output to receive although the descriptor may not be readable."""
        return self._reply.pending

    def receive(self) -> bytes:
        """Output that has come; empty when the program has ended or its connection broke."""
        while not self._reply.ended:
            try:
                output = self._reply.receive()
            except EngineError:
                break
            if output:
                return output
            self._reply.wait(None)
        return b""

    def send(self, data: bytes) -> None:
        """Type `data` into the program; when that has ended, `receive` tells."""
        try:
            self._reply.send(data)
        except EngineError:
            self._reply.hang_up()

    def resize(self, rows: int, columns: int) -> None:
        """Tell the program the size of its window; one that has ended needs none."""
        size = {"h": rows, "w": columns}
        try:
            self._engine.rest.ask("POST", f"{self._resource}/resize", size)
        except EngineError:
            return
