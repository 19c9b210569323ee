"""The one place that hands the terminal over and takes it back."""

import asyncio
import contextlib
import os
import signal
import termios
import tty
from asyncio import FIRST_COMPLETED
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from time import monotonic
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from textual import events
from textual.app import App, SuspendNotSupported

from dstui.background import Background
from dstui.domain.container import Container
from dstui.domain.engine import EngineError, EngineUnreachableError, ShellRequest
from dstui.domain.text import clean
from dstui.session import ReadOnlyError, Session
from dstui.tty import RemoteTerminal, write_last_words

OpenRemote = Callable[[int, int], RemoteTerminal]
"""Opens the program for a window of so many rows and columns; blocks."""

_STDIN, _STDOUT = 0, 1
_TOO_SHORT_S = 1.0
"""A program that fails this soon has shown something that is to be read."""
_SLOW_S = 0.5
_NO_TERMINAL = "There is no terminal here that could be handed over"
_EXIT_CODE_S = 2.0

_RESTORE = (
    "\x1b7\x1b[r\x1b8"  # no scroll region; setting one moves the cursor
    "\x1b7\x1b[?1049l"  # the normal screen; where it is already, the cursor stays
    "\x1b[?1l\x1b>"  # cursor keys and keypad as they are
    "\x1b[?7h\x1b[4l"  # wrapping, overwriting
    "\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l"
    "\x1b[?1004l\x1b[?2004l\x1b[?2026l\x1b[?2048l"  # mouse, focus, paste, held output, sizes
    "\x1b[>4m\x1b[=0u"  # keys as terminals have always sent them
    "\x1b[?25h\x1b[0 q\x1b(B\x0f\x1b[0m"  # the cursor, the letters, no colours
)
"""Undoes what a program may leave switched on that ended without a chance to tidy up."""


@dataclass(frozen=True, slots=True)
class ShellResult:
    """What came of it. `exit_code` is `None` when it is not known, or when nothing ran."""

    ran: bool
    exit_code: int | None = None
    error: str = ""
    seconds: float = 0.0


class _TerminatedError(Exception):
    """dstui itself was told to end while the terminal was handed over."""


class _GivenUpError(Exception):
    """The person did not want to wait for it any longer."""


class TypedAhead(App[None]):
    """Mixed into an app, keeps what is typed for a program that is being opened from itself.

    Whoever opens a shell types on at once: were it taken for commands when the shell cannot be
    opened, a word would stop and remove things. Esc gives the program up.
    """

    async def on_event(self, event: events.Event) -> None:
        """Let pass what was not typed for the program."""
        given_up = _given_up.get(self)
        if given_up is None or not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
        elif isinstance(event, events.Key) and event.key == "escape" and not given_up.done():
            given_up.set_result(None)


async def shell(
    app: App[Any], session: Session, container: Container, request: ShellRequest | None = None
) -> ShellResult:
    """A shell in the container, or the command of `request`."""
    wanted = request or ShellRequest(container.id)
    command = clean(" ".join(wanted.command)) or "shell"
    return await hand_over(
        app,
        session.background,
        f"{command} in {container.name}, exit or ctrl-d to return",
        lambda rows, columns: session.shell(replace(wanted, rows=rows, columns=columns)),
    )


async def shell_as(app: App[Any], session: Session, container: Container) -> ShellResult:
    """Ask for command, user and directory, then run it; what was answered is remembered.

    For a worker, as it waits for the answer.
    """
    from dstui.ui.screens.shell_as import ShellAsScreen

    before = _asked.get(container.id, ShellRequest(container.id))
    request = await app.push_screen_wait(ShellAsScreen(container.name, before))
    if request is None:
        return ShellResult(ran=False)
    _asked[container.id] = request
    return await shell(app, session, container, request)


async def attach(app: App[Any], session: Session, container: Container) -> ShellResult:
    """The main process of the container."""
    keys = session.config.detach_keys.replace(",", " ")
    return await hand_over(
        app,
        session.background,
        f"attached to {container.name}, {keys} to detach; ctrl-c goes to its main process",
        lambda rows, columns: session.attach(container.id, rows, columns),
    )


def can_hand_over(app: App[Any]) -> bool:
    """Whether there is a terminal to hand over: not in a browser, not without a screen."""
    return not app.is_web and not app.is_headless


async def hand_over(
    app: App[Any], background: Background, title: str, open_remote: OpenRemote
) -> ShellResult:
    """Run a remote program on the user's terminal while the app steps aside.

    It is opened first, in the background: what fails there is a toast, and nothing flickers.
    The event loop stands still until the program ends, so nothing paints over it; what threads
    have to say meanwhile waits in the store.
    """
    if not can_hand_over(app):
        return _refused(app, _NO_TERMINAL)
    if app in _busy:
        return ShellResult(ran=False, error="another one is being opened")
    _busy.add(app)
    try:
        rows, columns = app.size.height, app.size.width
        opening = background.submit(open_remote, rows, columns)
        remote = await _opened(app, opening, title)
    except _GivenUpError:
        return ShellResult(ran=False, error="given up")
    except (EngineError, EngineUnreachableError, ReadOnlyError, OSError) as error:
        return _refused(app, str(error))
    finally:
        _busy.discard(app)
    try:
        return _run(app, background, title, remote)
    except SuspendNotSupported:
        return _refused(app, _NO_TERMINAL)
    finally:
        await asyncio.wrap_future(background.submit(remote.close))


