"""A log on screen: follows, wraps, searches, and keeps no more than it may."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dstui.domain.loghits import LogHits
from dstui.domain.logring import KEEP_BYTES, Entry, Gap, LogRing
from dstui.domain.logsearch import Search
from dstui.render.ansi import plain
from dstui.render.logtext import LineFormat, Streams
from dstui.render.rowmap import RowMap
from dstui.ui.widgets.log_strips import LogStrips, cells_of, height_of
from dstui.ui.widgets.roles import RolePainted

_CACHED_LINES = 512


class LogView(RolePainted, ScrollView, can_focus=True):
    """Keeps the newest lines and paints those on screen; never more than one repaint an append.

    Sizes go to the scroll bar directly, as a new virtual size would lay out the whole screen. What
    a line costs is paid when it comes on screen; only wrapped lines are measured before.
    """

    DEFAULT_CSS = """
    LogView {
        width: 1fr; height: 1fr;
        overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k,up", "scroll_rows(-1)", show=False),
        Binding("j,down", "scroll_rows(1)", show=False),
        Binding("ctrl+u", "scroll_pages(-0.5)", show=False),
        Binding("ctrl+d", "scroll_pages(0.5)", show=False),
        Binding("pageup,ctrl+b", "scroll_pages(-1)", show=False),
        Binding("pagedown,ctrl+f", "scroll_pages(1)", show=False),
        Binding("g,home", "scroll_home", show=False),
        Binding("G,end", "scroll_end", show=False),
        Binding("h,left", "scroll_columns(-16)", show=False),
        Binding("l,right", "scroll_columns(16)", show=False),
        Binding("0", "scroll_columns(-1_000_000)", show=False),
    ]

    class Changed(Message):
        """What the view tells of itself has changed: follow, hits."""

        def can_replace(self, message: Message) -> bool:
            """One such message at a time is enough."""
            return isinstance(message, LogView.Changed)

    def __init__(self, keep_lines: int = 50_000, keep_bytes: int = KEEP_BYTES) -> None:
        super().__init__()
        self._ring = LogRing(keep_lines, keep_bytes)
        self._begun: tuple[Entry, ...] = ()
        self._rows = RowMap()
        self._widest = 0
        self._form = LineFormat()
        self._streams = Streams.ALL
        self._wrap = False
        self._follow = True
        self._placing = False
        self._bar_seen = (0, 0)
        self._hits = LogHits(self._ring)
        self._strips: LogStrips | None = None
        self._painted: LRUCache[int, tuple[Strip, ...]] = LRUCache(_CACHED_LINES)

    # What is kept

    @property
    def ring(self) -> LogRing:
        """The lines that are kept, shown or not."""
        return self._ring

    def keep(self, lines: int) -> None:
        """Keep at most so many lines from now on."""
        self._ring.keep_lines = lines

    def append(self, entries: Sequence[Entry], begun: Sequence[Entry] = ()) -> None:
        """Add new lines; where there are several containers, each at its time.

        After them stand the lines that have `begun`, in the place of those of the time before.
        """
        if not entries and self._begun == tuple(begun):
            return
        with self._keeping_place():
            self._withdraw_begun()
            self._add(entries)
            self._begun = tuple(begun)
            self._add(self._begun, in_order=False)
        self._look_for_hits()

    def _withdraw_begun(self) -> None:
        start = max(self._ring.first, self._ring.end - len(self._begun))
        for number in range(start, self._ring.end):
            self._painted.discard(number)
        self._ring.withdraw(len(self._begun))
        self._rows.truncate(start - self._ring.first)
        self._hits.again_from(start)

    def _add(self, entries: Sequence[Entry], in_order: bool = True) -> None:
        if entries:
            by_time = in_order and len(self._form.names or ()) > 1
            known = self._ring.end
            change = self._ring.append(entries, by_time=by_time)
            if change.changed_from < known:
                self._painted.clear()
            self._rows.forget(change.evicted)
            self._measure(change.changed_from)
            self._hits.again_from(change.changed_from)

    def clear(self) -> None:
        """Forget all lines."""
        self._begun = ()
        self._ring.clear()
        self._rows.clear()
        self._widest = 0
        self._hits.again_from(self._ring.first)
        self._resized()
        self._place(0)

    def shown(self) -> list[Entry]:
        """The kept lines that are not hidden."""
        ring = self._ring
        return [entry for entry in ring.slice(ring.first, ring.end) if self._streams.shows(entry)]

    def on_screen(self) -> list[Entry]:
        """The lines of which something is on screen now."""
        top = round(self.scroll_y)
        found: dict[int, Entry] = {}
        for row in range(top, top + self.size.height):
            if place := self._rows.at(row):
                number = self._ring.first + place[0]
                found[number] = self._ring[number]
        return list(found.values())

    def _measure(self, changed_from: int) -> None:
        self._rows.truncate(changed_from - self._ring.first)
        self._rows.extend(self._heights(self._ring.slice(changed_from, self._ring.end)))

    def _heights(self, entries: Sequence[Entry]) -> Iterable[int]:
        shows = self._streams.shows
        if not self._wrap:
            if self._streams is Streams.ALL:
                return (1,) * len(entries)
            return (int(shows(entry)) for entry in entries)
        room = self._width - self._painter.prefix_width
        return (height_of(cells_of(entry), room) if shows(entry) else 0 for entry in entries)

    # How it is shown

    @property
    def form(self) -> LineFormat:
        """What stands before each line."""
        return self._form

    @form.setter
    def form(self, form: LineFormat) -> None:
        self._form = form
        self._rearrange()

    @property
    def wrap(self) -> bool:
        """Whether long lines go on in the next row."""
        return self._wrap

    @wrap.setter
    def wrap(self, wrap: bool) -> None:
        self._wrap = wrap
        self._rearrange()
        if wrap and self.is_attached:
            self._place(self.scroll_y, x=0)

    @property
    def streams(self) -> Streams:
        """Which lines are shown."""
        return self._streams

    @streams.setter
    def streams(self, streams: Streams) -> None:
        self._streams = streams
        self._hits.again_from(self._ring.first)
        self._rearrange()
        self._look_for_hits()

    def _rearrange(self) -> None:
        """Count the rows anew and paint them."""
        if not self.is_attached:
            return
        with self._keeping_place():
            self._strips = None
            self._painted.clear()
            self._widest = 0
            self._rows.clear()
            entries = self._ring.slice(self._ring.first, self._ring.end)
            self._rows.extend(self._heights(entries))

    def on_resize(self, event: events.Resize) -> None:
        """Wrapped lines have another height now; the end stays the end."""
        if self._wrap:
            self._rearrange()
        elif self._follow:
            self._place(self._rows.rows)

    # Where it is

    @property
    def follow(self) -> bool:
        """Whether new lines scroll the view."""
        return self._follow

    @follow.setter
    def follow(self, follow: bool) -> None:
        self._follow = follow
        if follow:
            self._place(self._rows.rows)
        self.post_message(self.Changed())

    def _show(self, number: int) -> None:
        """Bring a line on screen, with some of what is around it."""
        row = self._rows.row_of(number - self._ring.first)
        top = round(self.scroll_y)
        if not top <= row < top + self.size.height:
            self._place(row - self.size.height // 3)
        self._follow = False

    def top(self) -> Entry | None:
        """The line at the top of the screen."""
        place = self._rows.at(round(self.scroll_y))
        return self._ring[self._ring.first + place[0]] if place else None

    def put_on_top(self, entry: Entry) -> bool:
        """Scroll so that this line, or one equal to it, is at the top; whether it is kept."""
        ring = self._ring
        entries = ring.slice(ring.first, ring.end)
        try:
            index = entries.index(entry)
        except ValueError:
            return False
        self._follow = False
        self._place(self._rows.row_of(index))
        return True

    @contextmanager
    def _keeping_place(self) -> Iterator[None]:
        """Stay at the end, or on the line that is at the top, whatever happens to the rows."""
        place = None if self._follow else self._rows.at(round(self.scroll_y))
        number = self._ring.first + place[0] if place else 0
        entry = self._ring[number] if place else None
        yield
        self._resized()
        if self._follow:
            self._place(self._rows.rows)
        elif place and entry is not None:
            index = self._index_of(entry, number)
            self._place(0 if index is None else self._rows.row_of(index) + place[1])

    def _index_of(self, entry: Entry, number: int) -> int | None:
        """Where in the ring an entry is, which had this number before others came between."""
        ring = self._ring
        if ring.first <= number < ring.end and ring[number] is entry:
            return number - ring.first
        later = ring.slice(number, ring.end)
        start = max(number, ring.first) - ring.first
        return next((start + i for i, found in enumerate(later) if found is entry), None)

    def _resized(self) -> None:
        width = 0 if self._wrap else self._widest
        size = Size(width, self._rows.rows)
        if size != self.virtual_size:
            self.set_reactive(LogView.virtual_size, size)
            self._move_bar()
        self.refresh()

    def _move_bar(self) -> None:
        """Paint the scroll bar anew when that changes what is seen: an eighth of a cell counts."""
        rows, height = max(1, self._rows.rows), self.scrollable_content_region.height
        top = round(self.scroll_y)
        seen = (8 * height * top // rows, 8 * height * (top + height) // rows)
        if seen != self._bar_seen:
            self._bar_seen = seen
            self.vertical_scrollbar.window_virtual_size = rows
            self.vertical_scrollbar.position = top

    def _place(self, y: float, x: int | None = None) -> None:
        self._placing = True
        self.scroll_to(x, min(max(0, y), self.max_scroll_y), animate=False, force=True)
        self._placing = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever scrolls up leaves follow, and comes back to it at the end."""
        if round(old_value) == round(new_value):
            return
        self._move_bar()
        self.refresh()
        if self._placing:
            return
        follow = round(new_value) >= self.max_scroll_y
        if follow != self._follow:
            self._follow = follow
            self.post_message(self.Changed())

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll by some rows."""
        self.scroll_to(y=self.scroll_y + rows, animate=False)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by some heights of the view."""
        self.scroll_to(y=self.scroll_y + int(self.size.height * pages), animate=False)

    def action_scroll_columns(self, columns: int) -> None:
        """Scroll sideways."""
        x = min(max(0, self.scroll_x + columns), self.max_scroll_x)
        self.scroll_to(x=x, animate=False, force=True)

    def action_scroll_home(self) -> None:
        """Go to the oldest line."""
        self.scroll_to(y=0, animate=False)

    def action_scroll_end(self) -> None:
        """Go to the newest line, and follow."""
        self.follow = True

    # Search

    @property
    def search(self) -> Search | None:
        """What is searched and highlighted."""
        return self._hits.search

    @search.setter
    def search(self, search: Search | None) -> None:
        self._hits.start(search)
        self._strips = None
        self._painted.clear()
        self.refresh()
        self._look_for_hits()
        self.post_message(self.Changed())

    @property
    def hits(self) -> tuple[int, int]:
        """On which hit the search stands, counted from 1 (0: on none), and how many there are."""
        return self._hits.position, len(self._hits)

    def next_hit(self, direction: int = 1) -> None:
        """Go to the next line that matches, or the one before, round the ends."""
        before = self._hits.current
        number = self._hits.go(direction, self._search_start(direction))
        if number is None:
            return
        self._painted.discard(number)
        if before is not None:
            self._painted.discard(before)
        self._show(number)
        self.refresh()
        self.post_message(self.Changed())

    def _search_start(self, direction: int) -> int:
        """The first line on screen; backwards, the end if that is followed."""
        if self._follow and direction < 0:
            return self._ring.end
        place = self._rows.at(round(self.scroll_y))
        return self._ring.first + (place[0] if place else 0)

    def _look_for_hits(self) -> None:
        """Search the next lines, and more of them when keys had their turn."""
        known = len(self._hits)
        if self._hits.look(self._visible_text):
            self.set_timer(0.01, self._look_for_hits)
        if len(self._hits) != known:
            self.post_message(self.Changed())

    def _visible_text(self, entry: Entry) -> str | None:
        if isinstance(entry, Gap) or not self._streams.shows(entry):
            return None
        return plain(entry.text)

    # Painting

    @property
    def _width(self) -> int:
        """The cells beside the scroll bar."""
        return self.scrollable_content_region.width

    @property
    def _painter(self) -> LogStrips:
        if self._strips is None:
            self._strips = LogStrips(self.roles, self._form, self._hits.search)
        return self._strips

    def notify_style_update(self) -> None:
        """Paint anew in the colours of another theme."""
        super().notify_style_update()
        self._strips = None
        self._painted.clear()

    def render_line(self, y: int) -> Strip:
        """One row of the view."""
        width, base = self._width, self._painter.base
        place = self._rows.at(round(self.scroll_y) + y)
        if place is None:
            return Strip.blank(width, base)
        index, part = place
        rows = self._rows_of(self._ring.first + index)
        if part >= len(rows):
            return Strip.blank(width, base)
        x = 0 if self._wrap else round(self.scroll_x)
        return rows[part].crop_extend(x, x + width, base)

    def _rows_of(self, number: int) -> tuple[Strip, ...]:
        rows = self._painted.get(number)
        if rows is None:
            width = self._width if self._wrap else None
            current = number == self._hits.current
            rows = self._painter.rows(self._ring[number], current=current, width=width)
            self._painted[number] = rows
            if width is None and rows[0].cell_length > self._widest:
                self._widest = rows[0].cell_length
                self.call_next(self._resized)
        return rows
