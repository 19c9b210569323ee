"""A tab that is a list of its own: sorted by its columns' titles, opened by enter."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic

from textual import on
from textual.app import ComposeResult

from dstui.render.column import Column, RowT
from dstui.session import Session
from dstui.ui.sections.listing import Listing
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.live_table import LiveTable


class TableTab(DetailTab, Generic[RowT]):
    """Rows with a cursor."""

    def __init__(
        self, session: Session, columns: Sequence[Column[RowT]] = (), sort: str = ""
    ) -> None:
        super().__init__(session)
        self.table = LiveTable()
        self.listing: Listing[RowT] = Listing(columns, sort=sort)
        self.table.set_columns(self.listing.columns, self.listing.sort)
        self._rows: tuple[tuple[str, RowT], ...] = ()

    def compose(self) -> ComposeResult:
        """The list."""
        yield self.table

    def set_columns(self, columns: Sequence[Column[RowT]]) -> None:
        """Other columns: what an answer has, not what is known before."""
        if [c.key for c in columns] != [c.key for c in self.listing.columns]:
            self.listing = Listing(columns)
            self.table.set_columns(self.listing.columns, self.listing.sort)

    def show_rows(self, rows: Iterable[tuple[str, RowT]]) -> None:
        """Show these rows."""
        self._rows = tuple(rows)
        self.table.show(self.listing.lines(self._rows, group_of=self.group_of()))

    @on(LiveTable.HeaderClicked)
    def _sort(self, event: LiveTable.HeaderClicked) -> None:
        event.stop()
        self.listing.sort_by(event.key)
        self.table.set_columns(self.listing.columns, self.listing.sort)
        self.show_rows(self._rows)

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        event.stop()
        if self.listing.toggle_fold(event.id):
            self.show_rows(self._rows)
        row = self.listing.row(event.id)
        if row is not None:
            self.open_row(event.id, row)

    def group_of(self) -> Callable[[RowT], str | None] | None:
        """Under which heading a row stands."""
        return None

    def open_row(self, identifier: str, row: RowT) -> None:
        """Enter on a row."""
