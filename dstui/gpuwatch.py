"""The GPUs of a session: the driver's reports joined with the engine's containers."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from dstui.background import Background
from dstui.domain.changes import Change, GpusSampled, Happened
from dstui.domain.container import Container
from dstui.domain.engine import EngineError, EngineInfo, ProcessTable
from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_event import GpuEvent, feed_events
from dstui.domain.gpu_idle import IdleWatch
from dstui.domain.gpu_join import (
    Obstacle,
    ProcessKey,
    join,
    key_of,
    obstacle,
    unmapped,
    with_obstacle,
)
from dstui.domain.owner import DEFAULT_LABELS, owner_of
from dstui.store import Store

MOST_ASKED = 50
"""To so many containers the engine is asked for their processes, at about 10 ms each."""
_FORGET_AFTER_S = 600.0
_REMEMBER_S = 60.0
"""A process that has ended for so long has caused no error of now: its pid is another's."""


class Top(Protocol):
    """Asks an engine for the processes of a container; raises `EngineError`."""

    def __call__(self, container_id: str, /) -> ProcessTable: ...


class GpuWatch:
    """Takes a report, gives its processes their containers, and marks who holds without using.

    `top` and `info` belong to the engine, if there is one; `local` is whether it answers on a
    socket of this machine. `simulated` GPUs name the containers themselves.
    """

    def __init__(
        self,
        store: Store,
        background: Background,
        top: Top | None = None,
        info: EngineInfo | None = None,
        local: bool = True,
        source: Callable[[], GpuReport] | None = None,
        events: Callable[[], Iterable[GpuEvent]] = tuple,
        owner_labels: Iterable[str] = DEFAULT_LABELS,
    ) -> None:
        from dstui.gpu.sampler import GpuSampler

        self._store = store
        self._background = background
        self._top = top
        self._info = info
        self._local = local
        self._simulated = source is not None
        self._idle = IdleWatch()
        self._lock = threading.Lock()
        self._by_top: dict[ProcessKey, str] = {}
        self._asked: dict[ProcessKey, float] = {}
        self._owner_labels = owner_labels
        self._recent: dict[int, tuple[float, str]] = {}
        """By pid: when it was last seen on a GPU, and of which container it is."""
        self._sampler = GpuSampler(self._take, source, events, self._tell)

    def start(self) -> None:
        """Begin; the store is told from now on."""
        self._sampler.start()

    def stop(self) -> None:
        """End; never waits for the driver."""
        self._sampler.stop()

    def toggle_release(self) -> bool:
        """Let go of the driver, or take it back; whether it is let go of now."""
        if self._sampler.released:
            self._sampler.take_back()
        else:
            self._sampler.release()
        return self._sampler.released

    def joined(self, report: GpuReport, wait: bool = False) -> GpuReport:
        """The report with containers; `wait` also for what only the engine can tell."""
        known = {container.id for container in self._store.containers()}
        present = {key_of(process) for gpu in report.gpus for process in gpu.processes}
        with self._lock:  # a pid that has ended may come again as another process
            by_top = self._by_top = {k: i for k, i in self._by_top.items() if k in present}
        found = join(report, known, by_top)
        obstacle_here = self._obstacle(found)
        if obstacle_here is None and (fresh := self._not_asked(unmapped(found))):
            if wait:
                self._ask_engine(fresh)
                return self.joined(report)
            self._background.submit(self._ask_engine, fresh)
        return self._idle.mark(with_obstacle(found, obstacle_here))

    def _take(self, change: Change) -> None:
        if isinstance(change, GpusSampled):
            change = GpusSampled(self.joined(change.report))
            self._remember(change.report)
        self._store.apply(change)

    # Whose an error is

    def _tell(self, event: GpuEvent) -> None:
        container = self._container_of(event)
        owner = owner_of(container, self._owner_labels) if container else None
        for line in feed_events(event, container, owner):
            self._store.apply(Happened(line))

    def _container_of(self, event: GpuEvent) -> Container | None:
        """By the process, which may have ended with the error."""
        known = {container.id: container for container in self._store.containers()}
        for identifier in event.container_ids:
            if identifier in known:
                return known[identifier]
        seen, identifier = self._recent.get(event.pid, (0.0, ""))
        return known.get(identifier) if event.time - seen < _REMEMBER_S else None

    def _remember(self, report: GpuReport) -> None:
        of_now = {
            process.pid: (report.time, process.container_id or "")
            for gpu in report.devices
            for process in gpu.processes
        }
        before = self._recent.items()
        self._recent = {p: s for p, s in before if report.time - s[0] < _REMEMBER_S} | of_now

    # Where a join is not possible

    def _obstacle(self, report: GpuReport) -> Obstacle | None:
        """Why there is no join. A process that was joined proves that there is one."""
        if self._simulated or any(p.container_id for g in report.devices for p in g.processes):
            return None
        from dstui.gpu.place import here

        return obstacle(here(), self._info, self._local)

    # The engine's own list of processes, for what /proc does not tell

    def _not_asked(self, found: set[ProcessKey]) -> set[ProcessKey]:
        now = time.monotonic()
        with self._lock:
            self._asked = {k: t for k, t in self._asked.items() if now - t < _FORGET_AFTER_S}
            fresh = found - self._asked.keys()
            self._asked.update(dict.fromkeys(fresh, now))
        return fresh if self._top is not None else set()

    def _ask_engine(self, wanted: set[ProcessKey]) -> None:
        by_pid = {key[0]: key for key in wanted}
        for container in self._candidates():
            for pid in self._pids(container) & by_pid.keys():
                with self._lock:
                    self._by_top = {**self._by_top, by_pid[pid]: container.id}

    def _candidates(self) -> list[Container]:
        """Those that have a GPU, or may have one for all that is known."""
        running = (c for c in self._store.containers() if c.alive)
        return [c for c in running if c.gpus is not None or not c.inspected][:MOST_ASKED]

    def _pids(self, container: Container) -> set[int]:
        assert self._top is not None
        try:
            table = self._top(container.id)
        except EngineError:
            return set()
        column = table.titles.index("PID") if "PID" in table.titles else None
        if column is None:
            return set()
        return {int(row[column]) for row in table.rows if row[column].isdecimal()}
