"""The user's own terminal: raw mode, its size, and bytes pumped between it and a remote one."""

from typing import Protocol


class RemoteTerminal(Protocol):
    """An interactive program at the other end: an exec session or an attached container."""

    def fileno(self) -> int:
        """The descriptor that becomes readable when there is output."""

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
