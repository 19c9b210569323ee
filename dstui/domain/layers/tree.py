"""The files of an image, or of one layer, as a tree that is unfolded where one looks."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from dstui.domain.layers.directories import ROOT
from dstui.domain.layers.entries import DIRECTORY, Entries

Held = Mapping[int, Mapping[str, int]]
"""Entries by name, by the number of their directory; a negative entry is no entry."""


class Node(NamedTuple):
    """A file or directory of a tree. `clean` its name before showing it."""

    name: str
    entry: int | None
    """Its row in the entries; `None` for a directory that has none."""
    directory: int | None
    """The number of a directory that has something in it."""
    is_directory: bool
    bytes: int
    """Its own, and those of all below it."""
    files: int


class Tree:
    """Sums are made once, nodes when asked for."""

    def __init__(self, entries: Entries, held: Held, size_of: Callable[[int], int]) -> None:
        self.entries = entries
        self._held = held
        self._size_of = size_of
        directories = entries.directories
        self._bytes = array("Q", bytes(8 * len(directories)))
        self._files = array("I", bytes(4 * len(directories)))
        self._alive = bytearray(len(directories))
        types = entries.types
        for number, inside in held.items():
            plain = [entry for entry in inside.values() if entry >= 0 and types[entry] != DIRECTORY]
            self._alive[number] = 1
            self._bytes[number] = sum(map(size_of, plain))
            self._files[number] = len(plain)
        self._subdirectories: dict[int, list[int]] = {}
        for number in range(len(directories) - 1, ROOT, -1):
            if self._alive[number]:
                above = directories.parents[number]
                self._alive[above] = 1
                self._bytes[above] += self._bytes[number]
                self._files[above] += self._files[number]
                self._subdirectories.setdefault(above, []).append(number)

    @property
    def bytes(self) -> int:
        """Of all files."""
        return self._bytes[ROOT]

    @property
    def files(self) -> int:
        """How many there are, links and devices included."""
        return self._files[ROOT]

    def directory_bytes(self, directory: int) -> int:
        """Of all files below a directory."""
        return self._bytes[directory]

    def children(self, directory: int = ROOT) -> list[Node]:
        """What a directory holds, the largest first."""
        names = self.entries.directories.name
        inside = self._held.get(directory, {})
        nodes = []
        seen = set()
        for number in self._subdirectories.get(directory, ()):
            name = names(number)
            seen.add(name)
            entry = inside.get(name, -1)
            nodes.append(
                Node(
                    name,
                    entry if entry >= 0 else None,
                    number,
                    True,
                    self._bytes[number],
                    self._files[number],
                )
            )
        for name, entry in inside.items():
            if name not in seen:
                nodes.append(self._leaf(name, entry))
        nodes.sort(key=lambda node: (-node.bytes, node.name))
        return nodes

    def _leaf(self, name: str, entry: int) -> Node:
        if entry < 0 or self.entries.types[entry] == DIRECTORY:
            return Node(name, entry if entry >= 0 else None, None, True, 0, 0)
        return Node(name, entry, None, False, self._size_of(entry), 1)

    def filtered(self, text: str) -> "Tree":
        """The part whose paths contain `text`, whatever its case."""
        wanted = text.lower()
        directories = self.entries.directories
        found: dict[int, dict[str, int]] = {}
        for number, inside in self._held.items():
            if wanted in directories.paths[number].lower():
                found[number] = dict(inside)
                continue
            start = f"{directories.paths[number]}/".lower() if "/" in wanted else ""
            names = {name: e for name, e in inside.items() if wanted in start + name.lower()}
            if names:
                found[number] = names
        return Tree(self.entries, found, self._size_of)

    def walk(self) -> Iterator[int]:
        """Every entry in it."""
        for inside in self._held.values():
            for entry in inside.values():
                if entry >= 0:
                    yield entry
