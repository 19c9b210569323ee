"""The whole app over a demo engine that runs in the test's own process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from textual.pilot import Pilot

from dstui.config import Config
from dstui.demo.server import DemoServer
from dstui.session import Options, Session
from dstui.ui.app import DstuiApp
from dstui.ui.screens.main import MainScreen
from dstui.ui.sections.section import Section
from tests.waiting import until


class House:
    """A running app, and the words in which a test speaks of it."""

    def __init__(self, app: DstuiApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, holds: Callable[[], Any], what: str = "") -> Any:
        """Wait until something is so, and return the answer."""
        try:
            return await until(self.pilot.pause, holds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}; the screen:\n{self.text}") from None

    async def sees(self, text: str) -> None:
        """Wait until the text is on screen."""
        await self.until(lambda: text in self.text, f"{text!r} on screen")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    @property
    def text(self) -> str:
        """What is on screen, toasts and dialogs included."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def main(self) -> MainScreen:
        return next(s for s in self.app.screen_stack if isinstance(s, MainScreen))

    @property
    def section(self) -> Section[Any]:
        return self.main.section

    @property
    def ids(self) -> list[str]:
        """The ids of the lines of the list."""
        return list(self.section.table._row_of)

    def names(self) -> list[str]:
        """The names of the rows of the list, in order."""
        rows = (self.section.listing.row(identifier) for identifier in self.ids)
        return [self.section.title_of(row) for row in rows if row is not None]

    async def go_to(self, name: str) -> str:
        """Put the cursor on the row of this name; its id."""
        listing = self.section.listing
        identifier = await self.until(
            lambda: next(
                (i for i in self.ids if (r := listing.row(i)) and self.section.title_of(r) == name),
                None,
            ),
            f"a row named {name}",
        )
        assert self.section.table.go_to(identifier)
        await self.pilot.pause()
        return identifier


@asynccontextmanager
async def house(
    server: DemoServer,
    size: tuple[int, int] = (120, 40),
    config: Config | None = None,
    read_only: bool = False,
    **options: Any,
) -> AsyncIterator[House]:
    """The app on this engine, with its containers on screen."""
    host = options.pop("host", server.host)
    chosen = replace(Options(host=host, read_only=read_only), **options)
    async with running(app_of(chosen, config), size) as found:
        await found.until(lambda: found.section.table._lines, "the containers")
        yield found


def app_of(options: Options, config: Config | None = None, *problems: object) -> DstuiApp:
    """The app, not yet started."""
    return DstuiApp(Session(config or Config(), options), problems)


@asynccontextmanager
async def running(app: DstuiApp, size: tuple[int, int] = (120, 40)) -> AsyncIterator[House]:
    """The app, from its first picture on."""
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            yield House(app, pilot)
    finally:
        app.session.close()
