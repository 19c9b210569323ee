"""What comes back as the rows of a plan go, one after the other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from dstui.domain.cleanup.layer_bytes import Layers, Removal
from dstui.domain.cleanup.plan import ORDER, Row
from dstui.domain.kind import Kind
from dstui.domain.staleness.facts import CleanupFacts
from dstui.domain.staleness.verdict import Key, Rule

_LEAST_USEFUL = (
    Rule.DANGLING,
    Rule.BUILD_CACHE,
    Rule.CREATED,
    Rule.SUPERSEDED,
    Rule.EXITED,
    Rule.UNUSED_IMAGE,
    Rule.UNUSED_VOLUME,
    Rule.UNUSED_NETWORK,
    Rule.IDLE,
)
"""The order in which a goal of bytes is filled: first what nobody will miss."""


class Scales:
    """Weighs rows; `size` tells the bytes of anything but an image."""

    def __init__(
        self, facts: CleanupFacts, layers: Layers, size: Callable[[Kind, str], int | None]
    ) -> None:
        self._layers = layers
        self._size = size
        self._names = {container.id: container.name for container in facts.containers}
        self._children: dict[str, list[str]] = {}
        for record in facts.build_cache:
            for parent in record.parents:
                self._children.setdefault(parent, []).append(record.id)

    def weigh(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """The rows with what each brings back, and with what blocks them."""
        going: set[Key] = set()
        removal = self._layers.removal()
        weighed = []
        for row in self._in_order(list(rows)):
            waits = next((key for key in row.after if key not in going), None)
            blocked = f"{self._name(waits)} uses it and stays" if waits else ""
            goes = row.wanted and not blocked
            if goes:
                going.add(row.key)
            size, alone = self._bytes(row, goes, removal)
            if (blocked, size, alone) != (row.blocked, row.bytes, row.alone_bytes):
                row = replace(row, blocked=blocked, bytes=size, alone_bytes=alone)
            weighed.append(row)
        return tuple(weighed)

    def fill(self, rows: Sequence[Row], goal: int) -> tuple[Row, ...]:
        """Tick, of what is ticked, only what it takes for so many bytes."""
        by_key = {row.key: row for row in rows}
        removal = self._layers.removal()
        chosen: set[Key] = set()
        total = 0
        for row in sorted((row for row in rows if row.chosen), key=_uselessness):
            if total >= goal:
                break
            for key in (*row.after, row.key):
                if key not in chosen:
                    chosen.add(key)
                    total += self._bytes(by_key[key], True, removal)[0] or 0
        needed = {key for key in chosen for key in by_key[key].after}
        return self.weigh(
            row
            if row.key in needed or (row.key in chosen and _helps(row, removal))
            else replace(row, ticked=False, force=False)
            for row in rows
        )

    def _bytes(self, row: Row, goes: bool, removal: Removal) -> tuple[int | None, int | None]:
        """After the rows before it, and alone."""
        if row.kind is Kind.IMAGE:
            alone = self._layers.alone(row.id)
            return (removal.remove(row.id) if goes else alone), alone
        size = self._size(row.kind, row.id)
        if row.kind is Kind.CONTAINER and goes and size is not None:
            # it may be the last to hold the layers of an image that is gone
            return size + removal.remove(row.id), size
        return size, size

    def _in_order(self, rows: list[Row]) -> list[Row]:
        """By kind; records of the build cache after those that were made from them."""
        records = {row.id: row for row in rows if row.kind is Kind.BUILD_CACHE}
        made = {
            name: [child for child in self._children.get(name, ()) if child in records]
            for name in records
        }
        try:
            names = list(TopologicalSorter(made).static_order())
        except CycleError:  # nonsense of the engine: it will refuse what it cannot remove
            names, made = list(records), {}
        ordered = [
            replace(records[name], after=tuple((Kind.BUILD_CACHE, c) for c in made.get(name, ())))
            for name in names
        ]
        others = [row for row in rows if row.kind is not Kind.BUILD_CACHE]
        return sorted((*others, *ordered), key=lambda row: ORDER.index(row.kind))

    def _name(self, key: Key) -> str:
        kind, identifier = key
        return self._names.get(identifier, "") if kind is Kind.CONTAINER else "a later record"


def _helps(row: Row, removal: Removal) -> bool:
    """An image may let go of layers that come back with another one."""
    return removal.helped(row.id) if row.kind is Kind.IMAGE else row.bytes != 0


def _uselessness(row: Row) -> tuple[int, float]:
    return _LEAST_USEFUL.index(row.rule), -(row.age_s or 0.0)
