"""One line of a `LiveTable`, and what differs between two of them. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from dstui.render.column import Cell
from dstui.ui.widgets.column_layout import Placed


class AnyLine(Protocol):
    """What a table can show: an identity, and a cell for each column."""

    @property
    def id(self) -> str:
        """Unique in the table; the cursor and the marks stay on it."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """One for each column; those of a group heading stand side by side."""

    @property
    def group(self) -> bool:
        """Whether it is the heading of a group: drawn across, never marked."""

    @property
    def dim(self) -> bool:
        """Whether it is no longer known to be true."""


class TableLine(NamedTuple):
    """A line whose cells are at hand."""

    id: str
    cells: tuple[Cell, ...]
    group: bool = False
    dim: bool = False


class LazyTableLine:
    """A line whose cells are made when it is first looked at: most lines are off the screen."""

    __slots__ = ("_cells", "_make", "dim", "group", "id")

    def __init__(
        self,
        identifier: str,
        make: Callable[[], tuple[Cell, ...]],
        group: bool = False,
        dim: bool = False,
    ) -> None:
        self.id = identifier
        self.group = group
        self.dim = dim
        self._make = make
        self._cells: tuple[Cell, ...] | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, made once."""
        if self._cells is None:
            self._cells = self._make()
        return self._cells


def changed_spans(
    old: AnyLine | None, new: AnyLine | None, placed: Sequence[Placed], width: int
) -> Iterator[tuple[int, int]]:
    """Where two lines look different, as (start, end); neighbouring columns are one span."""
    if old is new:
        return
    if old is None or new is None or old.dim != new.dim or old.group or new.group:
        if not _same_heading(old, new):
            yield 0, width
        return
    start = end = -1
    for place in placed:
        if _same(old.cells[place.column], new.cells[place.column]):
            if start >= 0:
                yield start, end
            start = -1
        else:
            start = place.x if start < 0 else start
            end = place.end
    if start >= 0:
        yield start, end


def _same_heading(old: AnyLine | None, new: AnyLine | None) -> bool:
    return bool(
        old and new and old.group and new.group and old.dim == new.dim and old.cells == new.cells
    )


def _same(old: Cell, new: Cell) -> bool:
    return old is new or (old.text == new.text and old.role is new.role)
