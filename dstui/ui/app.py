"""The App: composition and wiring only."""

import asyncio
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.theme import Theme

from dstui.domain.engine import EngineUnreachableError
from dstui.domain.text import clean
from dstui.session import DEMO_CONTAINERS, Session
from dstui.store import Topic
from dstui.ui import keys, theme
from dstui.ui.exact_updates import ExactUpdates
from dstui.ui.keys_in_turn import KeysInTurn
from dstui.ui.newest_picture import NewestPicture
from dstui.ui.said_once import SaidOnce
from dstui.ui.screens.main import MainScreen
from dstui.ui.shell import TypedAhead
from dstui.ui.start import begin_to_open, started

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.driver import Driver

    from dstui.ui.screens.connection import Answer

EXIT_NO_ENGINE = 3
_STARTED_S = 1.0
"""When the first pictures are painted for sure."""


class DstuiApp(SaidOnce, TypedAhead, KeysInTurn, NewestPicture, ExactUpdates, App[None]):
    """Owns the session, opens it behind the first picture, and hands its changes to the screen."""

    TITLE = "dstui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "app_suspend", "Suspend", show=False, id="app.suspend")
    ]
    ENABLE_COMMAND_PALETTE = False  # the palette opens by its own command, whose key can be set

    def __init__(
        self,
        session: Session,
        problems: Sequence[object] = (),
        opening: "Future[None] | None" = None,
    ) -> None:
        """`opening` is what `begin_to_open` answered, if the session is being opened already."""
        config = session.config
        self._theme, wrong_theme = _first_theme(config.theme)
        super().__init__()
        self.session = session
        self._opening = opening
        self._main = MainScreen(self.session)
        self._problems = [*map(str, problems), *wrong_theme, *keys.problems(config.keys)]
        self._stop_listening: Callable[[], None] = lambda: None
        self._lost = False
        self._excepthook = threading.excepthook
        self.register_theme(self._theme)
        self.theme = self._theme.name
        self.set_keymap(keys.keymap(config.keys))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The roles, for the moment before the theme is set."""
        return self._theme.variables

    def get_default_screen(self) -> Screen[None]:
        """The first picture: all of it is there but the rows."""
        return self._main

    # Life

    def get_driver_class(self) -> "type[Driver]":
        """One that outlives its terminal."""
        from dstui.ui.driver import TerminalDriver

        return TerminalDriver

    def exit(
        self,
        result: None = None,
        return_code: int = 0,
        message: "RenderableType | None" = None,
    ) -> None:
        """Leave, and soon, whatever hangs."""
        from dstui.ui.driver import TerminalDriver

        super().exit(result, return_code, message)
        if isinstance(self._driver, TerminalDriver):
            self._driver.leave_in_time()

    def action_app_suspend(self) -> None:
        """Stop, as every program of a shell does at ctrl+z."""
        from dstui.ui.driver import TerminalDriver

        if isinstance(self._driver, TerminalDriver):
            self._driver.suspend()

    def on_mount(self) -> None:
        """Paint first, then connect."""
        loop = asyncio.get_running_loop()
        self._excepthook, threading.excepthook = threading.excepthook, self._thread_failed
        for problem in self._problems:
            self.notify(clean(problem), severity="warning", timeout=10, markup=False)
        self._stop_listening = self.session.store.listen(
            lambda topics: self.call_next(self._store_changed, topics),
            lambda delay, call: loop.call_soon_threadsafe(loop.call_later, delay, call),
        )
        self.run_worker(self._open(), exit_on_error=False)
        self.set_timer(_STARTED_S, started)

    async def _open(self) -> None:
        try:
            opening, self._opening = self._opening or begin_to_open(self.session), None
            await asyncio.wrap_future(opening)
        except EngineUnreachableError as error:
            self._no_engine(error, "")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said on a screen
            self._no_engine(EngineUnreachableError(()), f"{type(error).__name__}: {error}")

    def _no_engine(self, error: EngineUnreachableError, reason: str) -> None:
        from dstui.ui.screens.connection import ConnectionScreen

        self.push_screen(ConnectionScreen(error.failures, clean(reason)), self._answered)

    def _answered(self, answer: "Answer | None") -> None:
        if answer not in ("retry", "demo"):
            self.exit(return_code=EXIT_NO_ENGINE)
            return
        if answer == "demo":
            why = "you asked for it, as no engine answers"
            options = replace(self.session.options, demo=DEMO_CONTAINERS, demo_reason=why)
            self.session.options = options
            self._main.summary.show_banner()
        self.run_worker(self._open(), exit_on_error=False)

    def focus_is_moving(self) -> bool:
        """Whether a section or a tab is about to take the keys."""
        return self.screen_stack[-1:] == [self._main] and self._main.focus_is_moving

    async def on_unmount(self) -> None:
        """Hear no more of the store, and cancel what is on its way."""
        self._stop_listening()
        threading.excepthook = self._excepthook
        await self._main.desk.close()

    # What changes

    def _store_changed(self, topics: frozenset[Topic]) -> None:
        if not (self._main.is_mounted and self._main.is_running):
            return
        self._main.store_changed(topics)
        if Topic.CONNECTION in topics:
            self._tell_of_connection()

    def _tell_of_connection(self) -> None:
        store = self.session.store
        lost = store.lost_since is not None
        if lost and not self._lost:
            self.notify(
                clean(f"The engine does not answer: {store.lost_reason}. Reconnecting…"),
                severity="error",
                timeout=8,
                markup=False,
            )
        elif self._lost and not lost:
            self.notify("The engine answers again; everything was read anew", timeout=4)
        self._lost = lost

    def _thread_failed(self, failed: threading.ExceptHookArgs) -> None:
        """What a thread did is not done any more: better said than found out."""
        from dstui.ui.crash import crash_note

        name = failed.thread.name if failed.thread else "a thread"
        error = failed.exc_value or RuntimeError("unknown")
        note = clean(crash_note(error, f"A part of dstui ({name}) stopped"))
        self.notify(note, severity="error", timeout=30, markup=False)

    def _fatal_error(self) -> None:
        """Textual would print a traceback with every local variable, secrets among them."""
        from rich.text import Text

        from dstui.ui.crash import crash_note

        self.bell()
        self.panic(Text(clean(crash_note(sys.exception() or RuntimeError("unknown")), 2000)))

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Said once at the start, see `keys.problems`."""


def _first_theme(name: str) -> tuple[Theme, list[str]]:
    try:
        return theme.load(name), []
    except theme.ThemeError as error:
        return theme.load(theme.DEFAULT), [f"{error}. The default is used"]
