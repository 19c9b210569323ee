"""What was last told of each object, and what an answer of the engine may change in it."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from dstui.domain.changes import Change, Listable, Listed, Removed, Updated
from dstui.domain.container import Container
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.engine.notices import Key

STALE_LIST_S = 0.05
"""Docker 20.10 lists a container as running for some 25 ms after it told of its end."""

_REMEMBERED_S = 60.0
_REMEMBERED = 1000


class _Entry(NamedTuple):
    object: Listable
    asked_at: float


class _Event(NamedTuple):
    at: float
    gone: bool


class Ledger:
    """Takes events and answers from any thread and emits what is new, in one order for all.

    Answers may come late: each carries the time at which it was asked for (`now`), and one asked
    before something newer was learnt of an object changes nothing in it.
    """

    def __init__(self, emit: Callable[[Change], None]) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._entries: dict[Kind, dict[str, _Entry]] = {}
        self._events: dict[Key, _Event] = {}

    @staticmethod
    def now() -> float:
        """The clock of `asked_at`."""
        return time.monotonic()

    def objects(self, kind: Kind) -> tuple[Listable, ...]:
        """All that is known of a kind."""
        with self._lock:
            return tuple(entry.object for entry in self._entries.get(kind, {}).values())

    def get(self, key: Key) -> Listable | None:
        """What is known of one object."""
        entry = self._entries.get(key[0], {}).get(key[1])
        return entry.object if entry else None

    # What is learnt

    def noted(self, key: Key) -> None:
        """An event told that the object has changed."""
        with self._lock:
            self._remember(key, gone=False)

    def gone(self, key: Key) -> None:
        """An event or a refusal told that the object does not exist any more."""
        with self._lock:
            self._remember(key, gone=True)
            if self._entries.get(key[0], {}).pop(key[1], None):
                self._emit(Removed(*key))

    def fetched(self, kind: Kind, found: Listable, asked_at: float) -> None:
        """The answer to a question for this object."""
        with self._lock:
            event = self._events.get((kind, found.id))
            if event and event.gone and event.at >= asked_at:
                return
            entries = self._entries.setdefault(kind, {})
            known = entries.get(found.id)
            if known and known.asked_at > asked_at:
                return
            entries[found.id] = _Entry(found, asked_at)
            if known is None or known.object != found:
                self._emit(Updated(kind, found))

    def listed(
        self,
        kind: Kind,
        found: Iterable[Listable],
        asked_at: float,
        unreadable: tuple[str, ...] = (),
    ) -> None:
        """The answer to a question for the list of a kind, and why rows of it made no sense."""
        with self._lock:
            before = self._entries.get(kind, {})
            entries: dict[str, _Entry] = {}
            for row in found:
                entry = self._settled(kind, row, before.get(row.id), asked_at)
                if entry is not None:
                    entries[row.id] = entry
            for identifier, entry in before.items():
                if identifier not in entries and self._newer(kind, identifier, entry, asked_at):
                    entries[identifier] = entry
            self._entries[kind] = entries
            objects = tuple(entry.object for entry in entries.values())
            self._emit(Listed(kind, objects, unreadable))

    def distrust_runs(self) -> None:
        """Events were missed: each container may have ended and started anew since."""
        with self._lock:
            for identifier, entry in self._entries.get(Kind.CONTAINER, {}).items():
                if isinstance(entry.object, Container):
                    settled = without_run(entry.object)
                    self._entries[Kind.CONTAINER][identifier] = _Entry(settled, entry.asked_at)

    # How it is judged

    def _settled(
        self, kind: Kind, row: Listable, known: _Entry | None, asked_at: float
    ) -> _Entry | None:
        event = self._events.get((kind, row.id))
        if event and event.gone and event.at >= asked_at - STALE_LIST_S:
            return None
        if known is None:
            return _Entry(row, asked_at - STALE_LIST_S)
        if self._newer(kind, row.id, known, asked_at):
            return known
        return _Entry(with_inspected_facts(row, known.object), asked_at - STALE_LIST_S)

    def _newer(self, kind: Kind, identifier: str, entry: _Entry, asked_at: float) -> bool:
        """Whether what is known outranks a list asked for at that time."""
        event = self._events.get((kind, identifier))
        learnt = max(entry.asked_at, event.at if event and not event.gone else 0.0)
        return learnt >= asked_at - STALE_LIST_S

    def _remember(self, key: Key, gone: bool) -> None:
        now = self.now()
        if len(self._events) > _REMEMBERED:
            self._events = {
                known: event
                for known, event in self._events.items()
                if event.at > now - _REMEMBERED_S
            }
        self._events[key] = _Event(now, gone)


def with_inspected_facts(row: Listable, known: Listable) -> Listable:
    """A row of a list with what an earlier inspect told and the list leaves out."""
    if isinstance(row, Image) and isinstance(known, Image):
        return replace(known, references=row.references, digests=row.digests)
    if not isinstance(row, Container) or not isinstance(known, Container) or not known.inspected:
        return row
    known = known if known.state is row.state else without_run(known)
    return replace(
        known,
        name=row.name or known.name,
        state=row.state,
        health=row.health,
        exit_code=row.exit_code if row.exit_code is not None else known.exit_code,
        ports=row.ports,
        networks=row.networks,
    )


def without_run(container: Container) -> Container:
    """What stays true of a container however often it is started."""
    return replace(
        container,
        exit_code=None,
        started=None,
        finished=None,
        oom_killed=None,
        error="",
        pid=None,
        ip_addresses=(),
    )
