"""A treemap: rectangles whose areas are sizes, laid out in terminal cells.

The layout is "squarified" (Bruls, Huizing, van Wijk 2000): rows are filled as long as their
rectangles become less elongated.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from typing import NamedTuple

from dstui.domain.layers.tree import Node, Tree
from dstui.domain.text import clean

CELL_RATIO = 2.0
"""A cell is about twice as high as wide."""
_MOST_NODES = 80
"""Smaller ones are shown as one rectangle together."""
_NESTED_WIDTH, _NESTED_HEIGHT = 14, 4
"""What a directory needs to show what is in it."""
_DEEPEST = 5
_DOMINANT = 0.4
"""In a directory of more than this part of all bytes, each thing has a color of its own."""
_LEAST_CELLS = 3
"""Smaller tiles are put together."""


class Box(NamedTuple):
    """A rectangle in cells."""

    x: int
    y: int
    width: int
    height: int


class Tile(NamedTuple):
    """A rectangle of the map. `node` is `None` for the many small ones together."""

    box: Box
    node: Node | None
    name: str
    bytes: int
    level: int
    """How many tiles it is inside of."""
    color: int
    """A number: a tile has that of the one around it, unless that one is nearly everything."""


Children = Callable[[int], list[Node]]


def tiles(tree: Tree, directory: int, width: int, height: int) -> list[Tile]:
    """What a directory holds, and what its directories hold where there is room; outer first."""

    @cache
    def children(number: int) -> list[Node]:
        return [node for node in tree.children(number) if node.bytes]

    found: list[Tile] = []
    colors = count()
    outermost = _laid_out(children, directory, Box(0, 0, width, height), level=0)
    dominant = _DOMINANT * sum(tile.bytes for tile in outermost)

    def add(tile: Tile) -> None:
        found.append(tile)
        for inner in _inside(children, tile):
            own = tile.bytes > dominant
            add(inner._replace(color=next(colors) if own else tile.color))

    for tile in outermost:
        add(tile._replace(color=next(colors)))
    return found


def _inside(children: Children, tile: Tile) -> list[Tile]:
    """The tiles of a directory's, where there is room for them."""
    box, node = tile.box, tile.node
    if node is None or node.directory is None or tile.level == _DEEPEST:
        return []
    if box.width < _NESTED_WIDTH or box.height < _NESTED_HEIGHT:
        return []
    inside = Box(box.x + 1, box.y + 1, box.width - 2, box.height - 1)
    return _laid_out(children, node.directory, inside, tile.level + 1)


def _laid_out(children: Children, directory: int, box: Box, level: int) -> list[Tile]:
    nodes = children(directory)
    shown, rest = nodes[:_MOST_NODES], nodes[_MOST_NODES:]
    total = sum(node.bytes for node in nodes)
    if not total:
        return []
    least = _LEAST_CELLS * total / max(1, box.width * box.height)
    while len(shown) > 1 and shown[-1].bytes < least:
        rest.insert(0, shown.pop())
    named = [_named(children, node) for node in shown]
    sizes = [node.bytes for node in shown]
    if others := sum(node.bytes for node in rest):
        sizes.append(others)
    found = []
    for place, where in enumerate(squarified(sizes, box)):
        if place < len(named):
            name, node = named[place]
            found.append(Tile(where, node, name, node.bytes, level, 0))
        else:
            found.append(Tile(where, None, f"{len(rest)} more", others, level, 0))
    return [tile for tile in found if tile.box.width > 0 and tile.box.height > 0]


def _named(children: Children, node: Node) -> tuple[str, Node]:
    """A name, and what it names: a directory that holds only another one stands for that."""
    name = clean(node.name)
    while node.directory is not None:
        inside = children(node.directory)
        if len(inside) != 1 or not inside[0].is_directory:
            return f"{name}/", node
        node = inside[0]
        name += f"/{clean(node.name)}"
    return name, node


def squarified(sizes: Sequence[float], box: Box) -> list[Box]:
    """A rectangle for each size, in the same order; together they fill the box, without overlap.

    Edges lie between cells, so small ones may be empty.
    """
    total = sum(sizes)
    if not sizes or total <= 0 or box.width < 1 or box.height < 1:
        return [Box(box.x, box.y, 0, 0) for _ in sizes]
    x, y = float(box.x), box.y * CELL_RATIO
    width, height = float(box.width), box.height * CELL_RATIO
    scale = width * height / total
    areas = [size * scale for size in sizes]
    placed: list[Box] = []
    start = 0
    while start < len(areas):
        side = min(width, height)
        end = _row_end(areas, start, side)
        row = areas[start:end]
        thickness = sum(row) / side if side else 0.0
        if end == len(areas):  # no rounding error is left at the edge
            thickness = width if width >= height else height
        if width >= height:
            placed += _stacked(row, x, y, thickness, height, upright=True)
            x, width = x + thickness, width - thickness
        else:
            placed += _stacked(row, x, y, width, thickness, upright=False)
            y, height = y + thickness, height - thickness
        start = end
    return placed


def _row_end(areas: Sequence[float], start: int, side: float) -> int:
    """How many of the next areas make the best row along a side."""
    total = areas[start]
    largest = smallest = areas[start]
    worst = _worst(total, largest, smallest, side)
    end = start + 1
    while end < len(areas):
        total += areas[end]
        largest, smallest = max(largest, areas[end]), min(smallest, areas[end])
        longer = _worst(total, largest, smallest, side)
        if longer > worst:
            break
        worst = longer
        end += 1
    return end


def _worst(total: float, largest: float, smallest: float, side: float) -> float:
    """How elongated the worst rectangle of a row is."""
    if not smallest or not side:
        return float("inf")
    return max(side * side * largest / (total * total), total * total / (side * side * smallest))


def _stacked(
    areas: Sequence[float], x: float, y: float, width: float, height: float, upright: bool
) -> list[Box]:
    """Rectangles one after another in a row of this size, downwards if it stands upright."""
    total = sum(areas) or 1.0
    boxes = []
    done = 0.0
    for area in areas:
        first, last = done / total, (done + area) / total
        if upright:
            boxes.append(_cells(x, y + first * height, x + width, y + last * height))
        else:
            boxes.append(_cells(x + first * width, y, x + last * width, y + height))
        done += area
    return boxes


def _cells(left: float, top: float, right: float, bottom: float) -> Box:
    x, y = round(left), round(top / CELL_RATIO)
    return Box(x, y, round(right) - x, round(bottom / CELL_RATIO) - y)
