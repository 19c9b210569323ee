"""Lines painted one by one, with a cursor on one of them and the keys that move it."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dstui.render.column import Role
from dstui.ui.widgets.roles import RolePainted, RoleStyles


class LineView(RolePainted, ScrollView, can_focus=True):
    """What all lists of lines share. A subclass has the lines, and paints them.

    Moving the cursor repaints two lines. Nothing is animated: over SSH each frame is a page.
    """

    HEADER_LINES: ClassVar[int] = 0
    """The lines at the top that do not scroll."""
    CURSOR_WITHOUT_FOCUS: ClassVar[bool] = True
    """Whether the cursor is seen, fainter, while another widget has the focus."""
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LineView {
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
    ]

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._fitted = Size()
        self._width = 0
        self._page = 0
        self._row = 0

    # What a subclass says

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def paint(self, row: int, styles: RoleStyles, width: int) -> Strip:
        """The line of this number, as wide as told."""
        raise NotImplementedError

    def paint_around(self, y: int, width: int) -> Strip:
        """A line of the header, or one below the last line."""
        return Strip([Segment(" " * width, self.roles.plain[Role.NORMAL])], width)

    def width_changed(self) -> None:
        """The lines are to be arranged anew."""

    def tell(self) -> None:
        """Something moved: post what is to be said of it."""

    def is_dim(self, row: int) -> bool:
        """Whether the line is no longer known to be true."""
        return False

    def clicked(self, row: int, offset: Offset, double: bool) -> None:
        """A line was clicked."""
        self.move_cursor(row)

    # The cursor

    @property
    def cursor_row(self) -> int | None:
        """The line of the cursor, counted from 0."""
        return min(self._row, self.line_count - 1) if self.line_count else None

    def put_cursor(self, row: int) -> None:
        """Remember the line of the cursor; `move_cursor` does the rest."""
        self._row = row

    def move_cursor(self, row: int) -> None:
        """Put the cursor on a line, or on the nearest there is, and bring it in sight."""
        if not self.line_count:
            return
        row = max(0, min(row, self.line_count - 1))
        self.refresh_row(self.cursor_row)
        self.put_cursor(row)
        self.refresh_row(row)
        self.bring_in_sight(row, self.top)
        self.tell()

    def action_cursor_by(self, lines: int) -> None:
        """Move the cursor down, or up."""
        self.move_cursor(0 if self.cursor_row is None else self.cursor_row + lines)

    def action_cursor_by_pages(self, pages: float) -> None:
        """Move the cursor by what fits on the screen."""
        self.action_cursor_by(int(pages * max(1, self._page)))

    def action_cursor_first(self) -> None:
        """Go to the first line."""
        self.move_cursor(0)

    def action_cursor_last(self) -> None:
        """Go to the last line."""
        self.move_cursor(self.line_count - 1)

    # The part that is on screen

    @property
    def top(self) -> int:
        """The first line on screen."""
        return round(self.scroll_y)

    @property
    def rows_on_screen(self) -> range:
        """The lines on screen; there may be fewer."""
        return range(self.top, self.top + self._page)

    def bring_in_sight(self, row: int, top: int) -> None:
        """Scroll from `top` as little as it takes to see a line."""
        if self._page > 0:
            self.scroll_top(max(row - self._page + 1, min(top, row)))

    def scroll_top(self, top: int) -> None:
        """Scroll so that this line is the first, as far as there are lines."""
        top = max(0, min(top, self.line_count - self._page))
        if top != self.top:
            self.scroll_to(y=top, animate=False, force=True)  # the bar may not be laid out yet

    def lines_changed(self) -> None:
        """Tell the scroll bar how many lines there are."""
        self.virtual_size = Size(self._width, self.line_count + self.HEADER_LINES)

    def on_resize(self) -> None:
        """Arrange the lines for the new size."""
        self._fitted = self.scrollable_content_region.size
        width, height = self._fitted
        self._page = max(0, height - self.HEADER_LINES)
        if width != self._width:
            self._width = width
            self.width_changed()
        self.lines_changed()
        if self.cursor_row is not None:
            self.bring_in_sight(self.cursor_row, self.top)
        self.tell()

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of the screen, for the size that it has: what tells of it may come late."""
        if self._fitted != self.scrollable_content_region.size:
            self.on_resize()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        row = self.top + y - self.HEADER_LINES
        if y < self.HEADER_LINES or row >= self.line_count:
            return self.paint_around(y, self._width)
        return self.paint(row, self._styles_of(row), self._width)

    def _styles_of(self, row: int) -> RoleStyles:
        roles = self.roles
        if row != self.cursor_row or not (self.has_focus or self.CURSOR_WITHOUT_FOCUS):
            return roles.dim if self.is_dim(row) else roles.plain
        if self.is_dim(row):
            return roles.dim_cursor
        return roles.cursor if self.has_focus else roles.cursor_blurred

    def refresh_row(self, row: int | None) -> None:
        """Repaint one line, if it is on screen."""
        if row is not None and row in self.rows_on_screen:
            self.refresh(self.region_of(row))

    def region_of(self, row: int, start: int = 0, end: int | None = None) -> Region:
        """Where a line that is on screen is painted, or its cells from `start` to `end`."""
        width = (self._width if end is None else end) - start
        return Region(start, row - self.top + self.HEADER_LINES, width, 1)

    def refresh_differing(self, old: Sequence[object], new: Sequence[object]) -> None:
        """Repaint the lines on screen that are not what they were."""
        regions = [
            self.region_of(row)
            for row in self.rows_on_screen
            if old[row : row + 1] != new[row : row + 1]
        ]
        if regions:
            self.refresh(*regions)

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor is fainter without the focus."""
        super().watch_has_focus(has_focus)
        self.refresh_row(self.cursor_row)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are on screen."""
        super().watch_scroll_y(old_value, new_value)
        self.tell()

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a line."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = self.top + offset.y - self.HEADER_LINES
        if offset.y < self.HEADER_LINES:
            self.clicked(-1, offset, event.chain == 2)
        elif row < self.line_count:
            self.clicked(row, offset, event.chain == 2)
