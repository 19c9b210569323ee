"""What every GPU vendor's driver must offer, so that the rest never names a vendor."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_event import GpuEvent


class FaultKind(Enum):
    """Why a driver's call failed, as far as it matters for what to do next."""

    UNSUPPORTED = auto()
    """This GPU or this driver never answers this call: not to be asked again."""
    DENIED = auto()
    LOST = auto()
    """The device is gone: its handle must not be used again."""
    CLOSED = auto()
    """The session with the driver has ended: open a new one."""
    SILENT = auto()
    """It did not answer in time."""
    OTHER = auto()


class DriverError(Exception):
    """A driver's call failed; `reason` is for people."""

    def __init__(self, kind: FaultKind, reason: str) -> None:
        self.kind = kind
        self.reason = reason
        super().__init__(reason)


class DriverUnavailableError(Exception):
    """There is nothing to ask: why, and what to do about it."""

    def __init__(self, reason: str, fix: str) -> None:
        self.reason = reason
        self.fix = fix
        super().__init__(reason)


class Provider(Protocol):
    """One vendor's GPUs. Calls may block in the driver for long, or for ever."""

    vendor: str
    """The first part of every GPU id, `nvidia` in `nvidia:GPU-…`."""

    def sample(self) -> GpuReport:
        """The state of every GPU now; opens the driver when needed. Never raises."""
        ...

    def follow_events(self, emit: Callable[[GpuEvent], None]) -> None:
        """Call `emit` for what the driver tells by itself. Never returns: for a thread."""
        ...

    def close(self) -> None:
        """Let go of the driver: a held session blocks resets and reloads."""
        ...
