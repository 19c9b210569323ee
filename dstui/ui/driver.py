"""The terminal that dstui paints on: it speaks UTF-8, and may go away."""

import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Textual's driver, for terminals that are lost or send what is not UTF-8.

    Textual's writing thread ends with the first write that fails, and the app then waits for it
    for ever: a dropped SSH connection would leave dstui running.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        if isinstance(sys.__stderr__, TextIOWrapper):  # whatever the locale says
            sys.__stderr__.reconfigure(encoding="utf-8")
        self._file: Any = _Screen(self._file, self._lost)

    def _run_input_thread(self) -> None:
        while True:
            try:
                return self.run_input_thread()
            except UnicodeDecodeError:
                continue  # bytes that are no keys
            except OSError:
                return self._lost()

    def _lost(self) -> None:
        self._app.call_later(self._app.exit)


class _Screen:
    """What is written to a terminal that is gone is nobody's loss."""

    def __init__(self, file: IO[str], lost: Callable[[], object]) -> None:
        self._file = file
        self._lost = lost
        self._gone = False
        self.fileno = file.fileno
        self.isatty = file.isatty

    def write(self, text: str) -> None:
        """Write, as long as there is somewhere to write to."""
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Have it seen."""
        self._try(self._file.flush)

    def _try(self, write: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            write()
        except OSError:
            self._gone = True
            self._lost()
