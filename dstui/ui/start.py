"""Starts the UI: the engine is greeted on a thread while Textual is still being imported."""

import gc
from collections.abc import Sequence
from concurrent.futures import Future

from dstui.background import spawn
from dstui.config import Config
from dstui.session import Options, Session

_CLOSING_S = 1.0
"""How long the exit waits for what is being tidied up."""


def run(config: Config, options: Options, problems: Sequence[object] = ()) -> int:
    """Show the user interface until it is left; the answer is the exit code."""
    gc.disable()  # what a start makes stays: looking through it for garbage costs 15 ms
    session = Session(config, options)
    opening = begin_to_open(session)
    from dstui.ui.app import DstuiApp

    app = DstuiApp(session, problems, opening)
    try:
        app.run(mouse=config.mouse)
    finally:
        spawn("close", session.close).join(_CLOSING_S)
    return app.return_code or 0


def begin_to_open(session: Session) -> "Future[None]":
    """Open and follow the engine on a thread; the future tells `EngineUnreachableError`."""

    def work() -> None:
        session.open()
        session.watch()

    return session.background.submit(work)


def started() -> None:
    """Collect garbage again, and leave out all that the start has made: it is there to stay."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
