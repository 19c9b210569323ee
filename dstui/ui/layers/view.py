"""What all views of an image's index can do, and the table that most of them are."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic

from textual import on
from textual.message import Message

from dstui.domain.filter import FilterError
from dstui.domain.layers.indexed import IndexedImage
from dstui.render.column import Cell, Column, RowT
from dstui.ui.sections.listing import Listing
from dstui.ui.widgets.live_table import LiveTable
from dstui.ui.widgets.table_line import AnyLine

if TYPE_CHECKING:
    from textual.widget import Widget as _Base
else:
    _Base = object


class LayerView(_Base):
    """Mixed into a widget. `load` works on a thread, all else on the app's loop."""

    NEEDS_INDEX = True

    class Stale(Message):
        """What is shown has to be loaded anew."""

        def __init__(self, view: "LayerView") -> None:
            super().__init__()
            self.view = view

    class Reveal(Message):
        """Go to a path in the tree of all files."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def load(self, indexed: IndexedImage) -> Any:
        """Make what is to be shown, which may take a while."""
        raise NotImplementedError

    def put(self, indexed: IndexedImage, loaded: Any) -> None:
        """Show what `load` made."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show nothing: another image is looked at."""
        raise NotImplementedError

    def about(self) -> tuple[Cell, ...]:
        """All that there is to say of what the cursor is on, a line each."""
        return ()

    def headline(self) -> tuple[Cell, ...]:
        """What the whole of it is, if that is not plain."""
        return ()

    def filter(self, text: str) -> str:
        """Show only what matches; the answer is what is wrong with the text, or nothing."""
        return ""

    @property
    def filter_text(self) -> str:
        """The filter in force."""
        return ""

    def found(self) -> str:
        """How much matches the filter."""
        return ""

    def go_back(self) -> bool:
        """Undo the latest step; false where there is none."""
        return False


class TableView(LayerView, LiveTable, Generic[RowT]):
    """Rows made of an index, sorted by their columns' titles."""

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        rows_of: Callable[[IndexedImage], Sequence[RowT]],
        empty: str,
        path_of: Callable[[RowT], str] | None = None,
        about_row: Callable[[RowT], tuple[Cell, ...]] = lambda row: (),
        sort: str = "size",
    ) -> None:
        super().__init__()
        self._rows_of = rows_of
        self._none = empty
        self._path_of = path_of
        self._about_row = about_row
        self.listing: Listing[RowT] = Listing(columns, sort=sort)
        self._rows: tuple[tuple[str, RowT], ...] = ()
        self.set_columns(self.listing.columns, self.listing.sort)

    # What it shows

    def load(self, indexed: IndexedImage) -> Any:
        """The rows."""
        return self._rows_of(indexed)

    def put(self, indexed: IndexedImage, loaded: Any) -> None:
        """Show them."""
        self.empty = self._none
        self.put_rows((str(number), row) for number, row in enumerate(loaded))

    def put_rows(self, rows: Iterable[tuple[str, RowT]]) -> None:
        """Show these, by id."""
        self._rows = tuple(rows)
        self.show_again()

    def clear(self) -> None:
        """Show nothing."""
        self.empty = ""
        self.put_rows(())

    def use_columns(self, columns: Sequence[Column[RowT]]) -> None:
        """Have other columns from now on."""
        before = self.listing
        self.listing = Listing(columns)
        self.listing.sort = before.sort
        self.listing.filter(before.filter_text)

    def show_again(self) -> None:
        """Sort and filter anew."""
        self.set_columns(self.listing.columns, self.listing.sort)
        self.show(self.lines_of(self._rows))

    def lines_of(self, rows: Sequence[tuple[str, RowT]]) -> Sequence[AnyLine]:
        """The rows as lines."""
        return self.listing.lines(rows)

    @property
    def row(self) -> RowT | None:
        """The row at the cursor."""
        return self.listing.row(self.cursor_id)

    def about(self) -> tuple[Cell, ...]:
        """What the row tells."""
        return () if self.row is None else self._about_row(self.row)

    # What is done with it

    def filter(self, text: str) -> str:
        """Words, /regex/, field:value, as in every list."""
        try:
            self.listing.filter(text)
        except FilterError as error:
            return error.message
        self.show_again()
        return ""

    @property
    def filter_text(self) -> str:
        """The filter in force."""
        return self.listing.filter_text

    def found(self) -> str:
        """How many rows match."""
        return f"{self.listing.shown} of {self.listing.total}" if self.filter_text else ""

    @on(LiveTable.HeaderClicked)
    def _header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        event.stop()
        self.listing.sort_by(event.key)
        self.show_again()

    @on(LiveTable.Opened)
    def _line_opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        self.open_line(event.id)

    def open_line(self, identifier: str) -> None:
        """Enter: go to the path of the row, where it has one."""
        row = self.listing.row(identifier)
        if row is not None and self._path_of is not None:
            self.post_message(self.Reveal(self._path_of(row)))
