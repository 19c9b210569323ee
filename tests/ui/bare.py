"""One widget in an app that has nothing else, and what is seen of it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from dstui.ui.theme import RoleDefaults

SIZES = ((80, 24), (120, 40))


class BareApp(RoleDefaults, App[None]):
    """Shows the given widgets, one below the other."""

    def __init__(self, widgets: Iterable[Widget]) -> None:
        super().__init__()
        self._widgets = tuple(widgets)
        self.received: list[Message] = []

    def compose(self) -> ComposeResult:
        yield from self._widgets


@asynccontextmanager
async def shown(*widgets: Widget, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The widgets on screen; what they post is in `received(pilot)`."""
    app = BareApp(widgets)
    async with app.run_test(size=size, message_hook=app.received.append) as pilot:
        yield pilot


def received(pilot: Pilot[None], kind: type[Any]) -> list[Any]:
    """The messages of one class that were posted so far."""
    app = pilot.app
    assert isinstance(app, BareApp)
    found = (message for message in app.received if isinstance(message, kind))
    return list({id(message): message for message in found}.values())  # it bubbles: seen often


def screen_lines(widget: Widget) -> list[str]:
    """What the widget paints, line by line, without the blanks at the end."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def whole_lines(widget: Widget) -> list[str]:
    """What the widget paints, line by line, as wide as it is."""
    return [widget.render_line(y).text for y in range(widget.size.height)]


class Repaints:
    """The regions that a widget asks to have repainted, from now on."""

    def __init__(self, widget: Widget, monkeypatch: Any) -> None:
        self.regions: list[Region] = []
        self.everything = 0
        refresh = widget.refresh

        def record(*regions: Region, **options: Any) -> Widget:
            self.regions.extend(regions)
            self.everything += not regions
            return refresh(*regions, **options)

        monkeypatch.setattr(widget, "refresh", record)

    @property
    def cells(self) -> int:
        """How many cells are repainted."""
        return sum(region.area for region in self.regions)
