"""The engine's events as they come, the newest at the bottom."""

from collections.abc import Sequence

from textual.strip import Strip

from dstui.domain.engine import EngineEvent
from dstui.render.column import Cell, Role
from dstui.render.events import COLUMNS, event_cells
from dstui.ui.widgets import table_strips
from dstui.ui.widgets.column_layout import NaturalWidths, Placed, place
from dstui.ui.widgets.line_view import LineView
from dstui.ui.widgets.roles import RoleStyles

_MARGIN = 1


class EventFeed(LineView):
    """Stays at the end unless the cursor is elsewhere; then new events come in below it."""

    CURSOR_WITHOUT_FOCUS = False

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._events: tuple[EngineEvent, ...] = ()
        self._lines: tuple[tuple[Cell, ...], ...] = ()
        self._natural = NaturalWidths(COLUMNS, None)
        self._placed: tuple[Placed, ...] = ()

    def show(self, events: Sequence[EngineEvent]) -> None:
        """Show these events, the oldest first; those at the front may be gone by now."""
        events = tuple(events)
        old, old_row, old_top = self._events, self.cursor_row, self.top
        was_at_end = old_row is None or old_row == len(old) - 1
        known = _index_of(events, old[-1]) + 1 if old else 0
        gone = len(old) - known
        added = tuple(event_cells(event) for event in events[known:])
        old_lines = self._lines
        self._events = events
        self._lines = old_lines[gone:] + added if known else added
        for cells in added:
            self._natural.measure(cells)
        self._place_columns()
        self.lines_changed()
        if was_at_end:
            self.move_cursor(self.line_count - 1)
        elif old_row is not None and gone:
            self.put_cursor(max(0, old_row - gone))
            self.scroll_top(old_top - gone)
        self.refresh_differing(old_lines, self._lines)

    def _place_columns(self) -> None:
        placed = place(COLUMNS, self._natural.widths, _MARGIN, self._width)
        if placed != self._placed:
            self._placed = placed
            self.refresh()

    # Lines

    @property
    def line_count(self) -> int:
        """One for each event."""
        return len(self._lines)

    def width_changed(self) -> None:
        """Share the new width among the columns."""
        self._place_columns()

    def paint(self, row: int, styles: RoleStyles, width: int) -> Strip:
        """Time, kind, action, name and detail."""
        return table_strips.row(COLUMNS, self._placed, self._lines[row], False, styles, width)

    def paint_around(self, y: int, width: int) -> Strip:
        """While nothing has happened, that."""
        if y == 0 and not self._lines:
            cells = (Cell("Nothing has happened since dstui started", Role.MUTED),)
            return table_strips.across(cells, self.roles.plain, width)
        return super().paint_around(y, width)


def _index_of(events: Sequence[EngineEvent], wanted: EngineEvent) -> int:
    """Where this very event is, from the end; -1 if it is not there."""
    for index in range(len(events) - 1, -1, -1):
        if events[index] is wanted:
            return index
    return -1
