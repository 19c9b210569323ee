"""When to read which container from this machine's kernel, and the usage since its last reading."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dstui.domain.container import Container
from dstui.domain.usage import Counters, Usage, usage_between
from dstui.engine.cgroups import CgroupReader, clock

DEFAULT_SETTLE_S = 0.15
_SHORTEST_PAUSE_S = 0.01
_SHORTEST_SPAN_S = 0.1
_LOOK_AGAIN_S = 1.0
_LOOK_AGAIN_AT_MOST_S = 60.0


@dataclass(slots=True)
class _Absence:
    """A container that was not found here, and when to look again."""

    look_at: float
    delay: float


class DirectSampler:
    """Reads all containers together every `every_s` seconds.

    A new one is read again after `settle_s`: its first CPU % does not wait for the next round.
    """

    def __init__(
        self,
        every_s: float,
        settle_s: float = DEFAULT_SETTLE_S,
        reader: CgroupReader | None = None,
    ) -> None:
        self._every_s = every_s
        self._settle_s = settle_s
        self._reader = reader or CgroupReader()
        self._before: dict[str, Counters] = {}
        self._settling: set[str] = set()
        self._absent: dict[str, _Absence] = {}
        self._round_at = 0.0

    def not_here(self, containers: Iterable[str]) -> set[str]:
        """Those of these ids that have no processes on this machine."""
        return {identifier for identifier in containers if not self._reader.found(identifier)}

    def sample(self, containers: Mapping[str, Container]) -> dict[str, Usage]:
        """The usage of those of these containers, by id, whose turn it is."""
        self._forget_others(containers)
        self._look_for(containers)
        now = clock()
        whole_round = now >= self._round_at
        if whole_round:
            self._round_at = now + self._every_s
        usage = {}
        for identifier in containers.keys() - self.not_here(containers):
            before = self._before.get(identifier)
            if before and not self._due(identifier, now - before.time, whole_round):
                continue
            counters = self._reader.read(identifier, containers)
            if counters is None:
                self._before.pop(identifier, None)
                self._settling.discard(identifier)
                continue
            usage[identifier] = usage_between(before, counters)
            self._before[identifier] = counters
            (self._settling.discard if before else self._settling.add)(identifier)
        return usage

    def _due(self, identifier: str, span: float, whole_round: bool) -> bool:
        if identifier in self._settling:
            return span >= self._settle_s
        return whole_round and span >= _SHORTEST_SPAN_S

    def pause(self) -> float:
        """Seconds until the next container's turn."""
        turns = [self._round_at]
        turns += (self._before[identifier].time + self._settle_s for identifier in self._settling)
        return max(min(turns) - clock(), _SHORTEST_PAUSE_S)

    def _look_for(self, containers: Mapping[str, Container]) -> None:
        """Find containers; one that is not here is looked for again ever more rarely."""
        now = clock()
        never = _Absence(0.0, _LOOK_AGAIN_S)
        wanted = {
            identifier: containers[identifier]
            for identifier in self.not_here(containers)
            if self._absent.get(identifier, never).look_at <= now
        }
        if not wanted:
            return
        self._reader.find(wanted)
        for identifier in wanted:
            delay = self._absent.pop(identifier, never).delay
            if not self._reader.found(identifier):
                longer = min(2 * delay, _LOOK_AGAIN_AT_MOST_S)
                self._absent[identifier] = _Absence(now + delay, longer)

    def _forget_others(self, alive: Mapping[str, Container]) -> None:
        self._reader.forget_others(alive)
        for known in (self._before, self._absent):
            for identifier in known.keys() - alive.keys():
                del known[identifier]
        self._settling &= self._before.keys()
