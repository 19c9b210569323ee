"""Samples what running containers use, from the cheaper of two sources for each of them."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dstui.background import keep_turning
from dstui.domain.changes import Change, Halted, Sampled
from dstui.domain.container import Container
from dstui.domain.usage import Usage
from dstui.engine.direct import DirectSampler
from dstui.engine.streams import StatsStreams

if TYPE_CHECKING:
    from dstui.engine.client import Engine

_LOOK_EVERY_S = 0.25
_TWO_TICKS_S = {"Docker": 4.0, "Podman": 7.0}
"""For two samples of a stream: Docker sends one a second, podman one in five (seen on 4.3)."""


class StatsSampler:
    """Emits `Sampled` every `every_s` seconds, and at once for a container that is new.

    A container whose processes are on this machine is read from the kernel, whether it is on
    screen or not; any other from a stats stream, only while it is in `focus`.
    """

    def __init__(
        self,
        engine: "Engine",
        running: Callable[[], Sequence[Container]],
        emit: Callable[[Change], None],
        every_s: float,
    ) -> None:
        self._running = running
        self._emit = emit
        self._direct = DirectSampler(every_s) if engine.endpoint.local else None
        self._streams = StatsStreams(engine, self._sampled, self._halt("usage"))
        self._focus: frozenset[str] = frozenset()
        self._wake = threading.Event()
        self._stopping = False

    def start(self) -> None:
        """Sample on a thread of its own from now on."""
        keep_turning("stats", self._turn, self._halt("usage"))

    def stop(self) -> None:
        """End the sampling and close the streams."""
        self._stopping = True
        self._streams.stop()
        self._wake.set()

    def focus(self, container_ids: Iterable[str]) -> None:
        """Say which containers are on screen."""
        self._focus = frozenset(container_ids)
        self._wake.set()

    def _turn(self) -> bool:
        """Sample what is due; whether to go on."""
        if self._stopping:
            return False
        containers = {container.id: container for container in self._running()}
        elsewhere = set(containers)
        pause = _LOOK_EVERY_S
        if self._direct is not None:
            self._sampled(self._direct.sample(containers))
            elsewhere = self._direct.not_here(containers)
            pause = min(pause, self._direct.pause())
        self._streams.follow(self._focus & elsewhere)
        self._wake.wait(pause)
        self._wake.clear()
        return True

    def _halt(self, part: str) -> Callable[[str], None]:
        """Tells that a part stands still, or goes on."""

        def tell(reason: str) -> None:
            if not self._stopping:
                self._emit(Halted(part, reason))

        return tell

    def _sampled(self, usage: Mapping[str, Usage]) -> None:
        if usage and not self._stopping:
            self._emit(Sampled(usage))


def sample_once(
    engine: "Engine", containers: Sequence[Container], settle_s: float = 0.2
) -> dict[str, Usage]:
    """The first true usage of each of these running containers, CPU included, by id.

    Takes `settle_s` for those of this machine and two ticks of the engine for others: two seconds
    of Docker, five of podman. One that gave no sample until then is left out.
    """
    wanted = {container.id: container for container in containers}
    usage: dict[str, Usage] = {}
    if engine.endpoint.local:
        direct = DirectSampler(every_s=settle_s, settle_s=settle_s)
        direct.sample(wanted)
        if len(direct.not_here(wanted)) < len(wanted):
            time.sleep(settle_s)
            usage.update(direct.sample(wanted))
    if elsewhere := wanted.keys() - usage.keys():
        usage.update(_stream_once(engine, elsewhere))
    return usage


def _stream_once(engine: "Engine", identifiers: set[str]) -> dict[str, Usage]:
    usage: dict[str, Usage] = {}
    complete = threading.Event()

    def keep(came: Mapping[str, Usage]) -> None:
        usage.update(came)
        known = {found for found, sample in usage.items() if sample.cpu_percent is not None}
        if identifiers <= known:
            complete.set()

    streams = StatsStreams(engine, keep)
    streams.follow(identifiers)
    complete.wait(_TWO_TICKS_S.get(engine.info.product, 7.0))
    streams.stop()
    return dict(usage)
