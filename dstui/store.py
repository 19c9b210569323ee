"""The current state of the world: changed in one place, announced in coalesced batches."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from dstui.domain.changes import (
    Change,
    Connected,
    Disconnected,
    DiskMeasured,
    GpusSampled,
    Halted,
    Happened,
    Listable,
    Listed,
    Removed,
    Sampled,
    Unreachable,
    Updated,
)
from dstui.domain.container import Container
from dstui.domain.engine import ConnectionFailure, DiskUse, EngineEvent, EngineInfo
from dstui.domain.gpu import Gpu, GpuMoment, GpuReport
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.network import Network
from dstui.domain.usage import Usage
from dstui.domain.volume import Volume

HISTORY_LENGTH = 300
GPU_HISTORY_LENGTH = 600
"""Ten minutes, at a report a second."""
FEED_LENGTH = 1000
ANNOUNCE_EVERY_S = 0.1
ANNOUNCE_BURST = 3
"""So many may come at once, so that what follows a first change closely need not wait."""


class Topic(StrEnum):
    """What a listener may ask to be told about."""

    CONNECTION = "connection"
    CONTAINERS = "containers"
    IMAGES = "images"
    VOLUMES = "volumes"
    NETWORKS = "networks"
    USAGE = "usage"
    GPUS = "gpus"
    DISK = "disk"
    EVENTS = "events"


TOPIC_OF_KIND: Mapping[Kind, Topic] = {
    Kind.CONTAINER: Topic.CONTAINERS,
    Kind.IMAGE: Topic.IMAGES,
    Kind.VOLUME: Topic.VOLUMES,
    Kind.NETWORK: Topic.NETWORKS,
    Kind.GPU: Topic.GPUS,
}

ObjectT = TypeVar("ObjectT", Container, Image, Volume, Network)

Listener = Callable[[frozenset[Topic]], None]
Scheduler = Callable[[float, Callable[[], None]], object]
"""Calls a function after some seconds; must be safe to call from any thread."""


class Store:
    """What is known of one engine.

    `apply` may be called from any thread. Readers get immutable objects and fresh containers of
    them, so they need no lock. Listeners are told which topics changed, at most ten times a
    second, on the thread of the scheduler that was given to `listen`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[Kind, dict[str, Listable]] = {
            kind: {} for kind in (Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK)
        }
        self._listed: set[Kind] = set()
        self._usage: dict[str, deque[Usage]] = {}
        self._gpu_history: dict[str, deque[GpuMoment]] = {}
        self._announcers: list[_Announcer] = []
        self.info: EngineInfo | None = None
        self.failures: tuple[ConnectionFailure, ...] = ()
        self.lost_since: float | None = None
        self.lost_reason: str = ""
        self.halted: Mapping[str, str] = {}
        """Why a part is not live, by its name."""
        self.unreadable: Mapping[Kind, tuple[str, ...]] = {}
        """Of each row of a list that made no sense why."""
        self.gpu_report: GpuReport | None = None
        self.disk_use: DiskUse | None = None
        self._events: deque[EngineEvent] = deque(maxlen=FEED_LENGTH)

    # Reading

    def containers(self) -> tuple[Container, ...]:
        """All containers, in the order in which they became known."""
        return tuple(self._of(Kind.CONTAINER, Container))

    def images(self) -> tuple[Image, ...]:
        """All images that are not merely a layer of another."""
        return tuple(self._of(Kind.IMAGE, Image))

    def volumes(self) -> tuple[Volume, ...]:
        """All volumes."""
        return tuple(self._of(Kind.VOLUME, Volume))

    def networks(self) -> tuple[Network, ...]:
        """All networks."""
        return tuple(self._of(Kind.NETWORK, Network))

    def container(self, identifier: str) -> Container | None:
        """The container of this full id."""
        found = self._objects[Kind.CONTAINER].get(identifier)
        return found if isinstance(found, Container) else None

    def image(self, identifier: str) -> Image | None:
        """The image of this full id (`sha256:…`)."""
        found = self._objects[Kind.IMAGE].get(identifier)
        return found if isinstance(found, Image) else None

    def get(self, kind: Kind, identifier: str) -> Listable | None:
        """The object of this kind and full id."""
        return self._objects.get(kind, {}).get(identifier)

    def usage(self, container_id: str) -> Usage | None:
        """The latest usage of a running container."""
        samples = self._usage.get(container_id)
        return samples[-1] if samples else None

    def history(self, container_id: str) -> tuple[Usage, ...]:
        """The usage of the last minutes, oldest first."""
        with self._lock:
            return tuple(self._usage.get(container_id, ()))

    def gpu_history(self, gpu_id: str) -> tuple[GpuMoment, ...]:
        """What a GPU did in the last ten minutes, oldest first."""
        with self._lock:
            return tuple(self._gpu_history.get(gpu_id, ()))

    def events(self) -> tuple[EngineEvent, ...]:
        """The latest events, oldest first."""
        with self._lock:
            return tuple(self._events)

    def listed(self, kind: Kind) -> bool:
        """Whether the full list of this kind has come: until then an empty list means nothing."""
        return kind in self._listed

    def _of(self, kind: Kind, wanted: type[ObjectT]) -> list[ObjectT]:
        with self._lock:
            return [found for found in self._objects[kind].values() if isinstance(found, wanted)]

    # Changing

    def apply(self, change: Change) -> None:
        """Take over one change and tell the listeners, soon."""
        with self._lock:
            topic = self._take(change)
            announcers = tuple(self._announcers)
        for announcer in announcers:
            announcer.note(topic)

    def _take(self, change: Change) -> Topic:
        match change:
            case Listed(kind, objects, unreadable):
                self.unreadable = {**self.unreadable, kind: unreadable}
                self._objects[kind] = {found.id: found for found in objects}
                self._listed.add(kind)
                self._forget_usage()
                return TOPIC_OF_KIND[kind]
            case Updated(kind, found):
                self._objects[kind][found.id] = found
                self._forget_usage_of(found)
                return TOPIC_OF_KIND[kind]
            case Removed(kind, identifier):
                self._objects[kind].pop(identifier, None)
                self._usage.pop(identifier, None)
                return TOPIC_OF_KIND[kind]
            case Sampled(usage):
                for identifier, sample in usage.items():
                    self._remember(identifier, sample)
                return Topic.USAGE
            case GpusSampled(report):
                self.gpu_report = report
                for gpu in report.devices:
                    self._remember_gpu(gpu, report.time)
                return Topic.GPUS
            case DiskMeasured(use):
                self.disk_use = use
                return Topic.DISK
            case Happened(event):
                self._events.append(event)
                return Topic.EVENTS
            case Connected(info):
                self.info, self.lost_since, self.lost_reason, self.failures = info, None, "", ()
                return Topic.CONNECTION
            case Disconnected(since, reason):
                self.lost_since = self.lost_since or since
                self.lost_reason = reason
                return Topic.CONNECTION
            case Halted(part, reason):
                others = {name: why for name, why in self.halted.items() if name != part}
                self.halted = {**others, part: reason} if reason else others
                return Topic.CONNECTION
            case Unreachable(failures):
                self.failures = failures
                return Topic.CONNECTION

    def _remember(self, identifier: str, sample: Usage) -> None:
        found = self._objects[Kind.CONTAINER].get(identifier)
        if not isinstance(found, Container) or not found.alive:
            return  # a late sample of a container that has ended or gone
        samples = self._usage.get(identifier)
        if samples is None:
            samples = self._usage[identifier] = deque(maxlen=HISTORY_LENGTH)
        samples.append(sample)

    def _remember_gpu(self, gpu: Gpu, now: float) -> None:
        moments = self._gpu_history.get(gpu.id)
        if moments is None:
            moments = self._gpu_history[gpu.id] = deque(maxlen=GPU_HISTORY_LENGTH)
        if gpu.error:  # its values are those of the past
            moments.append(GpuMoment(now))
            return
        moments.append(
            GpuMoment(
                now,
                gpu.utilization_percent,
                gpu.memory_used_bytes,
                gpu.power_w,
                gpu.temperature_c,
                gpu.pcie_rx_rate,
                gpu.pcie_tx_rate,
            )
        )

    def _forget_usage(self) -> None:
        known = self._objects[Kind.CONTAINER]
        for identifier in [i for i in self._usage if i not in known]:
            del self._usage[identifier]
        for found in known.values():
            self._forget_usage_of(found)

    def _forget_usage_of(self, found: Listable) -> None:
        if isinstance(found, Container) and not found.alive:
            self._usage.pop(found.id, None)

    # Listening

    def listen(self, listener: Listener, schedule: Scheduler) -> Callable[[], None]:
        """Tell `listener` of changes from now on; the answer stops it."""
        announcer = _Announcer(listener, schedule)
        with self._lock:
            self._announcers.append(announcer)

        def stop() -> None:
            with self._lock:
                if announcer in self._announcers:
                    self._announcers.remove(announcer)

        return stop


class _Announcer:
    """Collects topics and hands them over: at once, but on average every `ANNOUNCE_EVERY_S`."""

    def __init__(self, listener: Listener, schedule: Scheduler) -> None:
        self._listener = listener
        self._schedule = schedule
        self._lock = threading.Lock()
        self._topics: set[Topic] = set()
        self._scheduled = False
        self._paid_until = 0.0

    def note(self, topic: Topic) -> None:
        with self._lock:
            self._topics.add(topic)
            if self._scheduled:
                return
            self._scheduled = True
            credit = (ANNOUNCE_BURST - 1) * ANNOUNCE_EVERY_S
            wait = max(0.0, self._paid_until - credit - time.monotonic())
        self._schedule(wait, self._announce)

    def _announce(self) -> None:
        with self._lock:
            topics = frozenset(self._topics)
            self._topics.clear()
            self._scheduled = False
            self._paid_until = max(self._paid_until, time.monotonic()) + ANNOUNCE_EVERY_S
        self._listener(topics)
