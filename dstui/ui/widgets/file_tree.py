"""The files of an image as a tree that is unfolded where one looks."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip
from textual.worker import Worker

from dstui.domain.layers.tree import Node, Tree
from dstui.render.column import Role
from dstui.render.tree import (
    BAR_WIDTH,
    Note,
    Notes,
    TreeRow,
    name_cell,
    path_of,
    rows_below,
    share_bar,
    size_cell,
)
from dstui.ui.widgets.line_view import LineView
from dstui.ui.widgets.roles import RoleStyles
from dstui.ui.widgets.table_strips import Pieces
from dstui.ui.widgets.text_cells import clip, fill, width_of

InBackground = Callable[[Callable[[], list[TreeRow]]], Coroutine[Any, Any, list[TreeRow]]]

_SIZE, _INDENT, _GAP = 8, 2, 2
_AT_ONCE = 2000
"""Directories of so many files are unfolded on the spot, larger ones on a thread."""
_WIDE = 70
"""From this width on there are bars, and words beside the names."""


class FileTree(LineView):
    """Shows a `Tree`: its lines are made when a directory is unfolded."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "toggle_fold", "Fold, unfold", show=False),
        Binding("left", "fold", "Fold, or go to the outer directory", show=False),
        Binding("right", "unfold", "Unfold, or go in", show=False),
        Binding("shift+left", "fold_all", "Fold all", show=False),
    ]

    class Highlighted(Message):
        """The cursor is on another line."""

        def __init__(self, view: "FileTree") -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> "FileTree":
            """The tree that sent it."""
            return self.view

    def __init__(
        self,
        in_background: InBackground = asyncio.to_thread,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._in_background = in_background
        self._tree: Tree | None = None
        self._notes: Notes = lambda _: Note()
        self._rows: list[TreeRow] = []
        self._opened: set[int] = set()
        self._told: Node | None = None
        self._unfolding: Worker[None] | None = None
        self.empty = ""
        """What is said when there is nothing."""

    # What it shows

    @property
    def shown_tree(self) -> Tree | None:
        """What is shown."""
        return self._tree

    @property
    def node(self) -> Node | None:
        """What the cursor is on."""
        row = self.cursor_row
        return None if row is None else self._rows[row].node

    def show(self, tree: Tree | None, rows: list[TreeRow], opened: set[int], notes: Notes) -> None:
        """Show a tree by its rows, in which these directories are unfolded (see `rows_below`)."""
        path = self._path_at_cursor()
        self._tree, self._rows, self._opened, self._notes = tree, rows, opened, notes
        self.put_cursor(self._row_of(path))
        self.lines_changed()
        self.scroll_top(max(0, (self.cursor_row or 0) - 3))
        self.refresh()
        self.tell()

    def _path_at_cursor(self) -> str:
        if self._tree is None or self.node is None:
            return ""
        return path_of(self._tree, self.node)

    def _row_of(self, path: str) -> int:
        """The line of a path, or the first."""
        if not path or self._tree is None:
            return 0
        for number, row in enumerate(self._rows):
            if path_of(self._tree, row.node) == path:
                return number
        return 0

    def reveal(self, path: str) -> None:
        """Unfold all that leads to a path, and go there."""
        self._later(partial(self._reveal, path))

    async def _reveal(self, path: str) -> None:
        if (tree := self._tree) is None:
            return
        directories = tree.entries.directories
        parts = path.strip("/").split("/")
        opened = set(self._opened)
        for end in range(1, len(parts)):
            number = directories.find("/".join(parts[:end]))
            if number is not None:
                opened.add(number)
        rows = await self._in_background(partial(rows_below, tree, opened=opened))
        if tree is self._tree:
            self._rows, self._opened = rows, opened
            self.lines_changed()
            self.move_cursor(self._row_of("/" + path.strip("/")))
            self.refresh()

    # Folding

    def action_toggle_fold(self) -> None:
        """Unfold the directory at the cursor, or fold it."""
        row = self.cursor_row
        if row is None:
            return
        if self._rows[row].node.directory in self._opened:
            self._fold(row)
        else:
            self._unfold(row)

    def action_fold(self) -> None:
        """Fold the directory at the cursor; if it is folded, go to the one that it is in."""
        row = self.cursor_row
        if row is None:
            return
        if self._rows[row].node.directory in self._opened:
            self._fold(row)
            return
        depth = self._rows[row].depth
        for above in range(row - 1, -1, -1):
            if self._rows[above].depth < depth:
                self.move_cursor(above)
                return

    def action_unfold(self) -> None:
        """Unfold the directory at the cursor; if it is unfolded, go to what is in it."""
        row = self.cursor_row
        if row is None:
            return
        if self._rows[row].node.directory in self._opened:
            self.action_cursor_by(1)
        else:
            self._unfold(row)

    def action_fold_all(self) -> None:
        """Leave the outermost level alone."""
        row = self.cursor_row
        if row is None:
            return
        outermost = next(r for r in range(row, -1, -1) if self._rows[r].depth == 0)
        kept = self._rows[outermost]
        self._rows = [found for found in self._rows if found.depth == 0]
        self._opened = set()
        self.lines_changed()
        self.move_cursor(self._rows.index(kept))
        self.refresh()

    def _fold(self, row: int) -> None:
        depth = self._rows[row].depth
        end = row + 1
        while end < len(self._rows) and self._rows[end].depth > depth:
            end += 1
        for folded in self._rows[row:end]:
            self._opened.discard(-1 if folded.node.directory is None else folded.node.directory)
        del self._rows[row + 1 : end]
        self._rearranged(row)

    def _unfold(self, row: int) -> None:
        node, depth = self._rows[row].node, self._rows[row].depth
        if self._tree is None or node.directory is None:
            return
        if node.files <= _AT_ONCE:
            inside = rows_below(self._tree, node.directory, depth + 1)
            self._insert(row, node.directory, inside)
        else:
            self._later(partial(self._unfold_later, self._tree, node.directory, depth))

    async def _unfold_later(self, tree: Tree, directory: int, depth: int) -> None:
        inside = await self._in_background(partial(rows_below, tree, directory, depth + 1))
        if tree is not self._tree or directory in self._opened:
            return
        places = (n for n, row in enumerate(self._rows) if row.node.directory == directory)
        if (row := next(places, None)) is not None:
            self._insert(row, directory, inside)

    def _insert(self, row: int, directory: int, inside: list[TreeRow]) -> None:
        self._opened.add(directory)
        self._rows[row + 1 : row + 1] = inside
        self._rearranged(self.cursor_row or 0)

    def _rearranged(self, cursor: int) -> None:
        self.lines_changed()
        self.move_cursor(cursor)
        self.refresh()

    def _later(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        self._unfolding = self.run_worker(work, group="unfold", exclusive=True, exit_on_error=False)

    # Painting

    @property
    def line_count(self) -> int:
        """All lines that are unfolded."""
        return len(self._rows)

    def width_changed(self) -> None:
        """The lines are cut elsewhere."""
        self.refresh()

    def tell(self) -> None:
        """Say what the cursor is on now."""
        if self.node is not self._told:
            self._told = self.node
            self.post_message(self.Highlighted(self))

    def paint(self, row: int, styles: RoleStyles, width: int) -> Strip:
        """Size, bar, letter, name; at the right edge a few words."""
        tree, (node, depth) = self._tree, self._rows[row]
        assert tree is not None
        note, size = self._notes(node), size_cell(node)
        pieces = Pieces()
        pieces.add(fill(size.text, _SIZE, right=True) + " ", styles[size.role])
        used = _SIZE + 1
        if width >= _WIDE:
            pieces.add(fill(share_bar(node, tree.bytes), BAR_WIDTH), styles[Role.ACCENT])
            used += BAR_WIDTH
        pieces.add(f" {note.letter or ' '} ", styles[note.role])
        used += 3
        sign = "  "
        if node.directory is not None:
            sign = "▾ " if node.directory in self._opened else "▸ "
        pieces.add(" " * (_INDENT * depth) + sign, styles[Role.MUTED])
        used += _INDENT * (depth + 1)
        words = note.words if width >= _WIDE else ""
        room = width - used - (width_of(words) + _GAP if words else 0) - 1
        name = name_cell(tree, node)
        text = clip(name.text, max(1, room))
        pieces.add(text, styles[name.role])
        used += width_of(text)
        if words and width - used - 1 >= width_of(words):
            pieces.add(fill(words, width - used - 1, right=True) + " ", styles[Role.MUTED])
        else:
            pieces.add(" " * (width - used), styles[Role.NORMAL])
        return pieces.strip(width)

    def paint_around(self, y: int, width: int) -> Strip:
        """Below the last line; in an empty tree, why it is empty."""
        if y == 1 and not self._rows and self.empty:
            pieces = Pieces()
            pieces.add(fill(f"  {self.empty}", width), self.roles.plain[Role.MUTED])
            return pieces.strip(width)
        return super().paint_around(y, width)

    def clicked(self, row: int, offset: Offset, double: bool) -> None:
        """A click on the fold sign, or a double click, folds and unfolds."""
        super().clicked(row, offset, double)
        start = _SIZE + 4 + (BAR_WIDTH if self._width >= _WIDE else 0)
        sign = start + _INDENT * self._rows[row].depth
        if double or sign <= offset.x < sign + _INDENT:
            self.action_toggle_fold()
