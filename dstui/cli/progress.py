"""A long job on the command line: its progress on a terminal, and Ctrl-C to cancel it."""

import shutil
import sys
from contextlib import suppress

import click

from dstui.background import Cancellation
from dstui.domain.action import Action
from dstui.domain.transfer import TransferProgress, TransferResult
from dstui.render.transfers import progress_lines
from dstui.session import Session

CANCELLED = 130
_PATIENCE_S = 10.0
_ERASE_LINES = "\x1b[{}F\x1b[J"


def run_transfer(session: Session, action: Action) -> TransferResult:
    """Run it to its end; Ctrl-C cancels it, and leaves with the exit code of that."""
    progress, cancellation = _Progress(), Cancellation()
    running = session.background.submit(session.transfer, action, progress.show, cancellation)
    try:
        return running.result()
    except KeyboardInterrupt:
        cancellation.cancel()
        with suppress(TimeoutError):  # after that the engine is left to find out by itself
            running.result(_PATIENCE_S)
        raise click.exceptions.Exit(CANCELLED) from None
    finally:
        progress.end()


class _Progress:
    """Redraws a few lines on standard error, if that is a terminal; nothing of it stays."""

    def __init__(self) -> None:
        self._drawn = 0
        self._on_terminal = sys.stderr.isatty()

    def show(self, progress: TransferProgress) -> None:
        """Called on the transfer's thread."""
        if self._on_terminal:
            width, height = shutil.get_terminal_size()
            self._draw(progress_lines(progress, width - 1, height - 1))

    def end(self) -> None:
        """Wipe it away."""
        if self._drawn:
            self._draw([])

    def _draw(self, lines: list[str]) -> None:
        erase = _ERASE_LINES.format(self._drawn) if self._drawn else ""
        sys.stderr.write(erase + "".join(f"{line}\n" for line in lines))
        sys.stderr.flush()
        self._drawn = len(lines)
