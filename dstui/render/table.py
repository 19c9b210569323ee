"""Which rows a table shows, in which order and under which headings. Pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

from dstui.render.column import Column, RowT, SortKey


@dataclass(frozen=True, slots=True)
class Sort:
    """The column that orders a table, by key."""

    key: str
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Line(Generic[RowT]):
    """A row, or the heading of a group (`row` is `None`, `group` its name, `count` its rows)."""

    id: str
    row: RowT | None
    group: str | None = None
    level: int = 0
    count: int = 0
    folded: bool = False


def group_id(group: str) -> str:
    """The id of a group's heading; no object has such an id."""
    return f"group:{group}"


def arrange(
    rows: Iterable[tuple[str, RowT]],
    columns: Sequence[Column[RowT]],
    sort: Sort | None = None,
    keep: Callable[[RowT], bool] | None = None,
    group_of: Callable[[RowT], str | None] | None = None,
    folded: Collection[str] = (),
    parts_of: Callable[[RowT], Iterable[tuple[str, RowT]]] | None = None,
) -> list[Line[RowT]]:
    """The lines of a table: rows that `keep` keeps, sorted, and gathered under their groups.

    Equal rows stay in the order given. A group stands where its first row would; `folded` holds
    the names of the groups whose rows are hidden. Without groups, the parts of a row follow it:
    it is kept as well when one of them is.
    """
    parts = parts_of if parts_of is not None and group_of is None else _no_parts

    def kept(row: RowT) -> bool:
        return keep is None or keep(row) or any(keep(part) for _, part in parts(row))

    ordered = _sorted([(i, row) for i, row in rows if kept(row)], columns, sort)
    if group_of is None:
        return [line for identifier, row in ordered for line in _whole(identifier, row, parts)]
    members: dict[str, list[Line[RowT]]] = {}
    top: list[Line[RowT] | str] = []
    for identifier, row in ordered:
        group = group_of(row)
        if group is None:
            top.append(Line(identifier, row))
            continue
        if group not in members:
            members[group] = []
            top.append(group)
        members[group].append(Line(identifier, row, group, level=1))
    lines: list[Line[RowT]] = []
    for item in top:
        if isinstance(item, Line):
            lines.append(item)
            continue
        hidden = item in folded
        count = len(members[item])
        lines.append(Line(group_id(item), None, item, count=count, folded=hidden))
        if not hidden:
            lines.extend(members[item])
    return lines


def _no_parts(row: RowT) -> Iterable[tuple[str, RowT]]:
    return ()


def _whole(
    identifier: str, row: RowT, parts: Callable[[RowT], Iterable[tuple[str, RowT]]]
) -> list[Line[RowT]]:
    return [Line(identifier, row), *(Line(part_id, part, level=1) for part_id, part in parts(row))]


def _sorted(
    rows: list[tuple[str, RowT]], columns: Sequence[Column[RowT]], sort: Sort | None
) -> list[tuple[str, RowT]]:
    column = next((c for c in columns if sort and c.key == sort.key), None)
    if sort is None or column is None:
        return rows
    keyed = [(column.sort(row), identifier, row) for identifier, row in rows]
    known = [entry for entry in keyed if entry[0] is not None]
    unknown = [entry for entry in keyed if entry[0] is None]
    known.sort(key=_key, reverse=sort.reverse)
    return [(identifier, row) for _, identifier, row in known + unknown]


def _key(entry: tuple[SortKey, str, object]) -> tuple[object, ...]:
    key = entry[0]
    return key if isinstance(key, tuple) else (key,)


def sort_by(column: Column[RowT]) -> Sort:
    """The order in which a column is sorted first."""
    return Sort(column.key, column.descending)


def matching(text: str, columns: Sequence[Column[RowT]]) -> Callable[[RowT], bool]:
    """Whether a row matches a filter's text, whose fields are the columns' keys.

    Columns that are not shown are fields too. Raises `FilterError`.
    """
    from dstui.domain.filter import parse

    by_key = {column.key: column for column in columns}
    searched = tuple(column.key for column in columns if column.searched)
    wanted = parse(text, by_key)
    return lambda row: wanted.matches(lambda key: by_key[key].filter_text(row), searched)
