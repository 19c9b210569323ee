"""One NVIDIA GPU over time: what it answers, what it never answers, and whether it is lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dstui.domain.gpu import Gpu
from dstui.domain.text import clean
from dstui.gpu import nvml
from dstui.gpu.provider import DriverError, FaultKind

_ALL_ONES = 2**64 - 1
_GREATEST_PID = 2**22

# What lies outside makes no sense: some drivers answer 65535 or all ones for "I do not know".
_RANGES: Mapping[str, tuple[float, float]] = {
    "utilization_percent": (0, 100),
    "memory_utilization_percent": (0, 100),
    "memory_used_bytes": (0, 2**50),
    "memory_total_bytes": (1, 2**50),
    "temperature_c": (-60, 200),
    "power_w": (0, 20_000),
    "power_limit_w": (1, 20_000),
    "sm_clock_mhz": (0, 20_000),
    "memory_clock_mhz": (0, 100_000),
    "fan_percent": (0, 255),
    "ecc_errors": (0, 2**62),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A call of the driver and the fields of `Gpu` that it fills."""

    call: Callable[[nvml.Handle], Sequence[Any]]
    fields: tuple[str, ...]


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
    Reading(nvml.power_limit, ("power_limit_w",)),
    Reading(nvml.fan, ("fan_percent",)),
    Reading(nvml.ecc_errors, ("ecc_errors",)),
    Reading(nvml.mig, ("mig",)),
    Reading(nvml.persistence, ("persistence",)),
    Reading(nvml.compute_mode, ("compute_mode",)),
)


class NvidiaDevice:
    """Reads one GPU through one handle, until that is lost.

    `sample` answers the new state; a lost device keeps its last values beside its error.
    """

    def __init__(self, index: int, retry_s: float) -> None:
        self._index = index
        self._retry_s = retry_s
        self._retry_at = 0.0
        self._handle: nvml.Handle | None = None
        self._unsupported: dict[str, str] = {}
        self._activity_since = 0
        self._gpu = Gpu(id=f"nvidia:#{index}", index=index, name=f"GPU {index}")

    def sample(self, now: float, slow: bool) -> Gpu:
        """Read the fast values, and with `slow` all; raises `DriverError` (CLOSED) only."""
        try:
            if self._handle is None and now >= self._retry_at:
                self._open()
                slow = True
            if self._handle is not None:
                self._gpu = self._read(self._handle, (*FAST, *SLOW) if slow else FAST)
        except DriverError as fault:
            if fault.kind is FaultKind.CLOSED:
                raise
            self._lose(fault.reason, now)
        return self._gpu

    def processes(self) -> tuple[list[nvml.ProcessMemory], dict[int, float], str | None]:
        """Who holds this GPU, what each one computed, and why that is unknown if it is.

        Raises `DriverError` (CLOSED) only; a loss is noticed by the next `sample`.
        """
        if self._handle is None:
            return [], {}, self._gpu.error
        try:
            listed = nvml.processes(self._handle)
        except DriverError as fault:
            if fault.kind is FaultKind.CLOSED:
                raise
            return [], {}, fault.reason
        sensible = [found for found in listed if 0 < found.pid <= _GREATEST_PID]
        reason = None if len(sensible) == len(listed) else "the driver lists them wrongly"
        return [_hide_all_ones(found) for found in sensible], self._activity(self._handle), reason

    def _open(self) -> None:
        handle = nvml.device(self._index)
        identity = f"nvidia:{clean(nvml.uuid(handle))}"
        name = clean(nvml.name(handle)).strip() or f"GPU {self._index}"
        self._gpu = Gpu(id=identity, index=self._index, name=name)
        self._unsupported = {}
        self._handle = handle

    def _lose(self, reason: str, now: float) -> None:
        """Never use the handle again: some drivers crash on one that is lost."""
        self._handle = None
        self._retry_at = now + self._retry_s
        self._gpu = replace(self._gpu, error=reason, processes=())

    def _read(self, handle: nvml.Handle, readings: Sequence[Reading]) -> Gpu:
        values: dict[str, Any] = {}
        unknown = dict(self._gpu.unknown)
        for reading in readings:
            for field, value, reason in self._ask(handle, reading):
                values[field] = value
                unknown.pop(field, None)
                if reason:
                    unknown[field] = reason
        if self._gpu.mig is not None and values.get("mig") == (not self._gpu.mig):
            self._unsupported = {}  # a GPU that was split, or joined, answers other calls
        return replace(self._gpu, **values, unknown=unknown, error=None)

    def _ask(self, handle: nvml.Handle, reading: Reading) -> list[tuple[str, Any, str | None]]:
        known = self._unsupported.get(reading.fields[0])
        if known:
            return [(field, None, known) for field in reading.fields]
        try:
            values = reading.call(handle)
        except DriverError as fault:
            if fault.kind in (FaultKind.LOST, FaultKind.CLOSED):
                raise
            if fault.kind is FaultKind.UNSUPPORTED:
                self._unsupported[reading.fields[0]] = fault.reason
            return [(field, None, fault.reason) for field in reading.fields]
        return _sensible(reading.fields, values)

    def _activity(self, handle: nvml.Handle) -> dict[int, float]:
        if "activity" in self._unsupported:
            return {}
        try:
            samples = nvml.activity(handle, self._activity_since)
        except DriverError as fault:
            if fault.kind is FaultKind.CLOSED:
                raise
            if fault.kind is FaultKind.UNSUPPORTED:
                self._unsupported["activity"] = fault.reason
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


def _sensible(fields: tuple[str, ...], values: Sequence[Any]) -> list[tuple[str, Any, str | None]]:
    checked: list[tuple[str, Any, str | None]] = [
        (field, None, nonsense) if (nonsense := _nonsense(field, value)) else (field, value, None)
        for field, value in zip(fields, values, strict=True)
    ]
    if fields == ("memory_used_bytes", "memory_total_bytes"):
        used, total = checked[0][1], checked[1][1]
        if used is not None and total is not None and used > total:
            checked[0] = (fields[0], None, f"the driver says {used} of {total} bytes")
    return checked


def _nonsense(field: str, value: Any) -> str | None:
    if value is None:
        return "the driver does not know"
    low, high = _RANGES.get(field, (value, value))
    return None if low <= value <= high else f"the driver says {value}"


def _hide_all_ones(found: nvml.ProcessMemory) -> nvml.ProcessMemory:
    return found._replace(memory_bytes=None) if found.memory_bytes == _ALL_ONES else found
