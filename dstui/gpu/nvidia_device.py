"""One NVIDIA GPU over time: what it answers, what it never answers, and whether it is lost."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from dstui.domain.gpu import Gpu
from dstui.domain.text import clean
from dstui.gpu import nvml
from dstui.gpu.nvidia_instance import NvidiaInstance
from dstui.gpu.provider import DriverError, FaultKind
from dstui.gpu.readings import Answer, Questions, Reading, answered

_ALL_ONES = 2**64 - 1
_GREATEST_PID = 2**22

FAST = (
    Reading(nvml.utilization, ("utilization_percent", "memory_utilization_percent")),
    Reading(nvml.memory, ("memory_used_bytes", "memory_total_bytes")),
    Reading(nvml.temperature, ("temperature_c",)),
    Reading(nvml.power, ("power_w",)),
    Reading(nvml.clocks, ("sm_clock_mhz", "memory_clock_mhz")),
    Reading(nvml.performance_state, ("performance_state",)),
)
SLOW = (
    Reading(nvml.pci_bus_id, ("pci_bus_id",)),
    Reading(nvml.minor, ("minor",)),
    Reading(nvml.power_limit, ("power_limit_w",)),
    Reading(nvml.fan, ("fan_percent",)),
    Reading(nvml.ecc_errors, ("ecc_errors",)),
    Reading(nvml.mig, ("mig",)),
    Reading(nvml.persistence, ("persistence",)),
    Reading(nvml.compute_mode, ("compute_mode",)),
)
PCIE = Reading(nvml.pcie_counters, ("pcie_rx_rate", "pcie_tx_rate"))


class Holding(NamedTuple):
    """Who holds a device, what each one computed, and why that is not known if it is not."""

    processes: Sequence[nvml.ProcessMemory] = ()
    percent: dict[int, float] = {}
    reason: str | None = None


class NvidiaDevice:
    """Reads one GPU through one handle, until that is lost.

    `sample` answers the new state; a lost device keeps its last values beside its error.
    """

    def __init__(self, index: int, retry_s: float) -> None:
        self._index = index
        self._retry_s = retry_s
        self._retry_at = 0.0
        self._handle: nvml.Handle | None = None
        self._questions = Questions()
        self._activity_since = 0
        self._activity_unsupported = False
        self._counted: tuple[float, int, int] | None = None
        self._instances: dict[str, NvidiaInstance] = {}
        self._gpu = Gpu(id=f"nvidia:#{index}", index=index, name=f"GPU {index}")

    def sample(self, now: float, slow: bool) -> Gpu:
        """Read the fast values, and with `slow` all; raises `DriverError` (CLOSED) only."""
        try:
            if self._handle is None and now >= self._retry_at:
                self._open()
                slow = True
            if self._handle is not None:
                self._gpu = self._read(self._handle, now, slow)
        except DriverError as fault:
            if fault.kind is FaultKind.CLOSED:
                raise
            self._lose(fault.reason, now)
        return self._gpu

    def _open(self) -> None:
        handle = nvml.device(self._index)
        identity = f"nvidia:{clean(nvml.uuid(handle))}"
        name = clean(nvml.name(handle)).strip() or f"GPU {self._index}"
        self._gpu = Gpu(id=identity, index=self._index, name=name)
        self._questions.forget()
        self._activity_unsupported = False
        self._counted = None
        self._handle = handle

    def _lose(self, reason: str, now: float) -> None:
        """Never use the handle again: some drivers crash on one that is lost."""
        self._handle = None
        self._instances = {}
        self._retry_at = now + self._retry_s
        self._gpu = replace(self._gpu, error=reason, processes=(), instances=())

    # What it is

    def _read(self, handle: nvml.Handle, now: float, slow: bool) -> Gpu:
        before = self._gpu
        gpu = self._questions.read(before, handle, (*FAST, *SLOW) if slow else FAST)
        gpu = answered(gpu, self._rates(self._questions.ask(handle, PCIE), now))
        if before.mig is not None and gpu.mig is not None and before.mig != gpu.mig:
            self._questions.forget()  # a GPU that was split, or joined, answers other calls
        if slow:
            gpu = self._find_instances(gpu, handle)
        instances = tuple(instance.sample() for instance in self._instances.values())
        return replace(gpu, instances=instances, sampled=time.time())

    def _rates(self, counted: Sequence[Answer], now: float) -> Sequence[Answer]:
        """Bytes a second, from what two readings of the counters counted."""
        (_, received, reason), (_, sent, _) = counted
        before, self._counted = self._counted, None
        if reason:
            return counted
        self._counted = (now, received, sent)
        span = now - before[0] if before else 0.0
        if before is None or span <= 0 or received < before[1] or sent < before[2]:
            return [(field, None, "needs two readings") for field in PCIE.fields]
        rates = ((received - before[1]) / span, (sent - before[2]) / span)
        return [(field, rate, None) for field, rate in zip(PCIE.fields, rates, strict=True)]

    def _find_instances(self, gpu: Gpu, handle: nvml.Handle) -> Gpu:
        known, self._instances = self._instances, {}
        unknown = {field: why for field, why in gpu.unknown.items() if field != "instances"}
        if gpu.mig:
            try:
                for index, found in enumerate(nvml.instances(handle)):
                    uuid = clean(nvml.uuid(found))
                    instance = known.get(uuid) or NvidiaInstance(index, uuid, found)
                    self._instances[uuid] = instance
            except DriverError as fault:
                if fault.kind in (FaultKind.LOST, FaultKind.CLOSED):
                    raise
                unknown["instances"] = fault.reason
        return replace(gpu, unknown=unknown)

    # Who holds it

    def processes(self) -> dict[str, Holding]:
        """Who holds this GPU and each of its MIG instances, by id.

        Raises `DriverError` (CLOSED) only; a loss is noticed by the next `sample`.
        """
        if self._handle is None:
            return {self._gpu.id: Holding(reason=self._gpu.error)}
        whole = _holding(self._handle)
        parts = {i.id: _holding(i.handle) for i in self._instances.values()}
        if whole.reason and parts and not any(part.reason for part in parts.values()):
            # Not every user may see who is on a GPU that is split, but on an instance of his own.
            whole = Holding([found for part in parts.values() for found in part.processes])
        for instance in self._instances.values():
            if parts[instance.id].reason and not whole.reason:
                own = [p for p in whole.processes if p.instance == instance.ids]
                parts[instance.id] = Holding(own)
        whole = whole._replace(percent=self._activity(self._handle))
        return {self._gpu.id: whole, **parts}

    def _activity(self, handle: nvml.Handle) -> dict[int, float]:
        if self._activity_unsupported:
            return {}
        try:
            samples = nvml.activity(handle, self._activity_since)
        except DriverError as fault:
            if fault.kind is FaultKind.CLOSED:
                raise
            self._activity_unsupported = fault.kind is FaultKind.UNSUPPORTED
            return {}
        latest: dict[int, nvml.Activity] = {}
        for sample in samples:
            self._activity_since = max(self._activity_since, sample.timestamp)
            if (
                sample.percent <= 100
                and sample.timestamp >= latest.get(sample.pid, sample).timestamp
            ):
                latest[sample.pid] = sample
        return {pid: sample.percent for pid, sample in latest.items()}


def _holding(handle: nvml.Handle) -> Holding:
    try:
        listed = nvml.processes(handle)
    except DriverError as fault:
        if fault.kind is FaultKind.CLOSED:
            raise
        return Holding(reason=fault.reason)
    sensible = [found for found in listed if 0 < found.pid <= _GREATEST_PID]
    reason = None if len(sensible) == len(listed) else "the driver lists them wrongly"
    return Holding([_hide_all_ones(found) for found in sensible], reason=reason)


def _hide_all_ones(found: nvml.ProcessMemory) -> nvml.ProcessMemory:
    return found._replace(memory_bytes=None) if found.memory_bytes == _ALL_ONES else found
