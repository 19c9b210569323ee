"""The main screen: header, sections, events, what is on its way, and the keys of the place."""

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.dom import DOMNode
from textual.screen import Screen

from dstui.domain.text import clean
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.jobs import Jobs
from dstui.ui.keys import Command, Scope, bindings, commands_of
from dstui.ui.screens.long_desk import LongDesk
from dstui.ui.screens.places import PLACES, Place
from dstui.ui.screens.summary import Summary
from dstui.ui.sections.section import Section
from dstui.ui.told_compositor import TellsAll
from dstui.ui.widgets.key_footer import KeyFooter
from dstui.ui.widgets.progress_list import ProgressList
from dstui.ui.widgets.tab_strip import TabStrip

if TYPE_CHECKING:
    from dstui.ui.app import DstuiApp
    from dstui.ui.widgets.event_feed import EventFeed
    from dstui.ui.widgets.filter_bar import FilterBar

TICK_S = 1.0
_REDRAW_TICKS = 5
"""Ages grow: a list that nothing else changes is drawn anew every so many ticks."""

_DISK_TICKS = 30
_MEASURE_EVERY_S = 60.0


class MainScreen(TellsAll, Screen[None]):
    """What dstui is most of the time."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.GLOBAL)]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.summary = Summary(session)
        self._progress = ProgressList()
        self._footer = KeyFooter()
        self.jobs = Jobs(session, self._progress, self._complain)
        self.desk = LongDesk(self, before=self._progress)
        self._places: dict[str, Section[Any]] = {}
        self._place = PLACES[0]
        self._ticks = 0
        self._focus_is_moving = False
        self._events: EventFeed | None = None
        self._measured_at = -_MEASURE_EVERY_S

    # What it is made of

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.summary
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
        self.section.table.focus()
        self.set_interval(TICK_S, self._tick)

    # What changes

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """Draw what changed."""
        self.section.store_changed(topics)
        if topics - {Topic.USAGE, Topic.EVENTS}:
            self._show_filter()
        if self._events is not None and Topic.EVENTS in topics:
            self._events.show(self.session.store.events())

    def _tick(self) -> None:
        if self._ticks % _DISK_TICKS == 0 and self.session.store.info is not None:
            self.run_worker(self.summary.look_at_disk(), exclusive=True, exit_on_error=False)
        self._ticks += 1
        if self.session.store.lost_since is not None:
            self.summary.show()
        elif self._ticks % _REDRAW_TICKS == 0:
            self.section.redraw()

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
            self.summary.show_place(place)
            self._show_filter()
            if section.NEEDS_DISK_USE:
                self._measure_disk()
        else:
            self.section.close_detail()
        self._focus_is_moving = True
        self.call_after_refresh(self._focus_list)

    def _focus_list(self) -> None:
        self._focus_is_moving = False
        self.set_focus(self.section.table)

    @property
    def focus_is_moving(self) -> bool:
        """Whether a section or a tab is about to take the keys."""
        return self._focus_is_moving or self.section.detail.focus_is_moving

    def _measure_disk(self) -> None:
        """Ask for the sizes, which takes the engine a while; the store tells when they came."""
        now = time.monotonic()
        if self.session.store.info is not None and now - self._measured_at > _MEASURE_EVERY_S:
            self._measured_at = now
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

    def action_app_cleanup(self) -> None:
        """Go to the cleanup."""
        self.go_to("cleanup")

    def action_app_clean(self) -> None:
        """Go to the cleanup, to what has to do with the row at the cursor."""
        from dstui.ui.sections.cleanup import CleanupSection

        here, row, identifier = self.section, self.section.row, self.section.table.cursor_id
        self.go_to("cleanup")
        cleanup = self.section
        if row is None or not identifier or here is cleanup:
            return
        if isinstance(cleanup, CleanupSection):
            cleanup.look_at((here.KIND, identifier), here.title_of(row), here.cleanup_filter(row))
            self._show_filter()

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
            self._show_filter()
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

    # What takes minutes

    @on(Section.Long)
    async def _begin_long(self, event: Section.Long) -> None:
        await self.desk.begin(event.work)

    async def action_app_transfers(self) -> None:
        """Everything that was pulled, pushed, saved, loaded or scanned."""
        await self.desk.look()

    async def on_transfer_list_clicked(self) -> None:
        """All of them, with their layers."""
        await self.desk.look()

    # The filter

    async def action_table_filter(self) -> None:
        """Write a filter; the list follows each key.

        The bar has the focus before the next key is looked at, which else would be a command.
        """
        from textual.widgets import Input

        from dstui.ui.widgets.filter_bar import FilterBar

        if self.query(FilterBar):
            return
        bar = FilterBar(placeholder="text, /regex/, field:value, !not")
        await self.mount(bar, before=self._footer)
        bar.text = self.section.listing.filter_text
        self.set_focus(bar.query_one(Input))

    def on_filter_bar_changed(self, event: "FilterBar.Changed") -> None:
        """Show what matches, or say what is wrong with the text."""
        problem = self.section.filter(event.text)
        event.bar.say(problem or self._found(), error=bool(problem))
        self._show_filter()

    def on_filter_bar_closed(self, event: "FilterBar.Closed") -> None:
        """Back to the list; the filter stays, unless it was emptied."""
        event.bar.remove()
        self.section.table.focus()

    def _show_filter(self) -> None:
        text = self.section.listing.filter_text
        self.summary.show_filter(f"/{text}  {self._found()}" if text else "")

    def _found(self) -> str:
        listing = self.section.listing
        return f"{listing.shown} of {listing.total}" if listing.filter_text else ""

    # What can be done here

    def nodes(self) -> Mapping[Scope, DOMNode]:
        """Who does the commands of each scope that is open here; the nearest first."""
        here: dict[Scope, DOMNode] = {}
        if (pane := self._log_pane()) is not None:
            here[Scope.LOGS] = pane
        tab = self.section.detail.tab
        if tab is not None and tab.SCOPE is not None:
            here[tab.SCOPE] = tab
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
            own = next(iter(self.nodes()))  # those of the tab, or else of the section
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

    def action_app_troubles(self) -> None:
        """Tell what is not live, and what cannot be read."""
        from dstui.render.troubles import troubles
        from dstui.ui.screens.troubles import TroublesScreen

        store = self.session.store
        lost = store.lost_reason if store.lost_since is not None else ""
        found = troubles(lost, store.halted, store.unreadable)
        self.app.push_screen(TroublesScreen(found))

    def action_app_theme(self) -> None:
        """Choose a theme, seeing each."""
        from dstui.ui.screens.themes import choose_theme

        choose_theme(self.app)

    def action_app_suspend(self) -> None:
        """Stop, until the shell has us go on."""
        cast("DstuiApp", self.app).action_app_suspend()

    def action_app_quit(self) -> None:
        """Leave; what is on its way would be cancelled, so that is asked."""
        self.desk.ask_to_leave(self.app.exit)
