"""The words in which the render modules describe a table to whoever draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

RowT = TypeVar("RowT")

UNKNOWN = "–"
"""Shown for a value that is not known: never a zero."""

SortKey = float | int | str | tuple[object, ...] | None


class Role(StrEnum):
    """What a piece of text means; a theme gives each role its look."""

    NORMAL = "normal"
    MUTED = "muted"
    STRONG = "strong"
    ACCENT = "accent"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    RUNNING = "running"
    PAUSED = "paused"
    EXITED = "exited"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of one cell, already harmless, and what it means."""

    text: str
    role: Role = Role.NORMAL
    shorter: tuple[str, ...] = ()
    """Other wordings for where the text does not fit, the longest first."""

    def fitting(self, width: int) -> str:
        """The first wording of at most `width` characters, or else the last."""
        wordings = (self.text, *self.shorter)
        return next((one for one in wordings if len(one) <= width), wordings[-1])


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """One column of a table whose rows are `RowT`.

    `cell` draws, `sort` orders (`None` sorts last in both directions), `filter` is the text that
    `field:value` looks at (the cell's text by default). Columns drop out of a narrow table by
    `priority`: 0 always stays, the highest number goes first.
    """

    key: str
    title: str
    cell: Callable[[RowT], Cell]
    sort: Callable[[RowT], SortKey]
    priority: int = 0
    min_width: int = 3
    max_width: int = 40
    right: bool = False
    flexible: bool = False
    """Takes the width that is left over, and gives it up first."""
    comfortable: int = 0
    """A flexible column gets so many cells before columns of a low priority come in."""
    keeps_end: bool = False
    """What does not fit is cut at the beginning: of an image, name and tag tell more than host."""
    descending: bool = False
    """Sorting by it starts with the largest."""
    filter: Callable[[RowT], str] | None = None
    help: str = ""
    shown: bool = True
    """Whether it is on without the user's asking."""
    searched: bool = True
    """Whether a filter's bare words look at it; measured numbers change too fast for that."""

    def filter_text(self, row: RowT) -> str:
        """What a filter on this field compares with."""
        return self.filter(row) if self.filter else self.cell(row).text
