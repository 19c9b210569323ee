"""Labelled facts in groups, for the detail pane."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.strip import Strip

from dstui.render.column import Cell, Role
from dstui.render.facts import Fact, FactGroup
from dstui.ui.widgets.line_view import LineView
from dstui.ui.widgets.roles import RoleStyles
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import clip, fill, width_of, wrap

_MARGIN = 1
_INDENT = 2
"""The cells before a label; a title has the margin only."""
_COMMON_LABEL = 18
"""Labels up to this width share one column in all groups; a group with longer ones has its own."""
_GAP = 2


class _Line(NamedTuple):
    """One line on screen. `whole` is the value that it is a part of, for the clipboard."""

    label: str = ""
    text: str = ""
    role: Role = Role.NORMAL
    whole: str = ""
    title: bool = False
    label_width: int = 0


class FactsView(LineView):
    """Facts under titles; long values are wrapped, `c` copies the value at the cursor."""

    CURSOR_WITHOUT_FOCUS = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "copy", "Copy", show=False)]

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._groups: Sequence[FactGroup] = ()
        self._lines: tuple[_Line, ...] = ()

    def show(self, groups: Sequence[FactGroup]) -> None:
        """Show these facts; what has not changed is not repainted."""
        if groups != self._groups:
            self._groups = groups
            self._arrange()

    def _arrange(self) -> None:
        old, self._lines = self._lines, tuple(self._all_lines())
        self.lines_changed()
        self.refresh_differing(old, self._lines)

    def _all_lines(self) -> Iterator[_Line]:
        if not self._width:  # not on screen yet: what is long would become a line for each letter
            return
        widest = [max((width_of(f.label) for f in g.facts), default=0) for g in self._groups]
        common = max((width for width in widest if width <= _COMMON_LABEL), default=0)
        for number, (group, own) in enumerate(zip(self._groups, widest, strict=True)):
            if number:
                yield _Line()
            if group.title:
                yield _Line(group.title, title=True, whole=group.title)
            label_width = min(max(common, own), self._width * 9 // 20)
            for fact in group.facts:
                yield from self._lines_of(fact, label_width)

    def _lines_of(self, fact: Fact, label_width: int) -> Iterator[_Line]:
        label = fact.label
        width = max(1, self._width - _MARGIN - _INDENT - label_width - _GAP)
        for cell in fact.cells or (Cell(""),):
            for text in wrap(cell.text, width):
                yield _Line(label, text, cell.role, cell.text, label_width=label_width)
                label = ""

    # Lines

    @property
    def line_count(self) -> int:
        """Titles, facts and the blanks between."""
        return len(self._lines)

    def width_changed(self) -> None:
        """Wrap anew."""
        self._arrange()

    def paint(self, row: int, styles: RoleStyles, width: int) -> Strip:
        """A title, or a label and a value."""
        line = self._lines[row]
        pieces = Pieces()
        if line.title:
            pieces.add(" " * _MARGIN + fill(line.label, width - _MARGIN), styles["group"])
        else:
            blank = " " * (_MARGIN + _INDENT)
            label = blank + fill(line.label, line.label_width) + " " * _GAP
            pieces.add(label, styles[Role.MUTED])
            pieces.add(fill(line.text, max(0, width - width_of(label))), styles[line.role])
        return pieces.strip(width)

    def action_copy(self) -> None:
        """Copy the whole value at the cursor."""
        if self.cursor_row is not None and (text := self._lines[self.cursor_row].whole):
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied {clip(text, 60)}", timeout=3, markup=False)
