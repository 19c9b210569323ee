"""A widget is told that it is on screen, and shows itself even if it is not."""

from typing import cast

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Static

from dstui.render.column import Cell, Column
from dstui.session import Session
from dstui.ui.sections.detail import DetailPane, TabSpec
from dstui.ui.sections.tab import DetailTab
from dstui.ui.told_compositor import TellsAll
from dstui.ui.widgets.live_table import LiveTable, TableLine
from tests.ui.bare import screen_lines, shown


class Heard(Static):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__("heard")
        self.heard: list[type[events.Event]] = []

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Show | events.Resize):
            self.heard.append(type(event))
        await super().on_event(event)


class _Told(TellsAll, Screen[None]):
    def compose(self) -> ComposeResult:
        yield Vertical()


class _Room(App[None]):
    def get_default_screen(self) -> Screen[None]:
        return _Told()


async def test_a_widget_that_is_looked_up_before_the_layout_is_told_all_the_same() -> None:
    app = _Room()
    async with app.run_test() as pilot:
        widget = Heard()
        await app.screen.query_one(Vertical).mount(widget)
        app.screen._compositor._full_map_invalidated = True  # as a repaint out of sight does
        assert widget in app.screen._compositor.full_map
        await pilot.pause()
        assert set(widget.heard) == {events.Show, events.Resize}


class DeafTable(LiveTable):
    """Is never told its size."""

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Resize):
            await super().on_event(event)


async def test_a_table_that_is_not_told_its_size_is_painted_all_the_same() -> None:
    table = DeafTable()
    table.set_columns([Column("name", "NAME", lambda row: Cell(""), lambda row: None)], None)
    table.show([TableLine("a", (Cell("here-it-is"),))])
    async with shown(table):
        assert any("here-it-is" in line for line in screen_lines(table))


class DeafPane(DetailPane):
    """Is never told that it is on screen."""

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Show):
            await super().on_event(event)


class _Tab(DetailTab):
    def __init__(self) -> None:
        super().__init__(cast("Session", None))

    def present(self) -> None:
        self.note(f"the facts of {self.object_id}")


async def test_a_pane_that_is_not_told_that_it_is_on_screen_shows_its_tab() -> None:
    pane = DeafPane([TabSpec("Facts", _Tab)])
    pane.show_object("web", "web")
    async with shown(pane) as pilot:
        await pilot.pause()
        assert pane.tab is not None
        assert "the facts of web" in "\n".join(screen_lines(pane.tab.query_one(".note")))
