"""JSON as a flat list of lines that can be folded, wrapped and searched. Pure."""

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from rich.cells import chop_cells

from dstui.render.column import Cell, Role
from dstui.ui.widgets.text_cells import harmless, width_of

INDENT = 2


class JsonLine:
    """One line of the unfolded text.

    `cells` are key, colon, value and comma, without the indent; `parent` is the line that opens
    what this one is in, -1 for the outermost; `end` the line that closes what this one opens.
    """

    __slots__ = ("cells", "depth", "end", "parent", "text", "value")

    def __init__(self, depth: int, cells: tuple[Cell, ...], value: Any, parent: int) -> None:
        self.depth = depth
        self.cells = cells
        self.text = "".join(cell.text for cell in cells)
        self.value = value
        self.parent = parent
        self.end = -1

    @property
    def opens(self) -> bool:
        """Whether it can be folded."""
        return self.end >= 0


def json_lines(value: Any) -> list[JsonLine]:
    """The lines of a JSON value, harmless, in the order it came."""
    lines: list[JsonLine] = []
    _add(lines, value, (), 0, -1, "")
    return lines


def _add(
    lines: list[JsonLine], value: Any, lead: tuple[Cell, ...], depth: int, parent: int, comma: str
) -> None:
    if not isinstance(value, dict | list) or not value:
        text = harmless(_scalar(value))
        cells = (*lead, Cell(text, _role(value)), *_punctuation(comma))
        lines.append(JsonLine(depth, cells, value, parent))
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    own = len(lines)
    lines.append(JsonLine(depth, (*lead, Cell(opening, Role.MUTED)), value, parent))
    for number, (key, child) in enumerate(_children(value)):
        name = _key(key) if key is not None else ()
        _add(lines, child, name, depth + 1, own, "," if number < len(value) - 1 else "")
    lines[own].end = len(lines)
    lines.append(JsonLine(depth, (Cell(closing + comma, Role.MUTED),), value, parent))


def _children(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str | None, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    else:
        yield from ((None, child) for child in value)


def _key(key: str) -> tuple[Cell, ...]:
    return (Cell(harmless(_scalar(key)), Role.ACCENT), Cell(": ", Role.MUTED))


def _punctuation(text: str) -> tuple[Cell, ...]:
    return (Cell(text, Role.MUTED),) if text else ()


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _role(value: Any) -> Role:
    if isinstance(value, bool):
        return Role.WARNING
    if value is None or isinstance(value, dict | list):
        return Role.MUTED
    return Role.NUMBER if isinstance(value, int | float) else Role.NORMAL


class JsonRow(NamedTuple):
    """One line on screen: a line of the text, or the part of it from `start` to `end`."""

    line: int
    start: int
    end: int
    folded: bool = False


def folded_cells(line: JsonLine) -> tuple[Cell, ...]:
    """What a folded line says: how much is in it."""
    closing = "}" if isinstance(line.value, dict) else "]"
    count = len(line.value)
    return (*line.cells, Cell(f" {count} … ", Role.MUTED), Cell(closing, Role.MUTED))


def rows_of(lines: Sequence[JsonLine], folded: Collection[int], width: int) -> list[JsonRow]:
    """The rows on a screen of this width, without what is folded away."""
    rows: list[JsonRow] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if number in folded:
            rows.append(JsonRow(number, 0, len(line.text), folded=True))
            number = line.end
        else:
            rows.extend(_parts(line, number, width))
        number += 1
    return rows


def _parts(line: JsonLine, number: int, width: int) -> Iterator[JsonRow]:
    room = max(8, width - line.depth * INDENT)
    text = line.text
    if width_of(text) <= room:
        yield JsonRow(number, 0, len(text))
        return
    start = 0
    for part in chop_cells(text, room):
        yield JsonRow(number, start, start + len(part))
        start += len(part)


def row_of_line(rows: Sequence[JsonRow], line: int, offset: int = 0) -> int:
    """The row that shows this place or, if it is folded away, what it is folded into."""
    return max(0, bisect_right(rows, (line, offset), key=lambda row: (row.line, row.start)) - 1)


class Hit(NamedTuple):
    """Where the text that is looked for stands."""

    line: int
    start: int
    end: int


def hits_of(lines: Sequence[JsonLine], wanted: str) -> list[Hit]:
    """All places of this text, upper and lower case alike, in order."""
    if not wanted:
        return []
    pattern = re.compile(re.escape(wanted), re.IGNORECASE)
    return [
        Hit(number, match.start(), match.end())
        for number, line in enumerate(lines)
        for match in pattern.finditer(line.text)
    ]
