"""Lays the layers of an image on each other, by the rules of the OCI image specification.

What a layer marks as deleted hides the layers below it alone, wherever in its archive the mark
stands: of each layer the marks are heeded first, then its entries are added.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from dstui.domain.layers.entries import (
    DIRECTORY,
    FILE,
    HARD_LINK,
    LEFTOVER,
    OPAQUE,
    WHITEOUT,
    Entries,
)
from dstui.domain.layers.inodes import Inodes
from dstui.domain.layers.losses import Cause, Removal, WasteItem

_FILES = (FILE, HARD_LINK)

IMPLIED = -1
"""Stands for the entry of a directory that no layer has one for."""

BARE_MARK = "a whiteout that names nothing"
AUFS_LEFTOVER = "a left-over of AUFS"
VOID_MARK = "a whiteout of what is not there"
BROKEN_LINK = "a hard link to what is not there"


class Change(IntEnum):
    """What an entry does to what the layers below show."""

    ADDED = 1
    MODIFIED = 2
    REPEATED = 3
    """A directory named again as it was."""
    MARK = 4
    """A whiteout, or a name that means nothing to an image."""


class Stack:
    """The layers laid on each other: what is visible in the end, and what each layer did.

    `starts` tells where each layer's entries begin, and last where they all end.
    """

    def __init__(self, entries: Entries, starts: Sequence[int]) -> None:
        self.entries = entries
        self.starts = starts
        self.changes = bytearray(len(entries))
        """What each entry does: a `Change`."""
        self.ended_by = array("i", (-1,)) * len(entries)
        """The layer that replaced or removed each entry; -1 for those visible and for marks."""
        self.visible: list[dict[str, int] | None] = [None] * len(entries.directories)
        """What each directory holds in the end, by name; `None` for one that is not there."""
        self.visible[0] = {}
        self.waste: list[WasteItem] = []
        self.removals: list[Removal] = []
        self.oddities: Counter[str] = Counter()
        """What the rules give no meaning to, by kind."""
        self.inodes = Inodes()
        self._odd_directories = _odd_directories(entries)
        self._nameless: dict[str, int] = {}
        for layer in range(len(starts) - 1):
            self._lay(layer, starts[layer], starts[layer + 1])
        self._carriers = self._find_carriers()
        self.total_bytes = sum(entries.sizes)
        self.visible_bytes = sum(map(self.bytes, self.visible_entries()))

    def layer_of(self, entry: int) -> int:
        """The layer that an entry stands in."""
        return bisect_right(self.starts, entry) - 1

    def visible_entries(self) -> Iterable[int]:
        """Every entry that is visible in the end, directories too."""
        return (
            entry
            for held in self.visible
            if held is not None
            for entry in held.values()
            if entry != IMPLIED
        )

    def visible_files(self) -> Iterator[tuple[int, int]]:
        """A name and the content it leads to, for each content that is visible."""
        types, content = self.entries.types, self.inodes.content
        for entry in self.visible_entries():
            if types[entry] in _FILES:
                if entry not in self._carriers:
                    yield entry, entry
                elif self._carriers[entry]:
                    yield entry, content(entry)

    def bytes(self, entry: int) -> int:
        """The bytes that a visible entry stands for: of hard links, one carries them."""
        carried = self._carriers.get(entry)
        return self.entries.sizes[entry] if carried is None else carried

    # One layer

    def _lay(self, layer: int, first: int, end: int) -> None:
        names, parents, types = self.entries.names, self.entries.parents, self.entries.types
        self._nameless.clear()
        for mark in self._marks(first, end):
            self.changes[mark] = Change.MARK
            self._heed(mark, layer)
        broken: list[int] = []
        directory, held = -1, dict[str, int]()
        for entry in range(first, end):
            if self.changes[entry]:
                continue
            if parents[entry] != directory:
                directory = parents[entry]
                held = self._enter(directory, layer)
            if types[entry] == HARD_LINK and not self._link(entry):
                broken.append(entry)
            below = held.get(names[entry])
            if below is None:
                self.changes[entry] = Change.ADDED
            else:
                self.changes[entry] = self._cover(below, entry, layer)
            held[names[entry]] = entry
        for entry in broken:  # a link may stand before its target in the archive
            if self.ended_by[entry] < 0 and not self._link(entry):
                self.oddities[BROKEN_LINK] += 1
        self._lose_nameless(layer)

    def _marks(self, first: int, end: int) -> list[int]:
        names, parents, odd = self.entries.names, self.entries.parents, self._odd_directories
        return [
            entry
            for entry in range(first, end)
            if names[entry].startswith(WHITEOUT) or (odd and parents[entry] in odd)
        ]

    def _heed(self, mark: int, layer: int) -> None:
        """Take from what is below what a mark says."""
        directory, name = self.entries.parents[mark], self.entries.names[mark]
        if self.entries.sizes[mark]:
            self._nameless[self.entries.path(mark)] = mark
        if directory in self._odd_directories or (name.startswith(LEFTOVER) and name != OPAQUE):
            self.oddities[AUFS_LEFTOVER] += 1
        elif name == OPAQUE:
            self._end_below(directory, layer)
        elif name == WHITEOUT:
            self.oddities[BARE_MARK] += 1
        else:
            name = name.removeprefix(WHITEOUT)
            held = self.visible[directory]
            if held is None or name not in held:
                self.oddities[VOID_MARK] += 1
            else:
                self._end(directory, name, held.pop(name), layer, Cause.DELETED)

    def _enter(self, directory: int, layer: int) -> dict[str, int]:
        """What a directory holds; it comes to be where nothing, or no directory, was."""
        held = self.visible[directory]
        if held is None:
            directories = self.entries.directories
            parent, name = directories.parents[directory], directories.name(directory)
            above = self._enter(parent, layer)
            there = above.get(name)
            if there is not None and not self._is_directory(there):
                self._end(parent, name, there, layer, Cause.REPLACED)
                there = None
            if there is None:
                above[name] = IMPLIED
            self.visible[directory] = held = {}
        return held

    def _is_directory(self, entry: int) -> bool:
        return entry == IMPLIED or self.entries.types[entry] == DIRECTORY

    def _cover(self, below: int, entry: int, layer: int) -> Change:
        """Put an entry in the place of one that is there."""
        entries = self.entries
        if entries.types[entry] == DIRECTORY and self._is_directory(below):
            if below == IMPLIED:
                return Change.REPEATED
            self.ended_by[below] = layer
            return Change.REPEATED if self._same_attributes(below, entry) else Change.MODIFIED
        cause = Cause.METADATA_COPY if self._same_content(below, entry) else Cause.REPLACED
        self._end(entries.parents[entry], entries.names[entry], below, layer, cause)
        return Change.MODIFIED

    def _same_attributes(self, one: int, other: int) -> bool:
        entries = self.entries
        return (
            entries.modes[one] == entries.modes[other]
            and entries.uids[one] == entries.uids[other]
            and entries.gids[one] == entries.gids[other]
        )

    def _same_content(self, below: int, entry: int) -> bool:
        """Whether a file is a copy; without checksums, whether it looks like one of `chown`."""
        entries = self.entries
        if below == IMPLIED or FILE not in (entries.types[below], entries.types[entry]):
            return False
        one, other = self.inodes.content(below), self.inodes.content(entry)
        if entries.sizes[one] != entries.sizes[other]:
            return False
        if entries.contents[one] and entries.contents[other]:
            return entries.contents[one] == entries.contents[other]
        return entries.mtimes[one] == entries.mtimes[other]

    # Hard links

    def _link(self, entry: int) -> bool:
        """Let a hard link name its target's content, if its target is there."""
        target = self.entries.links.get(entry, "")
        if target in self._nameless:
            self.inodes.adopt(entry, self._nameless[target])
            return True
        parent, _, name = target.rpartition("/")
        directory = self.entries.directories.find(parent)
        held = None if directory is None else self.visible[directory]
        found = None if held is None else held.get(name)
        if found is None or found == entry or self._is_directory(found):
            return False
        self.inodes.link(entry, found)
        return True

    def _lose_nameless(self, layer: int) -> None:
        for path, entry in self._nameless.items():
            if not self.inodes.adopted(entry):
                size = self.entries.sizes[entry]
                self.waste.append(WasteItem(Cause.HIDDEN, path, size, 1, layer, layer))

    def _find_carriers(self) -> dict[int, int]:
        """The bytes that each of the linked names stands for: the first one has them all."""
        carriers: dict[int, int] = {}
        for content, names in self.inodes.shared():
            carriers.update(dict.fromkeys(names, 0))
            if names:
                carriers[min(names)] = self.entries.sizes[content]
        return carriers

    # Endings

    def _end(self, directory: int, name: str, entry: int, layer: int, cause: Cause) -> None:
        """Account for what stood at a path: a file, or a directory with all in it."""
        path = self.entries.directories.join(directory, name)
        self._end_all([(directory, name, entry)], path, layer, cause)

    def _end_below(self, directory: int, layer: int) -> None:
        held = self.visible[directory]
        if held:
            below = [(directory, name, entry) for name, entry in held.items()]
            held.clear()
            path = self.entries.directories.paths[directory]
            self._end_all(below, path, layer, Cause.HIDDEN)

    def _end_all(
        self, places: list[tuple[int, str, int]], path: str, layer: int, cause: Cause
    ) -> None:
        entries, inodes = self.entries, self.inodes
        files = 0
        lost: list[int] = []
        while places:
            directory, name, entry = places.pop()
            if entry != IMPLIED:
                self.ended_by[entry] = layer
            if self._is_directory(entry):
                places += self._emptied(directory, name)
                continue
            files += 1
            content = inodes.release(entry)
            if content is not None and entries.sizes[content]:
                lost.append(content)
        self._tell(cause, path, files, lost, layer)

    def _emptied(self, directory: int, name: str) -> list[tuple[int, str, int]]:
        number = self.entries.directories.child(directory, name)
        held = None if number is None else self.visible[number]
        if number is None or held is None:
            return []
        self.visible[number] = None
        return [(number, name, entry) for name, entry in held.items()]

    def _tell(self, cause: Cause, path: str, files: int, lost: list[int], layer: int) -> None:
        sizes = self.entries.sizes
        by_writer: dict[int, list[int]] = {}
        for content in lost:
            by_writer.setdefault(self.layer_of(content), []).append(sizes[content])
        for writer, bytes_lost in by_writer.items():
            item = WasteItem(cause, path, sum(bytes_lost), len(bytes_lost), writer, layer)
            self.waste.append(item)
        if cause in (Cause.DELETED, Cause.HIDDEN):
            total = sum(sizes[content] for content in lost)
            self.removals.append(Removal(layer, cause, path, files, total))


def _odd_directories(entries: Entries) -> set[int]:
    """The directories in one whose name is a mark."""
    paths = enumerate(entries.directories.paths)
    return {number for number, path in paths if f"/{path}".find(f"/{WHITEOUT}") >= 0}
