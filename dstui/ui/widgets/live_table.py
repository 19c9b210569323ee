"""A table that changes while it is looked at, and repaints only the cells that did."""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from dstui.render.column import Cell, Column, Role
from dstui.render.table import Sort
from dstui.ui.widgets import table_strips
from dstui.ui.widgets.column_layout import NaturalWidths, Placed, place
from dstui.ui.widgets.line_view import LineView
from dstui.ui.widgets.roles import RoleStyles
from dstui.ui.widgets.table_line import AnyLine, LazyTableLine, TableLine, changed_spans
from dstui.ui.widgets.table_strips import GUTTER

__all__ = ["LazyTableLine", "LiveTable", "TableLine"]

_SHRINK_AFTER_S = 60.0
"""How long a column stays wider than it needs: a table that jumps cannot be read."""


class LiveTable(LineView):
    """A list of objects with a cursor and marks, both of which stay on their objects."""

    HEADER_LINES = 1
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", show=False),
    ]

    class _TableMessage(Message):
        def __init__(self, table: "LiveTable") -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> "LiveTable":
            """The table that sent it."""
            return self.table

    class Highlighted(_TableMessage):
        """The cursor is on another object; `id` is `None` when there is none."""

        def __init__(self, table: "LiveTable", identifier: str | None) -> None:
            super().__init__(table)
            self.id = identifier

    class Opened(_TableMessage):
        """Enter, or a double click."""

        def __init__(self, table: "LiveTable", identifier: str) -> None:
            super().__init__(table)
            self.id = identifier

    class HeaderClicked(_TableMessage):
        """A click on the title of a column."""

        def __init__(self, table: "LiveTable", key: str) -> None:
            super().__init__(table)
            self.key = key

    class Scrolled(_TableMessage):
        """Other objects than before are on screen."""

    class MarksChanged(_TableMessage):
        """Other objects than before are marked."""

    def __init__(
        self,
        *,
        empty: str = "",
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._empty = empty
        self._columns: tuple[Column[Any], ...] = ()
        self._sort: Sort | None = None
        self._lines: Sequence[AnyLine] = ()
        self._row_of: dict[str, int] = {}
        self._cursor: str | None = None
        self._marks: frozenset[str] = frozenset()
        self._natural = NaturalWidths((), None)
        self._measured_at = 0.0
        self._placed: tuple[Placed, ...] = ()
        self._told: tuple[str | None, tuple[str, ...], frozenset[str]] = (None, (), frozenset())

    # What it shows

    def set_columns(self, columns: Sequence[Column[Any]], sort: Sort | None) -> None:
        """Other columns, or another order; the lines that fit them come with `show`."""
        if (tuple(columns), sort) == (self._columns, self._sort):
            return
        if tuple(columns) != self._columns:
            self._lines, self._row_of = (), {}
        self._columns, self._sort = tuple(columns), sort
        self._measure_anew()
        self.refresh()

    def show(self, lines: Sequence[AnyLine]) -> None:
        """Show these lines, in this order, and repaint what differs on screen."""
        old_lines, old_row_of, old_top = self._lines, self._row_of, self.top
        old_cursor = self.cursor_row
        self._lines = tuple(lines)
        self._row_of = {line.id: row for row, line in enumerate(lines)}
        self._cursor = self._survivor(old_lines, old_cursor)
        self.lines_changed()
        self._keep_in_sight(old_cursor, old_top)
        new_lines = (line for line in lines if line.id not in old_row_of)
        if not self._adapt_widths(new_lines) and self.top == old_top:
            self._refresh_changes(old_lines, old_cursor)
        self.tell()

    @property
    def empty(self) -> str:
        """What is said when there are no lines."""
        return self._empty

    @empty.setter
    def empty(self, text: str) -> None:
        changed, self._empty = text != self._empty, text
        if changed and not self._lines:
            self.refresh()

    def _refresh_changes(self, old_lines: Sequence[AnyLine], old_cursor: int | None) -> None:
        regions = []
        for row in self.rows_on_screen:
            old = old_lines[row] if row < len(old_lines) else None
            new = self._lines[row] if row < len(self._lines) else None
            if (row == old_cursor) != (row == self.cursor_row) or (
                old and new and (old.id in self._marks) != (new.id in self._marks)
            ):
                regions.append(self.region_of(row))
                continue
            for start, end in changed_spans(old, new, self._placed, self._width):
                regions.append(self.region_of(row, start, end))
        if regions:
            self.refresh(*regions)

    # Widths

    def _adapt_widths(self, new_lines: Iterable[AnyLine]) -> bool:
        """Make room for what is new; whether columns moved, and all is repainted."""
        if monotonic() - self._measured_at > _SHRINK_AFTER_S:
            return self._measure_anew()
        grew = self._measure(new_lines)
        grew = self._measure(self._on_screen()) or grew
        return grew and self._place_columns()

    def _measure_anew(self) -> bool:
        self._natural = NaturalWidths(self._columns, self._sort.key if self._sort else None)
        self._measured_at = monotonic()
        self._measure(self._lines)
        return self._place_columns()

    def _measure(self, lines: Iterable[AnyLine]) -> bool:
        grew = False
        for line in lines:
            if not line.group:
                grew = self._natural.measure(line.cells) or grew
        return grew

    def _place_columns(self) -> bool:
        placed = place(self._columns, self._natural.widths, GUTTER, self._width)
        moved = placed != self._placed
        if moved:
            self._placed = placed
            self.refresh()
        return moved

    # The cursor

    @property
    def cursor_id(self) -> str | None:
        """The object under the cursor."""
        return self._cursor if self._cursor in self._row_of else None

    @property
    def cursor_row(self) -> int | None:
        """The line of the cursor, counted from 0."""
        return None if self._cursor is None else self._row_of.get(self._cursor)

    def go_to(self, identifier: str) -> bool:
        """Put the cursor on an object; whether it is there."""
        row = self._row_of.get(identifier)
        if row is not None:
            self.move_cursor(row)
        return row is not None

    def put_cursor(self, row: int) -> None:
        """The cursor is on this object from now on."""
        self._cursor = self._lines[row].id

    def _survivor(self, old_lines: Sequence[AnyLine], old_row: int | None) -> str | None:
        """The object of the cursor or, when it is gone, its next neighbour that is not."""
        if self._cursor in self._row_of or not self._lines:
            return self._cursor
        if old_row is not None:
            for neighbour in (*old_lines[old_row + 1 :], *reversed(old_lines[:old_row])):
                if neighbour.id in self._row_of:
                    return neighbour.id
        return self._lines[0].id

    def _keep_in_sight(self, old_row: int | None, old_top: int) -> None:
        """Follow the cursor's object if it was on screen before; else leave the view alone."""
        row = self.cursor_row
        was_in_sight = old_row is None or old_top <= old_row < old_top + self._page
        if row is not None and was_in_sight:
            self.bring_in_sight(row, old_top)
        elif self.top > max(0, len(self._lines) - self._page):
            self.scroll_top(len(self._lines) - self._page)

    # Marks

    @property
    def marked(self) -> frozenset[str]:
        """The marked objects among those shown; those that a filter hides are not acted upon."""
        return self._marks & self._row_of.keys()

    def toggle_mark(self, identifier: str) -> None:
        """Mark an object, or no longer."""
        row = self._row_of.get(identifier)
        if row is not None and not self._lines[row].group:
            self._marks ^= {identifier}
            self.refresh_row(row)
            self.tell()

    def mark_only(self, identifiers: Iterable[str]) -> None:
        """Mark exactly these."""
        marks = frozenset(identifiers)
        changed, self._marks = marks ^ self._marks, marks
        for identifier in changed:
            self.refresh_row(self._row_of.get(identifier))
        if changed:
            self.tell()

    def mark_all(self) -> None:
        """Mark all objects shown; if they are, none."""
        shown = frozenset(line.id for line in self._lines if not line.group)
        self._marks = self._marks - shown if shown <= self._marks else self._marks | shown
        self.refresh()
        self.tell()

    def clear_marks(self) -> None:
        """Mark nothing."""
        if self._marks:
            self._marks = frozenset()
            self.refresh()
            self.tell()

    # What it tells

    @property
    def visible_ids(self) -> tuple[str, ...]:
        """The objects on screen, group headings left out."""
        return tuple(line.id for line in self._on_screen() if not line.group)

    def _on_screen(self) -> Sequence[AnyLine]:
        return self._lines[self.top : self.top + self._page]

    def tell(self) -> None:
        """Post what is different since the last time."""
        cursor, visible, marked = self._told
        self._told = self.cursor_id, self.visible_ids, self.marked
        if self._told[0] != cursor:
            self.post_message(self.Highlighted(self, self._told[0]))
        if self._told[1] != visible:
            self.post_message(self.Scrolled(self))
        if self._told[2] != marked:
            self.post_message(self.MarksChanged(self))

    # Painting

    @property
    def line_count(self) -> int:
        """Rows and headings."""
        return len(self._lines)

    def is_dim(self, row: int) -> bool:
        """As the line says."""
        return self._lines[row].dim

    def paint(self, row: int, styles: RoleStyles, width: int) -> Strip:
        """A row, or the heading of a group."""
        line = self._lines[row]
        if line.group:
            return table_strips.across(line.cells, styles, width)
        marked = line.id in self._marks
        return table_strips.row(self._columns, self._placed, line.cells, marked, styles, width)

    def paint_around(self, y: int, width: int) -> Strip:
        """The titles; in an empty table, why it is empty."""
        if y == 0:
            return table_strips.header(self._columns, self._placed, self._sort, self.roles, width)
        if y == 2 and not self._lines and self._empty:
            cells = (Cell(self._empty, Role.MUTED),)
            return table_strips.across(cells, self.roles.plain, width)
        return super().paint_around(y, width)

    # What happens to it

    def width_changed(self) -> None:
        """Share the new width among the columns."""
        self._place_columns()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are on screen: make room for them."""
        super().watch_scroll_y(old_value, new_value)
        if self._measure(self._on_screen()):
            self._place_columns()

    def clicked(self, row: int, offset: Offset, double: bool) -> None:
        """A title sorts, the gutter marks; a double click, or one on a fold sign, opens."""
        if row < 0:
            for placed in self._placed:
                if placed.x <= offset.x <= placed.end:
                    key = self._columns[placed.column].key
                    self.post_message(self.HeaderClicked(self, key))
                    return
            return
        line = self._lines[row]
        self.move_cursor(row)
        if double or (line.group and offset.x <= GUTTER):
            self.action_open()
        elif offset.x < GUTTER:
            self.toggle_mark(line.id)

    def action_open(self) -> None:
        """Open the object under the cursor."""
        if self.cursor_id is not None:
            self.post_message(self.Opened(self, self.cursor_id))
