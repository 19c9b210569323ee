"""The newest lines of a log, bounded in number and in bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from sys import getsizeof

from dstui.domain.logline import LogLine

LONGEST_LINE = 32_768
"""Characters of a line that are kept."""
KEEP_BYTES = 32 * 1024 * 1024

_LINE_OVERHEAD = 230
"""Bytes of a line beside its text: the object, its time, its places in lists (CPython 3.11)."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines that were not kept up with stood here; `time` is that of the line after them."""

    container_id: str
    skipped: int
    time: str = ""


Entry = LogLine | Gap


def shortened(line: LogLine) -> LogLine:
    """The line, cut to `LONGEST_LINE` with a note of how much is missing.

    Of a line that carriage returns overwrite the last state is kept.
    """
    if len(line.text) <= LONGEST_LINE:
        return line
    text = line.text.rstrip("\r").rpartition("\r")[2]
    if len(text) > LONGEST_LINE:
        text = f"{text[:LONGEST_LINE]}\x1b[0m … {len(text) - LONGEST_LINE:,} more characters"
    return replace(line, text=text)


def weight(entry: Entry) -> int:
    """About the bytes of memory that the entry costs."""
    return _LINE_OVERHEAD + (getsizeof(entry.text) if isinstance(entry, LogLine) else 0)


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: entries from `changed_from` on are new or have moved."""

    evicted: int
    changed_from: int


class LogRing:
    """Entries under numbers that stay theirs while older ones are evicted."""

    def __init__(self, keep_lines: int, keep_bytes: int = KEEP_BYTES) -> None:
        self.keep_lines = keep_lines
        self._keep_bytes = keep_bytes
        self._entries: list[Entry] = []
        self._bytes = 0
        self.first = 0
        """The number of the oldest entry."""

    @property
    def end(self) -> int:
        """One past the number of the newest entry."""
        return self.first + len(self._entries)

    @property
    def bytes(self) -> int:
        """About the memory that the entries take."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> Entry:
        return self._entries[number - self.first]

    def slice(self, start: int, stop: int) -> Sequence[Entry]:
        """The entries of these numbers."""
        return self._entries[max(0, start - self.first) : max(0, stop - self.first)]

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        self.first = self.end
        self._entries.clear()
        self._bytes = 0

    def withdraw(self, count: int) -> None:
        """Take back the newest entries; their numbers are given again."""
        start = len(self._entries) - min(count, len(self._entries))
        self._bytes -= sum(map(weight, self._entries[start:]))
        del self._entries[start:]

    def append(self, entries: Sequence[Entry], *, by_time: bool = False) -> Appended:
        """Take over new entries, evicting the oldest where there are too many.

        `by_time` puts them where their times belong: for several containers, whose lines come
        in order only within each.
        """
        place = self._place_of(entries) if by_time and entries else len(self._entries)
        # sorted() is stable: lines of one container and one time keep their order
        self._entries[place:] = (
            sorted([*self._entries[place:], *entries], key=_when) if by_time else entries
        )
        self._bytes += sum(map(weight, entries))
        changed_from = self.first + place
        evicted = self._evict()
        return Appended(evicted, max(changed_from, self.first))

    def _place_of(self, entries: Sequence[Entry]) -> int:
        """The index from which on new entries mix with those that are here."""
        earliest = min(_when(entry) for entry in entries)
        place = len(self._entries)
        while place and _when(self._entries[place - 1]) > earliest:
            place -= 1
        return place

    def _evict(self) -> int:
        count = max(0, len(self._entries) - self.keep_lines)
        freed = sum(map(weight, self._entries[:count]))
        while self._bytes - freed > self._keep_bytes and count < len(self._entries) - 1:
            freed += weight(self._entries[count])
            count += 1
        if count:
            del self._entries[:count]
            self.first += count
            self._bytes -= freed
        return count


def _when(entry: Entry) -> str:
    """A key that sorts as the times do.

    Docker writes nine digits and `Z`, which sorts as text; Podman leaves trailing zeros out.
    """
    time = entry.time
    if len(time) == 30 or not time.endswith("Z"):
        return time
    seconds, _, fraction = time[:-1].partition(".")
    return f"{seconds}.{fraction:0<9}Z"
