"""A table that changes while it is looked at, and repaints only the cells that did."""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any, ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dstui.render.column import Cell, Column, Role
from dstui.render.table import Sort
from dstui.ui.widgets import table_strips
from dstui.ui.widgets.column_layout import NaturalWidths, Placed, place
from dstui.ui.widgets.roles import RolePainted, RoleStyles
from dstui.ui.widgets.table_line import AnyLine, LazyTableLine, TableLine, changed_spans
from dstui.ui.widgets.table_strips import GUTTER

__all__ = ["LazyTableLine", "LiveTable", "TableLine"]

_SHRINK_AFTER_S = 60.0
"""How long a column stays wider than it needs: a table that jumps cannot be read."""


class LiveTable(RolePainted, ScrollView, can_focus=True):
    """A list of objects with a cursor and marks, both of which stay on their objects."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LiveTable {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_by(1)", "Down", show=False),
        Binding("k,up", "cursor_by(-1)", "Up", show=False),
        Binding("g,home", "cursor_first", "First", show=False),
        Binding("G,end", "cursor_last", "Last", show=False),
        Binding("pagedown,ctrl+f", "cursor_by_pages(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "cursor_by_pages(-1)", "Page up", show=False),
        Binding("ctrl+d", "cursor_by_pages(0.5)", "Half a page down", show=False),
        Binding("ctrl+u", "cursor_by_pages(-0.5)", "Half a page up", show=False),
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
        self._width = 0
        self._page = 0
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
        old_lines, old_row_of, old_top = self._lines, self._row_of, self._top
        old_cursor = self.cursor_row
        self._lines = tuple(lines)
        self._row_of = {line.id: row for row, line in enumerate(lines)}
        self._cursor = self._survivor(old_lines, old_cursor)
        self.virtual_size = Size(self._width, len(lines) + 1)
        self._keep_in_sight(old_cursor, old_top)
        new_lines = (line for line in lines if line.id not in old_row_of)
        if not self._adapt_widths(new_lines) and self._top == old_top:
            self._refresh_changes(old_lines, old_cursor)
        self._tell()

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
        for row in range(self._top, self._top + self._page):
            old = old_lines[row] if row < len(old_lines) else None
            new = self._lines[row] if row < len(self._lines) else None
            y = row - self._top + 1
            if (row == old_cursor) != (row == self.cursor_row) or (
                old and new and (old.id in self._marks) != (new.id in self._marks)
            ):
                regions.append(Region(0, y, self._width, 1))
                continue
            for start, end in changed_spans(old, new, self._placed, self._width):
                regions.append(Region(start, y, end - start, 1))
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
            self._move_cursor(row)
        return row is not None

    def _move_cursor(self, row: int) -> None:
        if not self._lines:
            return
        row = max(0, min(row, len(self._lines) - 1))
        self._refresh_row(self.cursor_row)
        self._cursor = self._lines[row].id
        self._refresh_row(row)
        self._bring_in_sight(row, self._top)
        self._tell()

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
            self._bring_in_sight(row, old_top)
        elif self._top > max(0, len(self._lines) - self._page):
            self._scroll_top(len(self._lines) - self._page)

    def _bring_in_sight(self, row: int, top: int) -> None:
        if self._page > 0:
            self._scroll_top(max(row - self._page + 1, min(top, row)))

    def _scroll_top(self, top: int) -> None:
        top = max(0, min(top, len(self._lines) - self._page))
        if top != self._top:
            self.scroll_to(y=top, animate=False)

    @property
    def _top(self) -> int:
        return round(self.scroll_y)

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
            self._refresh_row(row)
            self._tell()

    def mark_all(self) -> None:
        """Mark all objects shown; if they are, none."""
        shown = frozenset(line.id for line in self._lines if not line.group)
        self._marks = self._marks - shown if shown <= self._marks else self._marks | shown
        self.refresh()
        self._tell()

    def clear_marks(self) -> None:
        """Mark nothing."""
        if self._marks:
            self._marks = frozenset()
            self.refresh()
            self._tell()

    # What it tells

    @property
    def visible_ids(self) -> tuple[str, ...]:
        """The objects on screen, group headings left out."""
        return tuple(line.id for line in self._on_screen() if not line.group)

    def _on_screen(self) -> Sequence[AnyLine]:
        return self._lines[self._top : self._top + self._page]

    def _tell(self) -> None:
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

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the titles, then the rows."""
        if y == 0:
            return table_strips.header(
                self._columns, self._placed, self._sort, self.roles, self._width
            )
        row = self._top + y - 1
        if row < len(self._lines):
            return self._row_strip(row)
        plain = self.roles.plain
        if y == 2 and not self._lines and self._empty:
            return table_strips.across((Cell(self._empty, Role.MUTED),), plain, self._width)
        return Strip([Segment(" " * self._width, plain[Role.NORMAL])], self._width)

    def _row_strip(self, row: int) -> Strip:
        line = self._lines[row]
        styles = self._styles(row == self.cursor_row, line.dim)
        if line.group:
            return table_strips.across(line.cells, styles, self._width)
        marked = line.id in self._marks
        return table_strips.row(
            self._columns, self._placed, line.cells, marked, styles, self._width
        )

    def _styles(self, cursor: bool, dim: bool) -> RoleStyles:
        roles = self.roles
        if not cursor:
            return roles.dim if dim else roles.plain
        if dim:
            return roles.dim_cursor
        return roles.cursor if self.has_focus else roles.cursor_blurred

    def _refresh_row(self, row: int | None) -> None:
        if row is not None and self._top <= row < self._top + self._page:
            self.refresh(Region(0, row - self._top + 1, self._width, 1))

    # What happens to it

    def on_resize(self) -> None:
        """Share the new width among the columns."""
        self._width, height = self.scrollable_content_region.size
        self._page = max(0, height - 1)
        self.virtual_size = Size(self._width, len(self._lines) + 1)
        self._place_columns()
        if self.cursor_row is not None:
            self._bring_in_sight(self.cursor_row, self._top)
        self._tell()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor is fainter without the focus."""
        super().watch_has_focus(has_focus)
        self._refresh_row(self.cursor_row)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are on screen: make room for them."""
        super().watch_scroll_y(old_value, new_value)
        if self._measure(self._on_screen()):
            self._place_columns()
        self._tell()

    def on_click(self, event: events.Click) -> None:
        """A title sorts, the gutter marks; a double click, or one on a fold sign, opens."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = self._top + offset.y - 1
        if offset.y == 0:
            for placed in self._placed:
                if placed.x <= offset.x <= placed.end:
                    self.post_message(self.HeaderClicked(self, self._columns[placed.index].key))
                    return
        elif row < len(self._lines):
            line = self._lines[row]
            self._move_cursor(row)
            if event.chain == 2 or (line.group and offset.x <= GUTTER):
                self.action_open()
            elif offset.x < GUTTER:
                self.toggle_mark(line.id)

    def action_cursor_by(self, lines: int) -> None:
        """Move the cursor down, or up."""
        row = self.cursor_row
        self._move_cursor(0 if row is None else row + lines)

    def action_cursor_by_pages(self, pages: float) -> None:
        """Move the cursor by what fits on the screen."""
        self.action_cursor_by(int(pages * max(1, self._page)))

    def action_cursor_first(self) -> None:
        """Go to the first line."""
        self._move_cursor(0)

    def action_cursor_last(self) -> None:
        """Go to the last line."""
        self._move_cursor(len(self._lines) - 1)

    def action_open(self) -> None:
        """Open the object under the cursor."""
        if self.cursor_id is not None:
            self.post_message(self.Opened(self, self.cursor_id))
