"""The terminal that dstui paints on: it may be slow, stand still, be suspended or go away.

All that works around Textual is here and in `screen_output`; its version is 8.2.8.
"""

import os
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import sleep
from types import FrameType
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from dstui.background import spawn
from dstui.ui.screen_output import ScreenOutput

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
_END_WITHIN_S = 1.8
"""When whoever was told to leave has not left by then, it is done without them."""
_RESTORE = (
    "\x1b\\"  # ends whatever a cut has left half said
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l"  # held output, paste, wrapping, sizes
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l"  # mouse, focus
    "\x1b[<u\x1b[0m\x1b[?1049l\x1b[?25h"  # keys, colors, the normal screen, the cursor
)


class TerminalDriver(LinuxDriver):
    """Textual's driver, for what terminals and their shells do to a program.

    Textual's own blocks the event loop as soon as 30 writes wait for a slow terminal, waits for
    all of them at the end, ends its writing thread with the first write that fails, reads keys
    on a second thread after a SIGCONT that no SIGTSTP went before, and stops itself alone where
    a shell expects the whole job to stop.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._output: ScreenOutput | None = None
        self._leaving = False
        signal.signal(signal.SIGTSTP, self._told_to_stop)
        signal.signal(signal.SIGCONT, self._told_to_go_on)

    # What is written

    def write(self, data: str) -> None:
        """Have it written; never waits."""
        if self._output is not None:
            self._output.write(data)

    @property
    def behind(self) -> bool:
        """Whether a picture more would only be seen late: `caught_up` of the app is told when."""
        return self._output is not None and self._output.behind

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._output = ScreenOutput(self.fileno_of_screen, self._lost, self._caught_up)
        self._output.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        for number in ENDING_SIGNALS:
            self._loop.add_signal_handler(number, self._woken)  # wakes the loop, where it can
            signal.signal(number, self._told_to_end)  # and this comes although it is busy

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was: at once, whatever it has not taken yet."""
        self.disable_input()
        self._give_back()

    @property
    def fileno_of_screen(self) -> int:
        """The descriptor on which Textual paints."""
        return int(self._file.fileno()) if self._file is not None else 2

    def _give_back(self) -> None:
        if self.attrs_before is not None:
            with suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        if self._output is not None:
            self._output.stop(_RESTORE)

    def _caught_up(self) -> None:
        self._app.call_later(self._app.caught_up)  # type: ignore[attr-defined]

    def _lost(self) -> None:
        self._app.call_later(self._app.exit)

    # What is read

    def _run_input_thread(self) -> None:
        while True:
            try:
                return self.run_input_thread()
            except UnicodeDecodeError:
                continue  # bytes that are no keys
            except OSError:
                return self._lost()

    # The end

    def _told_to_end(self, _number: int, _frame: FrameType | None) -> None:
        self.leave_in_time()

    def _woken(self) -> None:
        if self._leaving:  # the signal was not for what runs on the terminal meanwhile
            self._app.exit()

    def leave_in_time(self) -> None:
        """From now on, the end comes soon, whatever hangs: the terminal is restored before."""
        if not self._leaving:
            self._leaving = True
            spawn("leave", self._leave)

    def _leave(self) -> None:
        sleep(_END_WITHIN_S)
        self._give_back()
        os._exit(self._app.return_code or 0)

    # Being stopped, and going on

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self.suspend)
        else:  # the terminal is another program's
            os.kill(os.getpid(), signal.SIGSTOP)

    def _told_to_go_on(self, _number: int, _frame: FrameType | None) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._reclaim)

    def suspend(self) -> None:
        """Give the terminal back and stop the job; returns when it goes on, in the foreground."""
        if self._output is None or self._leaving:
            return
        self.suspend_application_mode()
        self._stop_the_job()
        self._take_again()

    def _reclaim(self) -> None:
        """Whoever had the terminal while we were stopped unasked has left it in modes of its own.

        Textual would start a second thread that reads keys, and never end the first.
        """
        if self._output is None or self._leaving:
            return
        self._wait_for_the_foreground()
        self.suspend_application_mode()
        self._take_again()

    def _take_again(self) -> None:
        self._wait_for_the_foreground()
        self.resume_application_mode()
        self._app.call_later(self._app.refresh, layout=True)

    def _stop_the_job(self) -> None:
        """Stop as ctrl+z does: all of the job, so that the shell has the terminal again.

        Where no shell could bring it back, in an orphaned job, the kernel lets it go on.
        """
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        os.kill(0, signal.SIGTSTP)  # the others
        with _standing_still(signal.SIGTSTP):
            signal.raise_signal(signal.SIGTSTP)  # to this thread, and so at once
        signal.signal(signal.SIGTSTP, self._told_to_stop)

    def _wait_for_the_foreground(self) -> None:
        """After `bg`, stand still until `fg`, as every program does that uses its terminal."""
        with _standing_still(signal.SIGTTOU), suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)  # stops whoever is in the background


@contextmanager
def _standing_still(number: signal.Signals) -> Iterator[None]:
    """This signal stops us in here; the SIGCONT that ends that is not told to anybody."""
    told = signal.signal(signal.SIGCONT, signal.SIG_DFL)
    signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, told)
