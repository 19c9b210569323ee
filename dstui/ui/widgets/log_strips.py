"""Entries of a log -> strips."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dstui.domain.logline import Stream
from dstui.domain.logring import Entry, Gap
from dstui.domain.logsearch import Search
from dstui.render.ansi import Color as LookColor
from dstui.render.ansi import Look, Run, parse, plain
from dstui.render.column import Role
from dstui.render.logtext import LineFormat, Times, gap_text, local_time
from dstui.ui.widgets.roles import Roles
from dstui.ui.widgets.text_cells import fill

STDERR_MARK = "E "
"""Before each line that was written to stderr, in as many blanks before the others."""

_LONGEST_NAME = 20
_ASCII = frozenset(map(chr, range(128)))
_GRAY = 8
_TIME_WIDTH = {Times.OFF: 0, Times.SHORT: 13, Times.FULL: 30}
_NAME_ROLES = (Role.ACCENT, Role.GOOD, Role.PAUSED, Role.WARNING, Role.NUMBER, Role.STRONG)


class LogStrips:
    """Paints the lines of one view: its colours, what stands before a line, what is searched."""

    def __init__(self, roles: Roles, form: LineFormat, search: Search | None) -> None:
        self._styles = roles.plain
        self.base = self._styles[Role.NORMAL]
        self._form = form
        self._search = search
        ids = tuple(form.names or ())
        self._name_styles = {
            identifier: self._styles[_NAME_ROLES[place % len(_NAME_ROLES)]]
            for place, identifier in enumerate(ids)
        }
        names = [cell_len(form.name(identifier)) for identifier in ids]
        self._name_width = min(max(names, default=0), _LONGEST_NAME)
        self.prefix_width = prefix_width(form, self._name_width)
        warning = roles.color(Role.WARNING)
        self._hit = Style(bgcolor=roles.background.blend(warning, 0.4).rich_color)
        self._current_hit = Style(
            color=roles.background.rich_color, bgcolor=warning.rich_color, bold=True
        )

    def rows(self, entry: Entry, *, current: bool, width: int | None) -> tuple[Strip, ...]:
        """The rows of an entry: wrapped into `width` cells, or one as long as it is.

        `current` is the hit on which the search stands.
        """
        prefix = list(self._prefix(entry))
        if isinstance(entry, Gap):
            rule = self._styles[Role.WARNING]
            return (Strip([*prefix, Segment(f"── {gap_text(entry)} ──", rule)]),)
        runs = self._runs(entry.text, current)
        if width is None:
            return (Strip([*prefix, *runs]),)
        room = max(1, width - self.prefix_width)
        first, *others = _wrapped(runs, room)
        mark = self._mark(entry)
        indent = [mark, Segment(" " * (self.prefix_width - len(STDERR_MARK)), self.base)]
        return (Strip([*prefix, *first]), *(Strip([*indent, *row]) for row in others))

    def _prefix(self, entry: Entry) -> Iterator[Segment]:
        yield self._mark(entry)
        form = self._form
        if width := _TIME_WIDTH[form.times]:
            yield Segment(fill(local_time(entry.time, form.times), width), self._styles[Role.MUTED])
        if self._name_width:
            name = form.name(entry.container_id)
            style = self._name_styles.get(entry.container_id, self.base)
            yield Segment(fill(name, self._name_width) + " ", style)

    def _mark(self, entry: Entry) -> Segment:
        if isinstance(entry, Gap) or entry.stream is not Stream.STDERR:
            return Segment(" " * len(STDERR_MARK), self.base)
        return Segment(STDERR_MARK, self._styles[Role.BAD])

    def _runs(self, text: str, current: bool) -> list[Segment]:
        runs = parse(text)
        segments = [Segment(run.text, styled(run.look, self.base)) for run in runs]
        if self._search is None:
            return segments
        spans = list(self._search.spans("".join(run.text for run in runs)))
        if not spans:
            return segments
        return list(_highlit(runs, self.base, spans, self._current_hit if current else self._hit))


def prefix_width(form: LineFormat, name_width: int) -> int:
    """The cells before the text of every line."""
    return len(STDERR_MARK) + _TIME_WIDTH[form.times] + (name_width + 1 if name_width else 0)


def cells_of(entry: Entry) -> int:
    """The cells of an entry's text; negative when it holds characters of more than one cell."""
    if isinstance(entry, Gap):
        return 1
    text = plain(entry.text)
    if text.isascii():
        return len(text)
    cells = len(text)
    for character in set(text) - _ASCII:
        cells += (get_character_cell_size(character) - 1) * text.count(character)
    return cells if cells == len(text) else -cells


def height_of(cells: int, room: int) -> int:
    """The rows into which `cells_of` an entry wrap in `room` cells.

    A wide character that does not fit leaves a blank cell, so rows of them count one less.
    """
    if cells < 0:
        cells, room = -cells, room - 1
    return -(-cells // max(1, room)) or 1


@lru_cache(maxsize=4096)
def styled(look: Look, base: Style) -> Style:
    """`base` with what the SGR sequences changed."""
    color = look.color
    if look.background is None and not look.reverse and color in _unreadable(base):
        color = _GRAY if color == 0 else None
    return base + Style(
        color=_rich_color(color),
        bgcolor=_rich_color(look.background),
        bold=look.bold or None,
        dim=look.dim or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=look.reverse or None,
        strike=look.strike or None,
    )


def _unreadable(base: Style) -> tuple[int, ...]:
    """The numbers of the colours that vanish in the background: black, or the whites."""
    ground = base.bgcolor.triplet if base.bgcolor else None
    return (7, 15) if ground is not None and sum(ground) > 3 * 127 else (0,)


def _rich_color(color: LookColor) -> Color | None:
    if color is None:
        return None
    return Color.from_ansi(color) if isinstance(color, int) else Color.from_rgb(*color)


def _highlit(
    runs: Sequence[Run], base: Style, spans: Sequence[tuple[int, int]], hit: Style
) -> Iterator[Segment]:
    """The runs, cut where hits start and end."""
    edges = sorted({edge for span in spans for edge in span})
    inside = {start for start, _ in spans}
    ends = {end for _, end in spans}
    position, lit = 0, False
    remaining = iter([*edges, None])
    edge = next(remaining)
    for text, look in runs:
        style = styled(look, base)
        start = 0
        while edge is not None and edge < position + len(text):
            cut = edge - position
            if cut > start:
                yield Segment(text[start:cut], style + hit if lit else style)
            lit = edge in inside or (lit and edge not in ends)
            start, edge = cut, next(remaining)
        if start < len(text):
            yield Segment(text[start:], style + hit if lit else style)
        position += len(text)


def _wrapped(segments: Sequence[Segment], room: int) -> list[list[Segment]]:
    """Rows of at most `room` cells; a wide character is not cut in two."""
    rows: list[list[Segment]] = [[]]
    left = room
    for text, style, _ in segments:
        while text:
            piece = text[:left] if text.isascii() else _fitting(text, left)
            if piece:
                rows[-1].append(Segment(piece, style))
                left -= len(piece) if piece.isascii() else cell_len(piece)
            text = text[len(piece) :]
            if text:
                rows.append([])
                left = room
                if not piece and room < 2:
                    text = ""  # no room for a wide character at all
    return rows


def _fitting(text: str, cells: int) -> str:
    """The longest start of `text` that takes at most `cells`."""
    used = 0
    for index, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > cells:
            return text[:index]
    return text
