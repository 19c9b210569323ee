"""How much each directory of an image holds."""

import heapq
from typing import NamedTuple

from dstui.domain.layers.directories import ROOT
from dstui.domain.layers.entries import DIRECTORY
from dstui.domain.layers.stacking import Stack


class FolderTotal(NamedTuple):
    """A visible directory."""

    path: str
    bytes: int
    """With all below it."""
    own_bytes: int
    """Of the files that stand in it."""
    files: int
    """With all below it."""


def folder_totals(stack: Stack, count: int = 1000) -> tuple[FolderTotal, ...]:
    """The largest directories, the root left out."""
    directories, types = stack.entries.directories, stack.entries.types
    own = [0] * len(directories)
    files = [0] * len(directories)
    for number, held in enumerate(stack.visible):
        plain = [e for e in (held or {}).values() if e >= 0 and types[e] != DIRECTORY]
        own[number] = sum(map(stack.bytes, plain))
        files[number] = len(plain)
    whole = list(own)
    for number in range(len(directories) - 1, ROOT, -1):
        above = directories.parents[number]
        whole[above] += whole[number]
        files[above] += files[number]
    seen = (number for number in range(ROOT + 1, len(own)) if stack.visible[number] is not None)
    largest = heapq.nlargest(count, seen, key=lambda number: (whole[number], -number))
    return tuple(
        FolderTotal(directories.paths[number], whole[number], own[number], files[number])
        for number in largest
    )
