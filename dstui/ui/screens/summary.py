"""The top of the main screen: a demo's banner, what is connected, and the sections' names."""

import asyncio
import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from dstui.domain.engine import DataRootUse
from dstui.domain.kind import Kind
from dstui.domain.text import clean
from dstui.render.column import Cell, Role
from dstui.render.header import header
from dstui.session import Session
from dstui.store import Store
from dstui.ui.screens.places import PLACES, Place
from dstui.ui.widgets.status_header import StatusHeader
from dstui.ui.widgets.tab_strip import TabStrip


class Summary(Vertical):
    """Three lines at most."""

    DEFAULT_CSS = """
    Summary {
        height: auto;
        #demo {
            height: 1; width: 100%;
            background: $warning; color: $background; text-style: bold;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
    }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._banner = Static(id="demo")
        self._header = StatusHeader()
        self._tabs = TabStrip([place.title for place in PLACES], id="places")
        self._data_root: DataRootUse | None = None
        self._filter = ""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._banner
        yield self._header
        yield self._tabs

    def on_mount(self) -> None:
        """Show what is known, which may be nothing yet."""
        self.show_banner()
        self.show()

    def show_banner(self) -> None:
        """Say, where nobody can miss it, that all of this is simulated."""
        reason = self._session.options.demo_reason
        text = " DEMO   every container, image and GPU here is simulated"
        self._banner.display = self._session.demo
        self._banner.update(Content(f"{text}: {clean(reason)}" if reason else text))

    def show_place(self, place: Place) -> None:
        """Say which section is on screen."""
        self._tabs.active = PLACES.index(place)

    def show_filter(self, text: str) -> None:
        """Say which filter is in force and what it lets through; nothing when there is none."""
        self._filter = text
        self.show()

    def show(self) -> None:
        """Show what the store knows now."""
        right = (Cell(self._filter, Role.ACCENT),) if self._filter else ()
        self._header.show(self._pieces(self._session.store), right)
        self._tabs.set_names([_name(place, self._session.store) for place in PLACES])

    def _pieces(self, store: Store) -> tuple[Cell, ...]:
        containers = store.containers()
        running = sum(found.alive for found in containers)
        return header(
            store.info,
            containers=(running, len(containers)) if store.listed(Kind.CONTAINER) else None,
            images=len(store.images()) if store.listed(Kind.IMAGE) else None,
            layers_bytes=store.disk_use.layers_bytes if store.disk_use else None,
            gpus=store.gpu_report,
            data_root=self._data_root,
            lost_since=store.lost_since,
            lost_reason=store.lost_reason,
            halted=store.halted,
            unreadable=sum(map(len, store.unreadable.values())),
            now=time.time(),
        )

    async def look_at_disk(self) -> None:
        """Read how full the disk of the engine's data is."""
        session = self._session
        reading = session.background.submit(session.data_root_use)
        self._data_root = await asyncio.wrap_future(reading)
        self.show()


def _name(place: Place, store: Store) -> Content:
    count = place.count(store)
    title = f"{PLACES.index(place) + 1} {place.title}"
    return Content(f"{title} {count}" if count else title)
