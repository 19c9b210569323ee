"""The views of an image's layers, side by side under their names; one of them is on screen."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from dstui.domain.image import HistoryEntry
from dstui.domain.layers.indexed import IndexedImage
from dstui.render.column import Cell, Role
from dstui.ui.layers.files_view import FilesView
from dstui.ui.layers.history_view import HistoryView
from dstui.ui.layers.tables import biggest_view, directories_view, kinds_view, packages_view
from dstui.ui.layers.treemap_view import TreemapView
from dstui.ui.layers.view import LayerView
from dstui.ui.layers.waste_view import WasteView
from dstui.ui.widgets.cell_line import CellLine
from dstui.ui.widgets.file_tree import FileTree
from dstui.ui.widgets.filter_bar import FilterBar
from dstui.ui.widgets.live_table import LiveTable
from dstui.ui.widgets.tab_strip import TabStrip
from dstui.ui.widgets.treemap import Treemap

OnThread = Callable[[Callable[[], Any]], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """A view by its title; it is made when it is first looked at."""

    title: str
    make: Callable[[], LayerView]


VIEWS = (
    ViewSpec("Layers", HistoryView),
    ViewSpec("Files", FilesView),
    ViewSpec("Directories", directories_view),
    ViewSpec("Types", kinds_view),
    ViewSpec("Packages", packages_view),
    ViewSpec("Biggest", biggest_view),
    ViewSpec("Waste", WasteView),
    ViewSpec("Treemap", TreemapView),
)
_LAYERS, _FILES = 0, 1


class Hint(Static, can_focus=True):
    """Stands in place of a view that has nothing to show yet, and takes the keys."""


class LayerViews(Vertical):
    """Each view loads what it shows when it is looked at, on a thread; the newest wins."""

    DEFAULT_CSS = """
    LayerViews {
        height: 1fr;
        & > LiveTable, & > FileTree, & > Treemap { height: 1fr; }
        & > .hint { height: 1fr; padding: 1 2; color: $role-muted; }
        & > .headline { background: $surface; }
        & > .about {
            height: auto; max-height: 4; padding: 0 1;
            background: $surface; color: $foreground;
        }
        & > FilterBar { display: none; }
    }
    """

    def __init__(self, on_thread: OnThread) -> None:
        super().__init__()
        self._on_thread = on_thread
        self._strip = TabStrip([spec.title for spec in VIEWS])
        self._headline = CellLine(classes="headline")
        self._hint = Hint("", classes="hint", markup=False)
        self._about = Static("", classes="about")
        self._bar = FilterBar(placeholder="text, /regex/, field:value, !not")
        self._views: dict[int, LayerView] = {}
        self._active = _LAYERS
        self._indexed: IndexedImage | None = None
        self._loaded: dict[int, IndexedImage] = {}

    def compose(self) -> ComposeResult:
        """Names, headline, the view, what its cursor is on, the filter."""
        yield self._strip
        yield self._headline
        yield self.history
        yield self._hint
        yield self._about
        yield self._bar

    def on_mount(self) -> None:
        """Begin with the layers."""
        self._show_active()

    # What is shown

    @property
    def history(self) -> HistoryView:
        """The view that needs no index."""
        view = self._view(_LAYERS)
        assert isinstance(view, HistoryView)
        return view

    @property
    def files(self) -> FilesView:
        """The tree."""
        view = self._view(_FILES)
        assert isinstance(view, FilesView)
        return view

    @property
    def active(self) -> LayerView:
        """The view on screen."""
        return self._view(self._active)

    def _view(self, number: int) -> LayerView:
        if number not in self._views:
            self._views[number] = VIEWS[number].make()
        return self._views[number]

    def clear(self, hint: str = "") -> None:
        """Another image, of which nothing is known yet."""
        self._indexed = None
        self._loaded.clear()
        for view in self._views.values():
            view.clear()
        self._close_filter()
        self.say(hint)
        self._show_active()

    def say(self, hint: str) -> None:
        """What stands in place of a view as long as there is no index."""
        self._hint.update(hint)

    def put_history(self, history: Sequence[HistoryEntry], layers: int) -> None:
        """The steps of the image, and how many layers it has."""
        self.history.put_history(history, layers)
        self._show_about()

    def put_index(self, indexed: IndexedImage | None) -> None:
        """All files, or that they are not known."""
        if indexed is not self._indexed:
            self._indexed = indexed
            self._loaded.clear()
            self._show_active()

    # Views

    def open_view(self, title: str) -> None:
        """Go to a view."""
        titles = [spec.title for spec in VIEWS]
        self._activate(titles.index(title))

    def next_view(self, by: int) -> None:
        """Go to the view beside this one."""
        self._activate((self._active + by) % len(VIEWS))

    def _activate(self, number: int) -> None:
        if number == self._active:
            return
        had_focus = self.has_focus_within
        self._close_filter()
        self.active.display = False
        self._active = self._strip.active = number
        self._show_active()
        if had_focus:
            self.call_after_refresh(self.focus_view)

    def focus_view(self) -> None:
        """Give the keys to the view, or to what stands in its place."""
        (self.active if self._can_show else self._hint).focus()

    @property
    def _can_show(self) -> bool:
        return self._indexed is not None or not self.active.NEEDS_INDEX

    def _show_active(self) -> None:
        if not self.is_mounted:
            return
        view = self.active
        if not view.is_attached:
            self.mount(view, before=self._hint)
        had_focus = self.has_focus_within
        view.display = self._can_show
        self._hint.display = not self._can_show
        if had_focus:
            self.call_after_refresh(self.focus_view)
        self._load()
        self._show_about()

    def _load(self) -> None:
        """Load the view on screen, if it does not show this index already."""
        number, indexed = self._active, self._indexed
        if indexed is None or self._loaded.get(number) is indexed:
            return
        self.run_worker(
            self._load_view(number, self.active, indexed),
            group="view",
            exclusive=True,
            exit_on_error=False,
        )

    async def _load_view(self, number: int, view: LayerView, indexed: IndexedImage) -> None:
        loaded = await self._on_thread(partial(view.load, indexed))
        if indexed is self._indexed:
            self._loaded[number] = indexed
            view.put(indexed, loaded)
            self._show_about()

    @on(LayerView.Stale)
    def _stale(self, event: LayerView.Stale) -> None:
        event.stop()
        for number, view in self._views.items():
            if view is event.view:
                self._loaded.pop(number, None)
        if event.view is self.active:
            self._load()

    @on(LayerView.Reveal)
    def _reveal(self, event: LayerView.Reveal) -> None:
        event.stop()
        self.files.show_path(event.path)
        self._activate(_FILES)

    @on(HistoryView.Chosen)
    def _layer_chosen(self, event: HistoryView.Chosen) -> None:
        event.stop()
        self.files.show_layer(event.layer)
        self._activate(_FILES)

    @on(TabStrip.Chosen)
    def _name_clicked(self, event: TabStrip.Chosen) -> None:
        event.stop()
        self._activate(event.index)

    # What the cursor is on

    @on(LiveTable.Highlighted)
    @on(FileTree.Highlighted)
    @on(Treemap.Highlighted)
    def _show_about(self) -> None:
        shown = self._can_show
        headline = self.active.headline() if shown else ()
        self._headline.display = bool(headline)
        self._headline.show_cells(headline)
        lines = [line for line in self.active.about() if line.text] if shown else []
        self._about.display = bool(lines)
        self._about.update(_content(lines))
        if self._bar.display:
            self._bar.say(self.active.found())

    # The filter

    def open_filter(self) -> None:
        """Write a filter; what is typed next is text already."""
        if not self._can_show:
            return
        self._bar.text = self.active.filter_text
        self._bar.display = True
        self._bar.say(self.active.found())
        self.screen.set_focus(self._bar.query_one(Input))

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        problem = self.active.filter(event.text)
        self._bar.say(problem or self.active.found(), error=bool(problem))

    @on(FilterBar.Closed)
    def _filter_closed(self, event: FilterBar.Closed) -> None:
        event.stop()
        self._bar.display = False
        self.focus_view()

    def _close_filter(self) -> None:
        self._bar.display = False

    def go_back(self) -> bool:
        """Undo the latest step in the view; false where there is none."""
        if self._can_show and self.active.filter_text:
            self.active.filter("")
            return True
        return self._can_show and self.active.go_back()


def _content(lines: Sequence[Cell]) -> Content:
    texts = [
        Content.assemble((line.text, f"$role-{line.role}" if line.role != Role.NORMAL else ""))
        for line in lines
    ]
    return Content("\n").join(texts)
