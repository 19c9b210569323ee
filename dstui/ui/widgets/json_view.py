"""JSON to look through: colored, foldable, searchable."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from dstui.render.column import Cell, Role
from dstui.ui.widgets.json_lines import (
    INDENT,
    Hit,
    JsonLine,
    JsonRow,
    folded_cells,
    hits_of,
    json_lines,
    row_of_line,
    rows_of,
)
from dstui.ui.widgets.line_view import LineView
from dstui.ui.widgets.roles import RoleStyles
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import clip, width_of

_SIGN = 2
"""The cells before each line, where the fold sign stands."""
_HIT = Style(reverse=True)


class JsonView(LineView):
    """The engine's own description of something; stays where it was when it is shown anew."""

    CURSOR_WITHOUT_FOCUS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "toggle_fold", "Fold, unfold", show=False),
        Binding("left", "fold", "Fold, or go to the outer line", show=False),
        Binding("right", "unfold", "Unfold", show=False),
        Binding("shift+left", "fold_all", "Fold all", show=False),
        Binding("shift+right", "unfold_all", "Unfold all", show=False),
        Binding("n", "next_hit(1)", "Next hit", show=False),
        Binding("N", "next_hit(-1)", "Previous hit", show=False),
        Binding("c", "copy", "Copy", show=False),
    ]

    class Searched(Message):
        """Other hits, or another current one: `current` counts from 1, 0 is none."""

        def __init__(self, view: "JsonView", current: int, total: int) -> None:
            super().__init__()
            self.view = view
            self.current = current
            self.total = total

        @property
        def control(self) -> "JsonView":
            """The view that sent it."""
            return self.view

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._value: Any = None
        self._lines: Sequence[JsonLine] = ()
        self._rows: Sequence[JsonRow] = ()
        self._folded: set[int] = set()
        self._wanted = ""
        self._hits: list[Hit] = []
        self._current = -1

    def show(self, value: Any) -> None:
        """Show this value; `None` shows nothing. Folds stay where the same keys are."""
        if self._lines and value == self._value:
            return
        folded = {self._path(number) for number in self._folded}
        self._value = value
        self._lines = json_lines(value) if value is not None else ()
        self._folded = {
            number
            for number, line in enumerate(self._lines)
            if folded and line.opens and self._path(number) in folded
        }
        self._hits = hits_of(self._lines, self._wanted)
        self._current = min(self._current, len(self._hits) - 1)
        self._arrange()
        self._tell_hits()

    def _path(self, number: int) -> str:
        """The keys that lead to a line."""
        parts: list[str] = []
        while number >= 0:
            line = self._lines[number]
            key = line.cells[0].text if line.cells[0].role is Role.ACCENT else str(number)
            parts.append(key if line.parent >= 0 else "")
            number = line.parent
        return "/".join(parts)

    def _arrange(self) -> None:
        old, self._rows = self._rows, rows_of(self._lines, self._folded, self._width - _SIGN)
        self.lines_changed()
        if len(old) != len(self._rows):
            self.bring_in_sight(self.cursor_row or 0, self.top)
        self.refresh()

    # Folding

    def action_toggle_fold(self) -> None:
        """Fold the object at the cursor, or unfold it."""
        if (number := self._line_at_cursor()) is not None and self._lines[number].opens:
            self._fold({number} ^ self._folded, number)

    def action_fold(self) -> None:
        """Fold what is at the cursor; if there is nothing to fold, go to what it is in."""
        number = self._line_at_cursor()
        if number is None:
            return
        line = self._lines[number]
        if line.opens and number not in self._folded:
            self._fold(self._folded | {number}, number)
        elif line.parent >= 0:
            self.move_cursor(row_of_line(self._rows, line.parent))

    def action_unfold(self) -> None:
        """Unfold what is at the cursor."""
        if (number := self._line_at_cursor()) is not None:
            self._fold(self._folded - {number}, number)

    def action_fold_all(self) -> None:
        """Fold all that is inside the outermost object."""
        opening = {n for n, line in enumerate(self._lines) if line.opens and line.parent >= 0}
        number = self._line_at_cursor() or 0
        while self._lines and self._lines[number].parent > 0:
            number = self._lines[number].parent
        self._fold(opening, number)

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        self._fold(set(), self._line_at_cursor() or 0)

    def _fold(self, folded: set[int], line: int) -> None:
        if folded != self._folded:
            self._folded = folded
            self._rows = rows_of(self._lines, folded, self._width - _SIGN)
            self.lines_changed()
            self.refresh()
        self.move_cursor(row_of_line(self._rows, line))

    def _line_at_cursor(self) -> int | None:
        return None if self.cursor_row is None else self._rows[self.cursor_row].line

    # Searching

    def search(self, text: str) -> int:
        """Look for this text, go to the first hit from the cursor on; how many hits there are."""
        self._wanted = text
        self._hits = hits_of(self._lines, text)
        here = self._line_at_cursor() or 0
        self._current = next((i for i, hit in enumerate(self._hits) if hit.line >= here), 0)
        if self._hits:
            self._go_to_hit()
        self.refresh()
        self._tell_hits()
        return len(self._hits)

    def action_next_hit(self, by: int) -> None:
        """Go to another hit; after the last comes the first."""
        if self._hits:
            self._current = (self._current + by) % len(self._hits)
            self._go_to_hit()
            self.refresh()
            self._tell_hits()

    def _go_to_hit(self) -> None:
        hit = self._hits[self._current]
        around = self._lines[hit.line].parent
        folded = set(self._folded)
        while around >= 0:
            folded.discard(around)
            around = self._lines[around].parent
        self._fold(folded, hit.line)
        self.move_cursor(row_of_line(self._rows, hit.line, hit.start))

    def _tell_hits(self) -> None:
        current = self._current + 1 if self._hits else 0
        self.post_message(self.Searched(self, current, len(self._hits)))

    # Lines

    @property
    def line_count(self) -> int:
        """As many as are on show."""
        return len(self._rows)

    def width_changed(self) -> None:
        """Wrap anew."""
        self._arrange()

    def paint(self, row: int, styles: RoleStyles, width: int) -> Strip:
        """A fold sign where there is something to fold, and the text with its hits."""
        shown = self._rows[row]
        line = self._lines[shown.line]
        sign = ("▸ " if shown.folded else "▾ ") if line.opens and shown.start == 0 else "  "
        pieces = Pieces()
        pieces.add(sign + " " * (line.depth * INDENT), styles[Role.MUTED])
        used = _SIGN + line.depth * INDENT
        cells = folded_cells(line) if shown.folded else line.cells
        end = 1 << 30 if shown.folded else shown.end
        for text, style in self._colored(shown.line, cells, styles, shown.start, end):
            text = clip(text, width - used)
            pieces.add(text, style)
            used += width_of(text)
        pieces.add(" " * (width - used), styles[Role.NORMAL])
        return pieces.strip(width)

    def _colored(
        self, number: int, cells: Iterable[Cell], styles: RoleStyles, start: int, end: int
    ) -> Iterable[tuple[str, Style]]:
        """The text from `start` to `end`, cut where the look changes."""
        hits = [hit for hit in self._hits if hit.line == number] if self._hits else []
        at = 0
        for cell in cells:
            cuts = {at, at + len(cell.text), start, end}
            cuts.update(edge for hit in hits for edge in (hit.start, hit.end))
            edges = sorted(c for c in cuts if max(at, start) <= c <= min(at + len(cell.text), end))
            for left, right in pairwise(edges):
                text = cell.text[left - at : right - at]
                found = any(hit.start <= left < hit.end for hit in hits)
                yield text, styles["marked"] + _HIT if found else styles[cell.role]
            at += len(cell.text)

    def clicked(self, row: int, offset: Offset, double: bool) -> None:
        """A click on the fold sign, or a double click, folds."""
        super().clicked(row, offset, double)
        indent = self._lines[self._rows[row].line].depth * INDENT
        if double or offset.x < _SIGN + indent:
            self.action_toggle_fold()

    def action_copy(self) -> None:
        """Copy the value at the cursor, with all that is in it."""
        number = self._line_at_cursor()
        if number is None:
            return
        value = self._lines[number].value
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        self.app.copy_to_clipboard(text)
        self.notify(f"Copied {clip(text, 60)}", timeout=3, markup=False)
