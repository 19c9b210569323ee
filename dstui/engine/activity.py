"""What running containers do: their CPU since the start and just now, and their last log line."""

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime

from dstui.background import Background
from dstui.domain.container import Container
from dstui.domain.engine import EngineError
from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_use import gpu_use
from dstui.domain.staleness.facts import Activity
from dstui.domain.usage import Counters, usage_between
from dstui.engine.cgroups import CgroupReader
from dstui.engine.client import Engine, resource
from dstui.engine.convert.read import time as moment
from dstui.engine.stats_json import counters_of

_SHORTEST_SPAN_S = 0.2
_BUSY_PERCENT = 20.0
"""One that uses more on average is not idle, whatever its log says."""
_TIME = re.compile(
    rb"(?:[\x00-\x02]\x00{3}.{4})?(\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)) ", re.DOTALL
)

LastLog = tuple[datetime | None, str]
"""When the last line was written, and why that is not known."""


class ActivityReader:
    """Reads all running containers twice; what is asked in between makes the span."""

    def __init__(
        self, engine: Engine, containers: Sequence[Container], background: Background
    ) -> None:
        self._engine = engine
        self._running = {found.id: found for found in containers if found.alive}
        self._background = background
        self._reader = CgroupReader() if engine.endpoint.local else None
        if self._reader is not None and self._running:
            self._reader.find(self._running)
        self._began = time.monotonic()
        self._first = self._counters()

    def finish(self, now: datetime, gpus: GpuReport | None) -> dict[str, Activity]:
        """What each of them does, by id."""
        logs = self._last_logs(now)
        if self._running:
            time.sleep(max(0.0, self._began + _SHORTEST_SPAN_S - time.monotonic()))
        second = self._counters()
        return {
            identifier: self._activity(identifier, second.get(identifier), logs, gpus)
            for identifier in self._running
        }

    def _activity(
        self,
        identifier: str,
        second: Counters | None,
        logs: Mapping[str, LastLog],
        gpus: GpuReport | None,
    ) -> Activity:
        first = self._first.get(identifier)
        usage = usage_between(first, second) if second else None
        rates = (usage.net_rx_rate, usage.net_tx_rate) if usage else ()
        known = [rate for rate in rates if rate is not None]
        last, unknown = logs.get(identifier, (None, "not asked for"))
        latest = second or first
        return Activity(
            cpu_ns=latest.cpu_ns if latest else None,
            cpu_percent=usage.cpu_percent if usage else None,
            net_rate=sum(known) if known else None,
            last_log=last,
            log_unknown=unknown,
            gpu_bytes=_held(gpus, identifier),
            gpu_percent=gpu_use(gpus, identifier).percent,
        )

    def _counters(self) -> dict[str, Counters]:
        """From this machine's kernel where they run here, else of the engine."""
        counters = {}
        for identifier in self._running:
            if self._reader is not None and self._reader.found(identifier):
                found = self._reader.read(identifier, self._running)
                if found is not None:
                    counters[identifier] = found
        asked = {
            identifier: self._background.submit(self._ask, identifier)
            for identifier in self._running.keys() - counters.keys()
        }
        for identifier, answer in asked.items():
            if (found := answer.result()) is not None:
                counters[identifier] = found
        return counters

    def _ask(self, identifier: str) -> Counters | None:
        path = resource("/containers/{}/stats", identifier)
        with suppress(EngineError, ValueError, TypeError, KeyError, AttributeError):
            return counters_of(self._engine.rest.get(path, {"stream": 0, "one-shot": 1}))
        return None

    def _last_logs(self, now: datetime) -> dict[str, LastLog]:
        """Of those that use little: a log may be long, and is read from its end."""
        asked: dict[str, Future[LastLog]] = {}
        for identifier, container in self._running.items():
            counters = self._first.get(identifier)
            span = (now - container.started).total_seconds() if container.started else 0.0
            if counters is None or counters.cpu_ns is None or span <= 0:
                continue
            if counters.cpu_ns / 1e7 / span < _BUSY_PERCENT:
                asked[identifier] = self._background.submit(last_log, self._engine, identifier)
        return {identifier: answer.result() for identifier, answer in asked.items()}


def last_log(engine: Engine, container_id: str) -> LastLog:
    """When the last line of a container's log was written."""
    path = resource("/containers/{}/logs", container_id)
    query = {"stdout": 1, "stderr": 1, "tail": 1, "timestamps": 1}
    try:
        body = engine.rest.ask("GET", path, query).body
    except EngineError as error:
        return None, error.message
    if not body:
        return None, ""
    # there may be a line of either stream
    times = [moment(found.decode()) for found in _TIME.findall(body)]
    known = [found for found in times if found is not None]
    return (max(known), "") if known else (None, "its log has no times")


def _held(gpus: GpuReport | None, identifier: str) -> dict[int, int | None]:
    """The memory that it holds of each GPU; not known where a part is not."""
    held: dict[int, int | None] = {}
    for gpu in gpus.gpus if gpus else ():
        sizes = [p.memory_bytes for p in gpu.processes if p.container_id == identifier]
        known = [size for size in sizes if size is not None]
        if sizes:
            held[gpu.index] = sum(known) if len(known) == len(sizes) else None
    return held
