"""`make screenshots`: the pictures of the README, taken of the program over its demo engine.

Names of pictures as arguments take only those.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from dstui.config import Config
from dstui.session import Options, Session
from dstui.ui.app import DstuiApp
from dstui.ui.screens.confirm import ConfirmScreen

FOLDER = Path(__file__).parent.parent / "screenshots"
CONTAINERS = 30
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Picture:
    """The keys that lead to a view, and the words by which one knows that it is there."""

    name: str
    keys: tuple[str, ...]
    shows: tuple[str, ...]
    size: tuple[int, int] = (140, 40)
    theme: str = "dstui-dark"
    seconds_of_history: int = 0
    says_yes: bool = False
    """To the question that comes first."""


PICTURES = (
    Picture("containers", ("j", "j"), ("CPU %", "qwen3"), seconds_of_history=3),
    Picture("stats", ("j", "j", "enter", "]", "]"), ("Memory",), seconds_of_history=50),
    Picture("logs", ("j", "j", "l"), ("following",), seconds_of_history=3),
    Picture("layers", ("2", "I", "enter"), ("INSTRUCTION", "WASTED"), theme="dstui-light"),
    Picture("treemap", ("2", "I", "enter", "{"), ("Treemap",)),
    Picture("checks", ("A",), ("SEVERITY",), theme="catppuccin"),
    Picture("gpus", ("3",), ("H100",), theme="nord", seconds_of_history=20),
    Picture("selftest", ("3", "T"), ("All good",), says_yes=True),
    Picture("cleanup", ("6",), ("come back",), theme="gruvbox"),
    Picture("small", (), ("CPU %",), size=(80, 24), seconds_of_history=3),
)


async def take(picture: Picture) -> None:
    """Start the program, go to the view and write its SVG."""
    config = replace(Config(), theme=picture.theme)
    session = Session(config, Options(demo=CONTAINERS))
    app = DstuiApp(session)
    try:
        async with app.run_test(size=picture.size) as pilot:
            await _until(pilot, lambda: len(session.store.containers()) > CONTAINERS / 2)
            await _until(pilot, lambda: _history(session) >= picture.seconds_of_history)
            for key in picture.keys:
                await pilot.press(key)
                await pilot.pause(0.3)
            if picture.says_yes:
                await _until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
                await pilot.press("y")
            await _until(pilot, lambda: all(words in _text(app) for words in picture.shows))
            await pilot.pause(0.5)
            (FOLDER / f"{picture.name}.svg").write_text(app.export_screenshot(title="dstui"))
    finally:
        session.close()
    print(f"screenshots/{picture.name}.svg")


def _history(session: Session) -> float:
    """Seconds over which usage is known."""
    histories = [session.store.history(found.id) for found in session.store.containers()]
    return max((h[-1].time - h[0].time for h in histories if h), default=0.0)


def _text(app: App[None]) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


async def _until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"screenshots: not there yet:\n{_text(pilot.app)}")
        await pilot.pause(0.1)


def main() -> None:
    """Take all of them, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or [picture.name for picture in PICTURES]
    for picture in PICTURES:
        if picture.name in wanted:
            asyncio.run(take(picture))


if __name__ == "__main__":
    main()
