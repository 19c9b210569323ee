"""What a list shows and in which order: its columns, sort, filter and folds, kept as it changes."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Generic

from dstui.render.column import Cell, Column, Role, RowT
from dstui.render.table import Line, Sort, arrange, matching, sort_by
from dstui.ui.widgets.live_table import LazyTableLine

INDENT = "  "


class Listing(Generic[RowT]):
    """The rows of one section as lines of a table; remembers the row behind each line."""

    def __init__(
        self, columns: Sequence[Column[RowT]], chosen: Collection[str] = (), sort: str = ""
    ) -> None:
        self._all = tuple(columns)
        self.columns = self._default = _chosen(columns, chosen)
        self.sort = next((sort_by(column) for column in columns if column.key == sort), None)
        self.filter_text = ""
        self.folded: set[str] = set()
        self.total = self.shown = 0
        self._matches: Callable[[RowT], bool] | None = None
        self._rows: dict[str, RowT] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self.name_in_group: Callable[[RowT], str] | None = None
        """The name of a row under the heading that says the rest of it."""
        self.parts_of: Callable[[RowT], Iterable[tuple[str, RowT]]] | None = None
        """The rows that stand under a row, always."""
        self._named = next((i for i, c in enumerate(self.columns) if c.flexible), 0)

    # What is shown

    def filter(self, text: str) -> None:
        """Show only what matches from now on; raises `FilterError`."""
        self._matches = matching(text, self._all) if text.strip() else None
        self.filter_text = text

    def sort_next(self) -> None:
        """Sort by the column after the present one."""
        keys = [column.key for column in self.columns]
        at = keys.index(self.sort.key) + 1 if self.sort and self.sort.key in keys else 0
        self.sort = sort_by(self.columns[at % len(self.columns)])

    def leave_out(self, keys: Collection[str]) -> bool:
        """Hide these of the columns that nobody chose; whether that changes which are shown."""
        before = self.columns
        self.columns = tuple(c for c in self._default if c.key not in keys)
        self._named = next((i for i, c in enumerate(self.columns) if c.flexible), 0)
        return self.columns != before

    def sort_by(self, key: str) -> None:
        """Sort by this column, or turn the order around when it is sorted by it."""
        if self.sort and self.sort.key == key:
            self.reverse()
        else:
            self.sort = next((sort_by(c) for c in self.columns if c.key == key), self.sort)

    def reverse(self) -> None:
        """Turn the order around."""
        if self.sort:
            self.sort = Sort(self.sort.key, not self.sort.reverse)

    def toggle_fold(self, line_id: str) -> bool:
        """Fold or unfold the group of this heading; false when it is no heading."""
        if line_id not in self._members:
            return False
        self.folded ^= {line_id}
        return True

    # The lines

    def lines(
        self,
        rows: Iterable[tuple[str, RowT]],
        keep: Callable[[RowT], bool] | None = None,
        group_of: Callable[[RowT], str | None] | None = None,
        dim: bool = False,
    ) -> list[LazyTableLine]:
        """The table's lines for these rows."""
        self._rows = dict(rows)
        arranged = arrange(
            self._rows.items(),
            self._all,
            self.sort,
            _both(keep, self._matches),
            group_of,
            parts_of=self.parts_of,
        )
        if self.parts_of is not None:
            for row in tuple(self._rows.values()):
                self._rows.update(self.parts_of(row))
        self.total = len(self._rows)
        self.shown = sum(line.row is not None for line in arranged)
        self._members = _members(arranged)
        hidden = {i for heading in self.folded for i in self._members.get(heading, ())}
        return [self._line(line, dim) for line in arranged if line.id not in hidden]

    def row(self, line_id: str | None) -> RowT | None:
        """The row behind a line, `None` for a heading."""
        return self._rows.get(line_id) if line_id else None

    def members(self, line_id: str) -> tuple[str, ...]:
        """The rows under a heading; a row stands for itself."""
        return self._members.get(line_id) or (line_id,)

    def _line(self, line: Line[RowT], dim: bool) -> LazyTableLine:
        row = line.row
        if row is None:
            return LazyTableLine(line.id, lambda: self._heading(line), group=True, dim=dim)
        return LazyTableLine(line.id, lambda: self._cells(row, line.level), dim=dim)

    def _cells(self, row: RowT, level: int) -> tuple[Cell, ...]:
        cells = [column.cell(row) for column in self.columns]
        if level:
            name = cells[self._named]
            text = self.name_in_group(row) if self.name_in_group else name.text
            cells[self._named] = replace(name, text=INDENT * level + text)
        return tuple(cells)

    def _heading(self, line: Line[RowT]) -> tuple[Cell, ...]:
        arrow = "▸" if line.id in self.folded else "▾"
        return (Cell(f"{arrow} {line.group}"), Cell(str(line.count), Role.MUTED))


def _chosen(columns: Sequence[Column[RowT]], keys: Collection[str]) -> tuple[Column[RowT], ...]:
    if keys:
        by_key = {column.key: column for column in columns}
        return tuple(by_key[key] for key in keys if key in by_key)
    return tuple(column for column in columns if column.shown)


def _both(
    first: Callable[[RowT], bool] | None, second: Callable[[RowT], bool] | None
) -> Callable[[RowT], bool] | None:
    if first is None or second is None:
        return first or second
    return lambda row: first(row) and second(row)


def _members(lines: Iterable[Line[RowT]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    heading = ""
    for line in lines:
        if line.row is None:
            heading = line.id
            found[heading] = []
        elif line.level and line.group is not None:
            found[heading].append(line.id)
    return {heading: tuple(ids) for heading, ids in found.items()}
