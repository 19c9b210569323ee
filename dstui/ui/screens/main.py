"""The main screen: header, sections, events, what is on its way, and the keys of the place."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from dstui.domain.engine import DataRootUse
from dstui.domain.kind import Kind
from dstui.domain.text import clean
from dstui.render.column import Cell, Role
from dstui.render.header import header
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.jobs import Jobs
from dstui.ui.keys import Command, Scope, bindings, commands_of
from dstui.ui.screens.places import PLACES, Place
from dstui.ui.sections.section import Section
from dstui.ui.widgets.key_footer import KeyFooter
from dstui.ui.widgets.progress_list import ProgressList
from dstui.ui.widgets.status_header import StatusHeader
from dstui.ui.widgets.tab_strip import TabStrip

if TYPE_CHECKING:
    from dstui.ui.widgets.event_feed import EventFeed
    from dstui.ui.widgets.filter_bar import FilterBar

TICK_S = 1.0
_REDRAW_TICKS = 5
"""Ages grow: a list that nothing else changes is drawn anew every so many ticks."""

_DISK_TICKS = 30


class MainScreen(Screen[None]):
    """What dstui is most of the time."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.GLOBAL)]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._banner = Static(id="demo")
        self._header = StatusHeader()
        self._tabs = TabStrip([place.title for place in PLACES], id="places")
        self._progress = ProgressList()
        self._footer = KeyFooter()
        self.jobs = Jobs(session, self._progress, self._complain)
        self._places: dict[str, Section[Any]] = {}
        self._place = PLACES[0]
        self._ticks = 0
        self._events: EventFeed | None = None
        self._data_root: DataRootUse | None = None

    # What it is made of

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._banner
        yield self._header
        yield self._tabs
        with Container(id="sections"):
            yield self._section(PLACES[0])
        yield self._progress
        yield self._footer

    def _section(self, place: Place) -> Section[Any]:
        if place.name not in self._places:
            self._places[place.name] = place.make(self.session, self.jobs)
        return self._places[place.name]

    @property
    def section(self) -> Section[Any]:
        """The section on screen."""
        return self._places[self._place.name]

    def on_mount(self) -> None:
        """Show what is known, which may be nothing yet."""
        self.show_banner()
        self._show_header()
        self.section.table.focus()
        self.set_interval(TICK_S, self._tick)

    def show_banner(self) -> None:
        """Say, where nobody can miss it, that all of this is simulated."""
        self._banner.display = self.session.demo
        self._banner.update(_banner(self.session.options.demo_reason))

    # What changes

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """Draw what changed."""
        self.section.store_changed(topics)
        if topics - {Topic.USAGE, Topic.EVENTS}:
            self._show_header()
        if self._events is not None and Topic.EVENTS in topics:
            self._events.show(self.session.store.events())

    def _tick(self) -> None:
        if self._ticks % _DISK_TICKS == 0 and self.session.store.info is not None:
            self.run_worker(self._look_at_disk(), exclusive=True, exit_on_error=False)
        self._ticks += 1
        if self.session.store.lost_since is not None:
            self._show_header()
        elif self._ticks % _REDRAW_TICKS == 0:
            self.section.redraw()

    async def _look_at_disk(self) -> None:
        self._data_root = await asyncio.wrap_future(
            self.session.background.submit(self.session.data_root_use)
        )
        self._show_header()

    def _show_header(self) -> None:
        store = self.session.store
        containers = store.containers()
        running = sum(found.alive for found in containers)
        listed = store.listed
        pieces = header(
            store.info,
            containers=(running, len(containers)) if listed(Kind.CONTAINER) else None,
            images=len(store.images()) if listed(Kind.IMAGE) else None,
            layers_bytes=store.disk_use.layers_bytes if store.disk_use else None,
            gpus=store.gpu_report,
            data_root=self._data_root,
            lost_since=store.lost_since,
            lost_reason=store.lost_reason,
            now=time.time(),
        )
        filtered = self.section.listing.filter_text
        right = (Cell(f"/{filtered}  {self._found()}", Role.ACCENT),) if filtered else ()
        self._header.show(pieces, right)
        self._tabs.set_names([_place_name(place, place.count(store)) for place in PLACES])

    def _complain(self, text: str) -> None:
        self.app.notify(clean(text, 2000), severity="error", timeout=15, markup=False)

    # Sections

    def go_to(self, name: str) -> None:
        """Show a section."""
        place = next(place for place in PLACES if place.name == name)
        if place is not self._place:
            self.section.display = False
            self._place = place
            section = self._section(place)
            if section.is_attached:
                section.display = True
                section.redraw()
            else:
                self.query_one("#sections").mount(section)
            self._tabs.active = PLACES.index(place)
            self._show_header()
            if section.NEEDS_DISK_USE:
                self._measure_disk()
        self.call_after_refresh(self.section.table.focus)

    def _measure_disk(self) -> None:
        """Ask for the sizes, which takes the engine a while; the store tells when they came."""
        if self.session.store.info is not None:
            self.session.background.submit(self.session.measure_disk)

    @on(TabStrip.Chosen)
    def _place_chosen(self, event: TabStrip.Chosen) -> None:
        self.go_to(PLACES[event.index].name)

    @on(Section.Jump)
    def _jump(self, event: Section.Jump) -> None:
        place = next(place for place in PLACES if place.kind is event.kind)
        self.section.close_detail()
        self.go_to(place.name)
        self.call_after_refresh(self.section.jump_to, event.id)

    def action_app_containers(self) -> None:
        """Go to the containers."""
        self.go_to("containers")

    def action_app_images(self) -> None:
        """Go to the images."""
        self.go_to("images")

    def action_app_gpus(self) -> None:
        """Go to the GPUs."""
        self.go_to("gpus")

    def action_app_volumes(self) -> None:
        """Go to the volumes."""
        self.go_to("volumes")

    def action_app_networks(self) -> None:
        """Go to the networks."""
        self.go_to("networks")

    # Moving about

    def action_app_back(self) -> None:
        """Undo the latest of: details opened, zoom, filter, marks."""
        section = self.section
        if section.close_detail():
            return
        if section.has_class("-zoom-list"):
            section.remove_class("-zoom-list")
        elif section.listing.filter_text:
            section.filter("")
            self._show_header()
        else:
            section.table.clear_marks()

    def action_app_next_pane(self) -> None:
        """From the list to the details and back."""
        if self.section.detail.has_focus_within:
            self.section.close_detail()
        else:
            self.section.open_detail()

    def action_app_zoom(self) -> None:
        """Give the pane with the keys all the room."""
        pane = "-zoom-detail" if self.section.detail.has_focus_within else "-zoom-list"
        self.section.toggle_class(pane)

    def action_app_events(self) -> None:
        """Show or hide the feed."""
        if self._events is not None:
            self._events.remove()
            self._events = None
            self.section.table.focus()
            return
        from dstui.ui.widgets.event_feed import EventFeed

        self._events = EventFeed(id="events")
        self.mount(self._events, after="#sections")
        self.call_after_refresh(self._events.show, self.session.store.events())

    # The filter

    @on(Section.FilterWanted)
    async def _open_filter(self) -> None:
        """Write a filter; the list follows each key."""
        from dstui.ui.widgets.filter_bar import FilterBar

        if self.query(FilterBar):
            return
        bar = FilterBar(placeholder="text, /regex/, field:value, !not")
        await self.mount(bar, before=self._footer)
        bar.text = self.section.listing.filter_text
        bar.focus()

    def on_filter_bar_changed(self, event: "FilterBar.Changed") -> None:
        """Show what matches, or say what is wrong with the text."""
        problem = self.section.filter(event.text)
        event.bar.say(problem or self._found(), error=bool(problem))
        self._show_header()

    def on_filter_bar_closed(self, event: "FilterBar.Closed") -> None:
        """Back to the list; the filter stays, unless it was emptied."""
        event.bar.remove()
        self.section.table.focus()

    def _found(self) -> str:
        listing = self.section.listing
        return f"{listing.shown} of {listing.total}" if listing.filter_text else ""

    # What can be done here

    def nodes(self) -> Mapping[Scope, DOMNode]:
        """Who does the commands of each scope that is open here; the nearest first."""
        here: dict[Scope, DOMNode] = {}
        if (pane := self._log_pane()) is not None:
            here[Scope.LOGS] = pane
        here[self.section.SCOPE] = self.section
        here[Scope.TABLE] = self.section
        here[Scope.DETAIL] = self.section
        here[Scope.GLOBAL] = self
        return here

    def _log_pane(self) -> DOMNode | None:
        tab = self.section.detail.tab
        return next(iter(tab.query("LogPane")), None) if tab is not None else None

    def commands(self) -> Iterator[tuple[Command, DOMNode]]:
        """Every command that is open here, and who does it."""
        for scope, node in self.nodes().items():
            for command in commands_of([scope], self.session.read_only):
                yield command, node

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Other keys matter now."""
        self._show_keys()

    def _show_keys(self) -> None:
        scopes = {Scope.GLOBAL, self.section.SCOPE, Scope.TABLE}
        if self.section.detail.has_focus_within:
            own = Scope.LOGS if self._log_pane() is not None else self.section.SCOPE
            scopes = {Scope.GLOBAL, own, Scope.DETAIL}
        footer = [c for c, _ in self.commands() if c.footer and c.scope in scopes]
        self._footer.show(footer, self.session.config.keys)

    @on(KeyFooter.Pressed)
    async def _key_clicked(self, event: KeyFooter.Pressed) -> None:
        node = self.nodes().get(event.command.scope)
        if node is not None:
            await self.app.run_action(event.command.action, node)

    def action_app_help(self) -> None:
        """The keys of this place."""
        from dstui.ui.screens.help import HelpScreen

        screen = HelpScreen(list(self.nodes()), self.session.config.keys, self.session.read_only)
        self.app.push_screen(screen)

    def action_app_palette(self) -> None:
        """Find any command by its name."""
        from textual.command import CommandPalette

        from dstui.ui.palette import CommandProvider

        self.app.push_screen(CommandPalette([CommandProvider], placeholder="Find a command…"))

    def action_app_theme(self) -> None:
        """Choose a theme, seeing each."""
        from dstui.ui.screens.themes import choose_theme

        choose_theme(self.app)

    def action_app_quit(self) -> None:
        """Leave."""
        self.app.exit()


def _place_name(place: Place, count: str) -> Content:
    number = PLACES.index(place) + 1
    return Content.assemble(f"{number} {place.title}", f" {count}" if count else "")


def _banner(reason: str) -> Content:
    text = " DEMO   every container, image and GPU here is simulated"
    return Content(f"{text}: {clean(reason)}" if reason else text)
