"""Two images beside each other: what the second has that the first has not, and the other way."""

import asyncio
from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static

from dstui.domain.comparison import ImageComparison, compare
from dstui.domain.image import Image
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.reading import IndexCancelledError
from dstui.render.column import Cell, Role
from dstui.render.comparison import comparison_facts
from dstui.render.images import display_name
from dstui.session import Session
from dstui.ui.layers.differences import ASPECTS, DifferencesTable
from dstui.ui.layers.indexes import ImageIndexes, Reading
from dstui.ui.layers.obtaining import obtain
from dstui.ui.sections.tab import explained
from dstui.ui.told_compositor import TellsAll
from dstui.ui.widgets.cell_line import CellLine
from dstui.ui.widgets.facts_view import FactsView
from dstui.ui.widgets.filter_bar import FilterBar
from dstui.ui.widgets.meter import Meter
from dstui.ui.widgets.tab_strip import TabStrip

T = TypeVar("T")

_LOOK_EVERY_S = 0.15
_KEYS = "] [ next, previous   / filter   = swap   Esc back"


class CompareScreen(TellsAll, Screen[None]):
    """Reads both images, then shows layers, packages, files, environment, labels and config."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", show=False),
        Binding("right_square_bracket,right_curly_bracket", "next_aspect(1)", show=False),
        Binding("left_square_bracket,left_curly_bracket", "next_aspect(-1)", show=False),
        Binding("slash", "filter", show=False),
        Binding("equals_sign", "swap", show=False),
    ]
    DEFAULT_CSS = """
    CompareScreen {
        background: $background;
        & > CellLine { background: $surface; }
        & > Meter { display: none; padding: 0 1; background: $surface; }
        & > FactsView, & > LiveTable { height: 1fr; display: none; }
        & > .note { height: 1fr; padding: 1 2; color: $role-muted; }
        & > FilterBar { display: none; }
    }
    """

    def __init__(
        self, session: Session, indexes: ImageIndexes, first: Image, second: Image
    ) -> None:
        super().__init__()
        self._session = session
        self._indexes = indexes
        self._images = (first, second)
        self._title = CellLine()
        self._meter = Meter()
        self._strip = TabStrip(["Summary", *(aspect.title for aspect in ASPECTS)])
        self._note = Static("", classes="note", markup=False)
        self._facts = FactsView()
        self._tables = [DifferencesTable(aspect) for aspect in ASPECTS]
        self._bar = FilterBar(placeholder="text, /regex/, field:value, !not")
        self._active = 0
        self._found: ImageComparison | None = None
        self._reading: Reading | None = None
        self._watch: Timer | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._title
        yield self._meter
        yield self._strip
        yield self._note
        yield self._facts
        yield from self._tables
        yield self._bar
        keys = CellLine()
        keys.show_cells((Cell(_KEYS, Role.MUTED),))
        yield keys

    def on_mount(self) -> None:
        """Read what is not known yet."""
        self._watch = self.set_interval(_LOOK_EVERY_S, self._look_at_reading)
        self._begin()

    # Reading

    def _begin(self) -> None:
        first, second = (display_name(image) for image in self._images)
        self._title.show_cells((Cell(first), Cell("→", Role.MUTED), Cell(second, Role.STRONG)))
        self._found = None
        self._say("Reading the files of both…")
        self.run_worker(self._compare(), exclusive=True, exit_on_error=False)

    async def _compare(self) -> None:
        try:
            found = await self._compared()
        except IndexCancelledError:
            found = None
        except Exception as error:  # noqa: BLE001 - said on the screen
            self._say(f"Cannot compare: {explained(error)}")
            return
        if found is None:
            self.dismiss()
            return
        self._found = found
        first, second = (display_name(image) for image in self._images)
        self._facts.show(comparison_facts(found, first, second))
        for table in self._tables:
            table.put(found)
        self._say("")

    async def _compared(self) -> ImageComparison | None:
        first, second = self._images
        if (first_index := await self._index(first)) is None:
            return None
        if (second_index := await self._index(second)) is None:
            return None

        def compared() -> ImageComparison:
            find = self._session.find_image  # environment and labels come with an inspect
            return compare(find(first.id), find(second.id), first_index, second_index)

        return await self._on_thread(compared)

    async def _index(self, image: Image) -> IndexedImage | None:
        name = display_name(image)
        return await obtain(
            self.app, self._session, self._indexes, image.id, name, asked=True, began=self._began
        )

    async def _on_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._session.background.submit(call))

    def _began(self, reading: Reading) -> None:
        self._reading = reading
        self._look_at_reading()

    def _look_at_reading(self) -> None:
        reading = self._reading
        self._meter.display = reading is not None and reading.running
        if reading is not None and reading.running:
            done = "" if reading.done is None else f"  {100 * reading.done:.0f}%"
            self._meter.show(reading.done, f"{reading.words}{done}   Esc cancels")

    # What is on screen

    def _say(self, text: str) -> None:
        self._note.update(text)
        self._show()

    def _show(self) -> None:
        ready = self._found is not None
        self._note.display = not ready
        for number, view in enumerate((self._facts, *self._tables)):
            view.display = ready and number == self._active
            if view.display:
                view.focus()

    def action_next_aspect(self, by: int) -> None:
        """Go to the table beside this one."""
        self._activate((self._active + by) % (1 + len(ASPECTS)))

    @on(TabStrip.Chosen)
    def _name_clicked(self, event: TabStrip.Chosen) -> None:
        event.stop()
        self._activate(event.index)

    def _activate(self, number: int) -> None:
        self._active = self._strip.active = number
        self._bar.display = False
        self._show()

    def action_swap(self) -> None:
        """Take the second for the first."""
        if self._found is not None:
            self._images = (self._images[1], self._images[0])
            self._begin()

    def action_back(self) -> None:
        """Cancel the reading, undo the filter, or leave."""
        table = self._table
        if self._reading is not None and self._indexes.cancel(self._reading.image_id):
            return
        if table is not None and table.listing.filter_text:
            table.filter("")
        else:
            self.dismiss()

    # The filter

    @property
    def _table(self) -> DifferencesTable | None:
        return self._tables[self._active - 1] if self._active else None

    def action_filter(self) -> None:
        """Write a filter for the table."""
        if self._found is None or self._table is None:
            return
        self._bar.text = self._table.listing.filter_text
        self._bar.display = True
        self.set_focus(self._bar.query_one(Input))

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        if self._table is not None:
            problem = self._table.filter(event.text)
            self._bar.say(problem or self._table.found(), error=bool(problem))

    @on(FilterBar.Closed)
    def _filter_closed(self, event: FilterBar.Closed) -> None:
        event.stop()
        self._bar.display = False
        self._show()
