"""Calls of a driver and the fields that they fill: asked again only where an answer may come."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dstui.domain.gpu import Gpu
from dstui.gpu.provider import DriverError, FaultKind

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
    "minor": (0, 1023),
}

Answer = tuple[str, Any, str | None]
"""A field, its value, and why that is not known."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A call of the driver and the fields of `Gpu` that it fills."""

    call: Callable[[Any], Sequence[Any]]
    fields: tuple[str, ...]


class Questions:
    """Asks one device, and remembers what it never answers."""

    def __init__(self) -> None:
        self._unsupported: dict[str, str] = {}

    def forget(self) -> None:
        """Ask everything again: the device has changed its nature."""
        self._unsupported.clear()

    def read(self, gpu: Gpu, handle: object, readings: Sequence[Reading]) -> Gpu:
        """The device with these fields as they are now. Raises `DriverError` when it is lost or
        the session is closed.
        """
        answers = [answer for reading in readings for answer in self.ask(handle, reading)]
        return answered(gpu, answers)

    def ask(self, handle: object, reading: Reading) -> Sequence[Answer]:
        """What one call tells."""
        key = reading.fields[0]
        if known := self._unsupported.get(key):
            return [(field, None, known) for field in reading.fields]
        try:
            values = reading.call(handle)
        except DriverError as fault:
            if fault.kind in (FaultKind.LOST, FaultKind.CLOSED):
                raise
            if fault.kind is FaultKind.UNSUPPORTED:
                self._unsupported[key] = fault.reason
            return [(field, None, fault.reason) for field in reading.fields]
        return _sensible(reading.fields, values)


def answered(gpu: Gpu, answers: Sequence[Answer]) -> Gpu:
    """The device with these answers, each unknown one with its reason."""
    unknown = dict(gpu.unknown)
    for field, _, reason in answers:
        unknown.pop(field, None)
        if reason:
            unknown[field] = reason
    values: dict[str, Any] = {field: value for field, value, _ in answers}
    return replace(gpu, **values, unknown=unknown, error=None)


def _sensible(fields: tuple[str, ...], values: Sequence[Any]) -> list[Answer]:
    checked: list[Answer] = [
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
