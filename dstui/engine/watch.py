"""Follows the engine: lists once, then reads what events name."""

import threading
import time
from collections.abc import Callable, Iterable

from dstui.background import Backoff, keep_turning, spawn, what_failed
from dstui.domain.changes import Change, Connected, Disconnected, Halted, Happened, Listable
from dstui.domain.container import Container, Health
from dstui.domain.engine import EngineError
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.engine.client import Engine
from dstui.engine.errands import Errands
from dstui.engine.ledger import Ledger
from dstui.engine.notices import Key, Notice, notice
from dstui.engine.rest import LONGEST_LINE, LineStream

LIVED_AFTER_S = 5.0
"""A stream that ends sooner did not work: the next try waits longer than the one before."""
HEARTBEAT_S = 10.0
"""How often a silent engine is asked whether it lives: a hung one keeps its event stream open."""

TRIES = 5
"""How often an object that cannot be read is asked for. A list is asked for until it comes."""

INSPECT_PAUSE_S = 0.001
IDLE_INSPECT_PAUSE_S = 0.03
"""Between two first inspects of running, and of ended containers."""

_KINDS = (Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK)
_WHOLE_LIST = ""
"""In place of an id: all objects of the kind."""


class Watcher:
    """Emits what the engine holds and every change of it, until it is stopped.

    Events are subscribed to before the first list is read, so that nothing falls between them.
    After that only what an event names is read again. Each container is inspected once in the
    background, the running ones first. A lost connection is told once and made again by itself.
    """

    def __init__(self, engine: Engine, emit: Callable[[Change], None]) -> None:
        self._engine = engine
        self._emit = emit
        self._ledger = Ledger(self._tell)
        self._errands: Errands[Key] = Errands("fetch", self._read, self._halt("reading"))
        self._stopped = threading.Event()
        self._stream: LineStream | None = None
        self._lost = False
        self._silence = ""
        self._unread: set[Kind] = set()
        """The lists that could not be read when they were last asked for."""
        self._generation = 0

    def start(self) -> None:
        """Start to follow, on threads of its own."""
        spawn("watch", self._follow)
        keep_turning("heartbeat", self._heed_heartbeat, self._halt("heartbeat"))

    def stop(self) -> None:
        """Emit nothing any more. Never waits for the engine."""
        self._stopped.set()
        self._errands.close()
        self._hang_up()

    def refresh(self) -> None:
        """Read all lists anew."""
        for kind in _KINDS:
            self._errands.ask((kind, _WHOLE_LIST))

    def _tell(self, change: Change) -> None:
        if not self._stopped.is_set():
            self._emit(change)

    # The event stream

    def _follow(self) -> None:
        self._tell(Connected(self._engine.info))
        backoff = Backoff(lived_after_s=LIVED_AFTER_S)
        while not self._stopped.is_set():
            backoff.begin()
            try:
                self._read_events()
                reason = "the engine ended the event stream"
            except EngineError as error:
                reason = error.message
            except Exception as error:  # noqa: BLE001 - told as a loss, and everything read anew
                reason = f"the events could not be followed: {what_failed(error)}"
            self._lose(self._silence or reason)
            self._stopped.wait(backoff.pause())

    def _read_events(self) -> None:
        self._stream = self._engine.events()
        self._arrive()
        for line in self._stream:
            self._heed(line)

    def _arrive(self) -> None:
        """The containers first: they are what the user waits for."""
        if self._stopped.is_set():
            self._hang_up()
        if self._lost:
            self._tell(Connected(self._engine.greet_again()))
            self._ledger.distrust_runs()
        self._lost, self._silence = False, ""
        if not self._read((Kind.CONTAINER, _WHOLE_LIST)):
            self._errands.ask((Kind.CONTAINER, _WHOLE_LIST))
        for kind in _KINDS[1:]:
            self._errands.ask((kind, _WHOLE_LIST))

    def _lose(self, reason: str) -> None:
        self._hang_up()
        self._engine.rest.begin_anew()
        self._errands.clear()
        self._generation += 1
        if not self._lost:
            self._lost = True
            self._tell(Disconnected(time.time(), reason))

    def _hang_up(self) -> None:
        stream = self._stream
        if stream is not None:
            stream.close()

    def _heed_heartbeat(self) -> bool:
        """Ask once whether the engine lives; whether to do so again."""
        if self._stopped.wait(HEARTBEAT_S):
            return False
        if not self._lost:
            try:
                self._engine.ping()
            except EngineError as error:
                self._silence = error.message
                self._hang_up()
        return True

    def _halt(self, part: str) -> Callable[[str], None]:
        """Tells that a part stands still, or goes on."""
        return lambda reason: self._tell(Halted(part, reason))

    # Events

    def _heed(self, line: bytes) -> None:
        told = notice(line)
        if told is None:
            if len(line) >= LONGEST_LINE:  # whatever it told is not known
                self.refresh()
            return
        if told.gone:
            self._ledger.gone(told.gone)
        for key in told.again:
            self._ledger.noted(key)
            self._errands.ask(key)
        if told.told and not self._is_health_check(told):
            self._tell(Happened(told.event))

    def _is_health_check(self, told: Notice) -> bool:
        if not told.of_command:
            return False
        found = self._ledger.get((Kind.CONTAINER, told.event.id))
        return isinstance(found, Container) and found.health is not Health.NONE

    # Reading

    def _read(self, key: Key, failures: int = 0) -> bool:
        """Read what the key names; whether that succeeded, or is given up."""
        if self._stopped.is_set() or self._lost:
            return True
        try:
            self._read_once(key)
        except EngineError as error:
            if error.gone:
                self._ledger.gone(key)
                return True
            return self._failed_to_read(key, failures, error.message)
        except Exception as error:  # noqa: BLE001 - no answer may end who reads the next one
            return self._failed_to_read(key, failures, what_failed(error))
        self._mend(key)
        return True

    def _read_once(self, key: Key) -> None:
        kind, identifier = key
        asked_at = self._ledger.now()
        if identifier == _WHOLE_LIST:
            listed = self._engine.listed(kind)
            self._ledger.listed(kind, listed.found, asked_at, listed.unreadable)
            self._after_list(kind)
        else:
            found = self._fetch(kind, identifier)
            self._ledger.fetched(kind, found, asked_at)
            self._after_fetch(found)

    def _failed_to_read(self, key: Key, failures: int, reason: str) -> bool:
        """Whether it is given up. A list never is, and is not live until it comes."""
        kind, identifier = key
        if identifier != _WHOLE_LIST:
            return failures >= TRIES
        if not self._lost:
            self._unread.add(kind)
            self._tell(Halted(f"{kind.value}s", reason))
        return False

    def _mend(self, key: Key) -> None:
        kind, identifier = key
        if identifier == _WHOLE_LIST and kind in self._unread:
            self._unread.discard(kind)
            self._tell(Halted(f"{kind.value}s", ""))

    def _fetch(self, kind: Kind, identifier: str) -> Listable:
        match kind:
            case Kind.CONTAINER:
                return self._engine.container(identifier)
            case Kind.IMAGE:
                return self._engine.image(identifier)
            case Kind.VOLUME:
                return self._engine.volume(identifier)
            case _:
                return self._engine.network(identifier)

    def _after_list(self, kind: Kind) -> None:
        if kind is Kind.CONTAINER:
            self._generation += 1
            generation = self._generation
            spawn("inspect", lambda: self._inspect_each(generation))

    def _after_fetch(self, found: Listable) -> None:
        if not isinstance(found, Image):
            return
        if found.dangling:
            # it may be merely a layer of another by now: only the list tells
            self._errands.ask((Kind.IMAGE, _WHOLE_LIST))
        for other in self._without_these_references(found):
            self._errands.ask((Kind.IMAGE, other))

    def _without_these_references(self, image: Image) -> Iterable[str]:
        """Images that have lost a reference to this one: the engine does not tell of it."""
        taken = set(image.references)
        for other in self._ledger.objects(Kind.IMAGE):
            if isinstance(other, Image) and other.id != image.id and taken & set(other.references):
                yield other.id

    # The first inspect of each container

    def _inspect_each(self, generation: int) -> None:
        """One after the other and never more than half of the time, so that nobody notices."""
        known = [c for c in self._ledger.objects(Kind.CONTAINER) if isinstance(c, Container)]
        for container in sorted(known, key=lambda c: not c.alive):
            began = time.monotonic()
            if self._stopped.is_set() or self._generation != generation:
                return
            self._read((Kind.CONTAINER, container.id))
            pause = INSPECT_PAUSE_S if container.alive else IDLE_INSPECT_PAUSE_S
            self._stopped.wait(max(pause, time.monotonic() - began))
