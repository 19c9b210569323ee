"""The detail pane: tabs of which only the one on screen loads anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from dstui.store import Topic
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.tab_strip import TabStrip

SETTLE_S = 0.09
"""How long the cursor rests on a row before its details are loaded."""


@dataclass(frozen=True, slots=True)
class TabSpec:
    """A tab by its title; `make` is called when it is first looked at."""

    title: str
    make: Callable[[], DetailTab]


class DetailPane(Vertical):
    """Shows the object under the cursor of its section."""

    DEFAULT_CSS = """
    DetailPane { height: 1fr; background: $background; }
    """

    def __init__(self, tabs: Sequence[TabSpec]) -> None:
        super().__init__()
        self._specs = tuple(tabs)
        self._tabs: dict[int, DetailTab] = {}
        self._strip = TabStrip([spec.title for spec in tabs])
        self._active = 0
        self._shown: str | None = None
        self._wanted: tuple[str | None, str] = (None, "")
        self._settle: Timer | None = None
        self._awake = False
        self.focus_is_moving = False
        """Whether the keys are to go to the tab, which is not there yet."""

    def compose(self) -> ComposeResult:
        """The names of the tabs; the tabs themselves come when they are looked at."""
        yield self._strip

    # What it shows

    def show_object(self, identifier: str | None, title: str, at_once: bool = False) -> None:
        """Show this object, soon: rows that are only passed by are not loaded."""
        if self._wanted == (identifier, title):
            return
        self._wanted = (identifier, title)
        if self._settle is not None:
            self._settle.stop()
        if at_once or self._shown is None:
            self._settled()
        else:
            self._settle = self.set_timer(SETTLE_S, self._settled)

    def _settled(self) -> None:
        identifier, title = self._wanted
        self._strip.title = title
        if identifier != self._shown:
            self._shown = identifier
            self._show_active()

    @property
    def shown(self) -> str | None:
        """The id of the object that is shown."""
        return self._shown

    @property
    def tab(self) -> DetailTab | None:
        """The tab on screen."""
        return self._tabs.get(self._active)

    @property
    def tab_title(self) -> str:
        """The title of the tab on screen."""
        return self._specs[self._active].title

    def on_show(self) -> None:
        """On screen now: load."""
        if not self._awake:
            self._awake = True
            self._show_active()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Who is painted is on screen, whatever else tells of that."""
        if not self._awake:
            self.call_next(self.on_show)
        return super().render_lines(crop)

    def on_hide(self) -> None:
        """Off the screen: end what costs something."""
        self.focus_is_moving = False
        if self._awake:
            self._awake = False
            if self.tab is not None:
                self.tab.leave()

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """Let the tab on screen draw what changed."""
        if self._awake and self.tab is not None and self.tab.is_mounted:
            self.tab.store_changed(topics)

    # Its tabs

    def open_tab(self, title: str) -> None:
        """Go to the tab of this title, if there is one."""
        titles = [spec.title for spec in self._specs]
        if title in titles:
            self._activate(titles.index(title))

    def next_tab(self, by: int) -> None:
        """Go to the tab beside this one, round the corner too."""
        self._activate((self._active + by) % len(self._specs))

    def focus_tab(self) -> None:
        """Give the keys to what the tab shows, as soon as it is there.

        A tab in which nothing takes keys gets them itself, so that they do not stay behind in the
        tab before. Whoever is writing a line meanwhile keeps them.
        """
        self.focus_is_moving = True
        self.call_after_refresh(self._focus_tab)

    def _focus_tab(self) -> None:
        tab = self.tab
        if not self.focus_is_moving or tab is None or not tab.is_mounted:
            return
        self.focus_is_moving = False
        if _writes(self.screen.focused):
            return
        tab.can_focus = False
        inside = (widget for widget in tab.query("*") if widget.focusable and widget.display)
        target = next(inside, None)
        tab.can_focus = target is None
        self.screen.set_focus(target or tab)

    def on_tab_strip_chosen(self, event: TabStrip.Chosen) -> None:
        """A tab was clicked."""
        event.stop()
        self._activate(event.index)

    def _activate(self, index: int) -> None:
        had_focus = self.has_focus_within
        if index != self._active and self.tab is not None:
            self.tab.leave()
            self.tab.display = False
        self._active = self._strip.active = index
        self._show_active()
        if had_focus:
            self.focus_tab()

    def _show_active(self) -> None:
        if not self._awake:
            return
        if self._active not in self._tabs:
            tab = self._tabs[self._active] = self._specs[self._active].make()
            self.mount(tab)
        else:
            self._tabs[self._active].display = True
            self._present(self._tabs[self._active])

    def on_detail_tab_ready(self, event: DetailTab.Ready) -> None:
        """All of a tab is there: it can show something now."""
        event.stop()
        self._present(event.tab)
        if event.tab is self.tab:
            self._focus_tab()

    def _present(self, tab: DetailTab) -> None:
        if self._awake and tab is self.tab and tab.is_mounted:
            tab.show_object(self._shown)


def _writes(widget: Widget | None) -> bool:
    """Whether letters are text there."""
    return widget is not None and widget.check_consume_key("a", "a")
