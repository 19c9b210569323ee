"""Looks at an object of a plan again, just before its removal."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from dstui.domain.cleanup.plan import Row
from dstui.domain.container import Container
from dstui.domain.image import Image
from dstui.domain.owner import owner_of
from dstui.domain.staleness.keep import protection
from dstui.engine.as_seen import Look, look_again
from dstui.engine.client import Engine


class SecondLook:
    """The gate of every removal and, beyond it, what protects an object from a cleanup.

    `keep` are the exceptions of the config; `now` the time by the engine's clock.
    """

    def __init__(
        self, engine: Engine, keep: Iterable[str], owner_labels: Iterable[str], now: datetime
    ) -> None:
        self._engine = engine
        self._keep = tuple(keep)
        self._owner_labels = tuple(owner_labels)
        self.now = now

    def at(self, row: Row) -> Look:
        """Compare it with how it was planned. Raises `EngineError`, `gone` when it is."""
        look = look_again(self._engine, row.kind, row.id, row.seen)
        changed = look.changed or self._running(row, look) or self._protected(row, look)
        return replace(look, changed=changed)

    def _running(self, row: Row, look: Look) -> str:
        found = look.found
        if isinstance(found, Container) and found.alive and not row.force:
            return f"it is {found.state.value} now"
        return ""

    def _protected(self, row: Row, look: Look) -> str:
        found = look.found
        if found is None:
            return ""
        owner: str | None = row.owner
        names: tuple[str, ...] = (row.name,)
        if isinstance(found, Container):
            named = owner_of(found, self._owner_labels)
            owner = named.name if named else None
        elif isinstance(found, Image):
            names = found.references or names
        why = protection(names, found.labels, owner, self._keep, self.now)
        return f"it is protected: {why}" if why else ""
