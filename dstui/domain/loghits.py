"""The lines of a log in which a search found something."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from dstui.domain.logring import Entry, LogRing
from dstui.domain.logsearch import Search

_SEARCHED_AT_ONCE = 1000
"""Lines that are searched in one go: about 10 ms for a regular expression, 3 for a text."""


class LogHits:
    """Numbers of the lines of a ring that match, kept true while the ring moves on."""

    def __init__(self, ring: LogRing) -> None:
        self._ring = ring
        self._numbers: list[int] = []
        self._searched = 0
        self.search: Search | None = None
        self.current: int | None = None
        """The number of the hit on which the search stands."""

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def position(self) -> int:
        """Which of the hits the current one is, counted from 1; 0 when it stands on none."""
        return 0 if self.current is None else bisect_right(self._numbers, self.current)

    def start(self, search: Search | None) -> None:
        """Search for something else, or for nothing."""
        self.search = search
        self.current = None
        self.again_from(self._ring.first)

    def again_from(self, number: int) -> None:
        """Lines from this number on are new or changed, and those before the ring are gone."""
        self._searched = min(self._searched, number)
        del self._numbers[bisect_left(self._numbers, number) :]
        del self._numbers[: bisect_left(self._numbers, self._ring.first)]
        if self.current is not None and not self._ring.first <= self.current < self._ring.end:
            self.current = None

    def look(self, text_of: Callable[[Entry], str | None]) -> bool:
        """Search the next lines; whether more are to be searched.

        `text_of` is what is to be searched of an entry, `None` when there is nothing.
        """
        if self.search is None:
            self._searched = self._ring.end
            return False
        start = max(self._searched, self._ring.first)
        entries = self._ring.slice(start, start + _SEARCHED_AT_ONCE)
        matches = self.search.matches
        self._numbers += [
            start + index
            for index, entry in enumerate(entries)
            if (text := text_of(entry)) is not None and matches(text)
        ]
        self._searched = start + len(entries)
        return self._searched < self._ring.end

    def go(self, direction: int, start: int) -> int | None:
        """Go to the next hit or the one before, round the ends; from `start` if on none."""
        if not self._numbers:
            return None
        if direction < 0:
            index = bisect_left(self._numbers, start if self.current is None else self.current) - 1
        elif self.current is None:
            index = bisect_left(self._numbers, start) % len(self._numbers)
        else:
            index = bisect_right(self._numbers, self.current) % len(self._numbers)
        self.current = self._numbers[index]
        return self.current
