"""An indexed image: what `dstui layers` and the Layers screens are made of."""

import heapq
from collections import Counter
from functools import cached_property
from typing import NamedTuple

from dstui.domain.layers.entries import DIRECTORY
from dstui.domain.layers.extras import ExtraItem, extras
from dstui.domain.layers.index import ImageIndex, Source
from dstui.domain.layers.kinds import KindTotal, kind_totals
from dstui.domain.layers.losses import Cause, WasteItem
from dstui.domain.layers.stacking import Change, Stack
from dstui.domain.layers.tree import Tree
from dstui.domain.packages.package import Package


class Tally(NamedTuple):
    """Files, and the bytes in them."""

    files: int
    bytes: int


class LayerSummary(NamedTuple):
    """What one layer holds and does."""

    number: int
    """From 0, the base."""
    diff_id: str
    instruction: str | None
    """In the builder's words; `None` where it is not certain."""
    bytes: int
    files: int
    """All entries but directories and marks."""
    added: Tally
    modified: Tally
    removed: Tally
    """What its marks take away; the bytes are those that nothing reaches then."""
    wasted_bytes: int
    """Of its own bytes, those that a later layer (or itself) makes invisible."""


class BigFile(NamedTuple):
    """A visible file."""

    path: str
    bytes: int
    layer: int


class IndexedImage:
    """The index and what follows from it.

    The layers are laid on each other when it is made; all else is found when it is first asked
    for, which may take a tenth of a second.
    """

    def __init__(self, index: ImageIndex) -> None:
        self.index = index
        self.stack = Stack(index.entries, index.starts)

    @property
    def source(self) -> Source:
        """Where it was read."""
        return self.index.source

    @property
    def total_bytes(self) -> int:
        """Of all files in all layers."""
        return self.stack.total_bytes

    @property
    def visible_bytes(self) -> int:
        """Of the files that a container sees."""
        return self.stack.visible_bytes

    @property
    def wasted_bytes(self) -> int:
        """What no container sees."""
        return self.total_bytes - self.visible_bytes

    @property
    def efficiency(self) -> float:
        """The visible part of all bytes, 0 to 1; an image without content wastes none."""
        return self.visible_bytes / self.total_bytes if self.total_bytes else 1.0

    @cached_property
    def waste(self) -> tuple[WasteItem, ...]:
        """All that is wasted, the largest first; the sum is `wasted_bytes`."""
        return tuple(sorted(self.stack.waste, key=lambda item: (-item.bytes, item.path)))

    @cached_property
    def waste_by_cause(self) -> dict[Cause, Tally]:
        """The sums of each cause."""
        room: Counter[Cause] = Counter()
        files: Counter[Cause] = Counter()
        for item in self.stack.waste:
            room[item.cause] += item.bytes
            files[item.cause] += item.files
        return {cause: Tally(files[cause], room[cause]) for cause in Cause}

    @cached_property
    def extras(self) -> tuple[ExtraItem, ...]:
        """Doubles, caches and model weights: no part of the waste."""
        return extras(self.stack)

    @cached_property
    def kinds(self) -> tuple[KindTotal, ...]:
        """The visible files by type."""
        return kind_totals(self.stack)

    @cached_property
    def packages(self) -> tuple[Package, ...]:
        """The installed packages, the largest first, those of unknown size last."""
        from dstui.domain.packages import packages

        return packages(self.stack, self.tree)

    @cached_property
    def tree(self) -> Tree:
        """What a container sees."""
        held = {
            number: inside for number, inside in enumerate(self.stack.visible) if inside is not None
        }
        return Tree(self.index.entries, held, self.stack.bytes)

    def layer_tree(self, layer: int) -> Tree:
        """What one layer's archive holds; marks are entries of no bytes."""
        entries = self.index.entries
        held: dict[int, dict[str, int]] = {}
        for entry in range(self.index.starts[layer], self.index.starts[layer + 1]):
            held.setdefault(entries.parents[entry], {})[entries.names[entry]] = entry
        return Tree(entries, held, entries.sizes.__getitem__)

    def biggest(self, count: int = 100) -> tuple[BigFile, ...]:
        """The largest visible files."""
        sizes = self.index.entries.sizes
        found = heapq.nlargest(
            count, self.stack.visible_files(), key=lambda pair: (sizes[pair[1]], -pair[0])
        )
        return tuple(
            BigFile(self.index.entries.path(name), sizes[content], self.stack.layer_of(content))
            for name, content in found
        )

    @cached_property
    def layers(self) -> tuple[LayerSummary, ...]:
        """The layers, oldest first."""
        wasted: Counter[int] = Counter()
        for item in self.stack.waste:
            wasted[item.written_by] += item.bytes
        return tuple(
            self._summary(layer, wasted[layer]) for layer in range(len(self.index.diff_ids))
        )

    def _summary(self, layer: int, wasted_bytes: int) -> LayerSummary:
        index, changes = self.index, self.stack.changes
        types, sizes = index.entries.types, index.entries.sizes
        rows = range(index.starts[layer], index.starts[layer + 1])
        plain = [row for row in rows if types[row] != DIRECTORY and changes[row] != Change.MARK]
        added = [sizes[row] for row in plain if changes[row] == Change.ADDED]
        modified = [sizes[row] for row in plain if changes[row] == Change.MODIFIED]
        gone = [removal for removal in self.stack.removals if removal.layer == layer]
        return LayerSummary(
            number=layer,
            diff_id=index.diff_ids[layer],
            instruction=index.instructions[layer],
            bytes=sum(sizes[rows.start : rows.stop]),
            files=len(plain),
            added=Tally(len(added), sum(added)),
            modified=Tally(len(modified), sum(modified)),
            removed=Tally(sum(r.files for r in gone), sum(r.bytes for r in gone)),
            wasted_bytes=wasted_bytes,
        )
