"""Entries of different heights -> rows on screen, and back."""

from bisect import bisect_right
from collections.abc import Iterable


class RowMap:
    """Counts the rows of a list that grows at its end and is forgotten from its start.

    An entry of height 0 is hidden.
    """

    def __init__(self) -> None:
        self._ends: list[int] = []
        self._base = 0

    @property
    def rows(self) -> int:
        """All rows."""
        return self._ends[-1] - self._base if self._ends else 0

    def extend(self, heights: Iterable[int]) -> None:
        """Add entries at the end."""
        end = self._ends[-1] if self._ends else self._base
        append = self._ends.append
        for height in heights:
            end += height
            append(end)

    def truncate(self, index: int) -> None:
        """Drop the entries from `index` on."""
        del self._ends[index:]

    def forget(self, count: int) -> int:
        """Drop the first `count` entries, as far as they are known; the number of their rows."""
        count = min(count, len(self._ends))
        if not count:
            return 0
        before = self._base
        self._base = self._ends[count - 1]
        del self._ends[:count]
        return self._base - before

    def clear(self) -> None:
        """Drop everything."""
        self._ends.clear()
        self._base = 0

    def at(self, row: int) -> tuple[int, int] | None:
        """The index of the entry that has this row, and which of its rows it is."""
        if not 0 <= row < self.rows:
            return None
        index = bisect_right(self._ends, row + self._base)
        return index, row - self.row_of(index)

    def row_of(self, index: int) -> int:
        """The first row of an entry; of a hidden one, the row after it."""
        return (self._ends[index - 1] if index else self._base) - self._base
