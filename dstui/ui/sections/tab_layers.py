"""The Layers tab: what each step of an image weighs, and every file that is in it."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from dstui.domain.layers.index import Source
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.reading import IndexCancelledError, IndexCost
from dstui.render.column import Cell, Role
from dstui.render.layer_facts import cost_words, source_cell, totals
from dstui.session import Session
from dstui.ui.keys import Scope, bindings
from dstui.ui.layers.indexes import ImageIndexes, Reading
from dstui.ui.layers.obtaining import obtain
from dstui.ui.layers.views import LayerViews
from dstui.ui.sections.tab import DetailTab, explained
from dstui.ui.widgets.cell_line import CellLine
from dstui.ui.widgets.meter import Meter

_LOOK_EVERY_S = 0.15


class LayersTab(DetailTab):
    """The history at once; the files as soon as they are read, which is quick, or asked for."""

    SCOPE = Scope.LAYERS
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.LAYERS),
        Binding("escape", "layers_back", show=False),
    ]
    DEFAULT_CSS = """
    LayersTab {
        & > .totals { background: $surface; }
        & > Meter { display: none; padding: 0 1; background: $surface; }
    }
    """

    def __init__(
        self, session: Session, indexes: ImageIndexes, name_of: Callable[[str], str]
    ) -> None:
        super().__init__(session)
        self._indexes = indexes
        self._name_of = name_of
        self._shown: str | None = None
        self._totals = CellLine(classes="totals")
        self._meter = Meter()
        self._views = LayerViews(self._on_thread)
        self._watch: Timer | None = None
        self._reading: Reading | None = None
        self._read_next: str | None = None

    def compose(self) -> ComposeResult:
        """The sums, how far the reading is, the views."""
        yield self._totals
        yield self._meter
        yield self._views

    async def _on_thread(self, call: Callable[[], Any]) -> Any:
        return await self.ask(call)

    # An image

    def present(self) -> None:
        """Ask for the history: an image's never changes, its id would be another."""
        if self.object_id == self._shown:
            return
        self._shown = self.object_id
        self._reading = None
        self._look_at_reading()
        self._totals.show_cells(())
        self._views.clear()
        if self.object_id is not None:
            self.start(partial(self._load, self.object_id))
            self._read_wanted()

    def leave(self) -> None:
        """Off the screen: look anew when it is back, unless all is known."""
        if self._indexes.known(self._shown or "") is None:
            self._shown = None

    async def _load(self, identifier: str) -> None:
        try:
            history = await self.ask(self.session.history, identifier)
            image = await self.ask(self.session.find_image, identifier)
        except Exception as error:  # noqa: BLE001 - said in the tab
            self._say(f"Cannot read the history: {explained(error)}", Role.BAD)
            return
        self._views.put_history(history, len(image.layers))
        await asyncio.gather(self._load_sharing(identifier), self._load_index(identifier))

    async def _load_sharing(self, identifier: str) -> None:
        try:
            self._views.history.put_sharing(await self.ask(self.session.layer_sharing, identifier))
        except Exception:  # noqa: BLE001 - the column then says that it is not known
            return

    # Its files

    async def _load_index(self, identifier: str, asked: bool = False) -> None:
        name = self._name_of(identifier)
        try:
            indexed = await obtain(
                self.app, self.session, self._indexes, identifier, name, asked, self._began
            )
        except IndexCancelledError:
            indexed = None
        except Exception as error:  # noqa: BLE001 - said in the tab
            self._ended(identifier)
            if identifier == self.object_id:
                self._say(f"Cannot read the files: {explained(error)}", Role.BAD)
            return
        self._ended(identifier)
        if identifier != self.object_id:
            return
        if indexed is not None:
            self._show_index(indexed)
        else:
            await self._offer(identifier)

    def _show_index(self, indexed: IndexedImage) -> None:
        self._totals.show_cells(totals(indexed), (source_cell(indexed.source),))
        self._views.put_index(indexed)

    async def _offer(self, identifier: str) -> None:
        """Say what it would take."""
        cost = await self.ask(self.session.index_cost, identifier)
        allowed = await self.ask(self.session.may_read_records)
        if identifier == self.object_id:
            told = _cost(cost, allowed, self.session.read_only)
            self._say(f"I reads every file of every layer: {told}", Role.MUTED)

    def _say(self, text: str, role: Role) -> None:
        self._totals.show_cells((Cell(text, role),))
        self._views.say(text)

    def _began(self, reading: Reading) -> None:
        self._reading = reading
        if self._watch is None:
            self._watch = self.set_interval(_LOOK_EVERY_S, self._look_at_reading)
        self._look_at_reading()

    def _ended(self, identifier: str) -> None:
        if self._reading is not None and self._reading.image_id == identifier:
            self._reading = None
            self._look_at_reading()

    def _look_at_reading(self) -> None:
        reading = self._reading
        shown = reading is not None and reading.running
        self._meter.display = shown
        self._totals.display = not shown
        if reading is None or not shown:
            if self._watch is not None:
                self._watch.stop()
                self._watch = None
            return
        done = "" if reading.done is None else f"  {100 * reading.done:.0f}%"
        words = "cancelling" if reading.cancelled.is_set() else reading.words
        self._meter.show(reading.done, f"{words}{done}   Esc cancels")
        self._views.say(f"{words}…")

    # Commands

    def read_when_shown(self, identifier: str) -> None:
        """Read the files of an image, as soon as it is the one shown."""
        self._read_next = identifier
        if identifier == self._shown:
            self._read_wanted()

    def _read_wanted(self) -> None:
        if self._read_next == self.object_id:
            self._read_next = None
            self.action_layers_index()

    def action_layers_index(self) -> None:
        """Read every file of every layer."""
        identifier = self.object_id
        if identifier is None or self._indexes.known(identifier) is not None:
            return
        self.run_worker(
            self._load_index(identifier, asked=True),
            group="index",
            exclusive=True,
            exit_on_error=False,
        )

    def action_layers_next_view(self) -> None:
        """The view beside this one."""
        self._views.next_view(1)

    def action_layers_previous_view(self) -> None:
        """The view on the other side."""
        self._views.next_view(-1)

    def action_layers_upper(self) -> None:
        """The files of the layer above."""
        self._show_layer(1)

    def action_layers_lower(self) -> None:
        """The files of the layer below."""
        self._show_layer(-1)

    def _show_layer(self, by: int) -> None:
        self._views.open_view("Files")
        self._views.files.show_next_layer(by)

    def action_layers_filter(self) -> None:
        """Write a filter for the view."""
        self._views.open_filter()

    def action_layers_copy(self) -> None:
        """Copy what the cursor is on."""
        lines = self._views.active.about()
        if lines:
            text = lines[0].text
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied {text}", timeout=3, markup=False)

    def action_layers_back(self) -> None:
        """Cancel the reading; else undo the latest step in the view."""
        if self._reading is not None and self._indexes.cancel(self._reading.image_id):
            self._look_at_reading()
        elif not self._views.go_back():
            raise SkipAction


def _cost(cost: IndexCost, allowed: bool, read_only: bool) -> str:
    if cost.cached or cost.source is Source.TAR_SPLIT:
        return "about a second"
    if not cost.socket_command or read_only:
        return cost_words(cost)
    quick = "a few seconds, from the engine's records"
    return quick if allowed else f"{quick} if you allow that"