_busy: "WeakSet[App[Any]]" = WeakSet()
_given_up: "WeakKeyDictionary[App[Any], asyncio.Future[None]]" = WeakKeyDictionary()
"""Of the apps that are opening something: done when the person does not want it any more."""
_asked: dict[str, ShellRequest] = {}
"""The last answers of `shell_as`, by container id."""


async def _opened(app: App[Any], opening: "Future[RemoteTerminal]", title: str) -> RemoteTerminal:
    waiting = asyncio.wrap_future(opening)
    given_up = _given_up[app] = asyncio.get_running_loop().create_future()
    try:
        await asyncio.wait({waiting, given_up}, timeout=_SLOW_S, return_when=FIRST_COMPLETED)
        if not waiting.done() and not given_up.done():
            app.notify(clean(f"Opening {title}. Esc gives up"), markup=False)
        await asyncio.wait({waiting, given_up}, return_when=FIRST_COMPLETED)
        if not waiting.done():
            opening.add_done_callback(_close_unwanted)
            raise _GivenUpError
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise
    finally:
        del _given_up[app]


def _close_unwanted(opening: "Future[RemoteTerminal]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _refused(app: App[Any], why: str) -> ShellResult:
    why = clean(why)
    app.notify(why, severity="warning", timeout=8, markup=False)
    return ShellResult(ran=False, error=why)


# While the app is aside: nothing here may raise, or the app would never come back


def _run(app: App[Any], background: Background, title: str, remote: RemoteTerminal) -> ShellResult:
    with app.suspend():
        result, told_to_end = _on_the_terminal(background, title, remote)
    if told_to_end:
        app.exit()
    elif result.error:
        app.notify(result.error, severity="error", timeout=8, markup=False)
    return result


def _on_the_terminal(
    background: Background, title: str, remote: RemoteTerminal
) -> tuple[ShellResult, bool]:
    """What came of it, and whether a signal told dstui itself to end meanwhile."""
    started = monotonic()
    error, told_to_end = "", False
    code: int | None = None
    try:
        with _modes_restored(), _signals_held():
            try:
                _print(f"dstui: {clean(title)}")
                _pump(remote)
            except _TerminatedError:
                raise
            except Exception as failure:  # noqa: BLE001 - the app must come back, whatever it is
                error = clean(f"{failure}" or type(failure).__name__)
            if not error:
                code = _exit_code(background, remote)
            _write(_RESTORE)
            if monotonic() - started < _TOO_SHORT_S and (error or code):
                _wait_for_key(error or f"it ended with exit code {code}")
    except _TerminatedError:
        told_to_end = True
    except BaseException as failure:  # noqa: BLE001 - as above
        error = clean(f"{failure}" or type(failure).__name__)
    return ShellResult(True, code, error, monotonic() - started), told_to_end


def _pump(remote: RemoteTerminal) -> None:
    from dstui.tty import pump

    pump(remote, _STDIN, _STDOUT)


def _exit_code(background: Background, remote: RemoteTerminal) -> int | None:
    try:
        return background.submit(remote.exit_code).result(_EXIT_CODE_S)
    except Exception:  # noqa: BLE001 - a code that cannot be had is not known
        return None


@contextlib.contextmanager
def _modes_restored() -> Iterator[None]:
    """The terminal's line as it was, and every mode off that a program may have left on."""
    try:
        before = termios.tcgetattr(_STDIN)
    except termios.error:
        before = None
    try:
        yield
    finally:
        if before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(_STDIN, termios.TCSANOW, before)
        _write(_RESTORE)


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Ctrl-C typed before the program listens ends nothing; a kill ends the program, not more.

    Python handlers rather than SIG_IGN, which a child process would inherit.
    """
    armed = True

    def end(_number: int, _frame: FrameType | None) -> None:
        if armed:
            raise _TerminatedError

    handlers = {
        signal.SIGINT: lambda _number, _frame: None,
        signal.SIGTERM: end,
        signal.SIGHUP: end,
        signal.SIGQUIT: end,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        armed = False
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_for_key(why: str) -> None:
    """Let the person read what is on the screen."""
    _print(f"\r\ndstui: {why}. Press Enter to return")
    with contextlib.suppress(termios.error, OSError):
        tty.setraw(_STDIN)
        while os.read(_STDIN, 1) not in b"\r\n\x03\x04\x1bq":  # an end of input is in it too
            pass
        termios.tcflush(_STDIN, termios.TCIFLUSH)  # what else was typed is not for the app


def _print(text: str) -> None:
    _write(f"{text}\r\n")


def _write(text: str) -> None:
    write_last_words(_STDOUT, text.encode())  # the terminal may be gone, or stand still
