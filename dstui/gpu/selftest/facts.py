"""What the driver says of itself and of each card, as far as it answers."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One card. What it does not tell is `None`; `error` says why its handle cannot be had."""

    index: int
    error: str = ""
    uuid: str = ""
    name: str = ""
    bus_id: str = ""
    persistence: bool | None = None
    ecc_volatile: int | None = None
    ecc_aggregate: int | None = None
    remap_pending: bool | None = None
    remap_failed: bool | None = None
    retirement_pending: bool | None = None
    recovery_action: int | None = None
    """0 none, 1 reset, 2 reboot, 3 drain peer-to-peer traffic, 4 drain and reset."""
    link_width: int | None = None
    link_width_max: int | None = None
    replays: int | None = None
    throttle_reasons: int | None = None
    """NVML's bits."""
    compute_mode: int | None = None
    mig: bool | None = None
    fabric_state: int | None = None
    """0 not supported, 1 not started, 2 in progress, 3 completed."""
    fabric_status: int | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    processes: tuple[tuple[int, int | None], ...] = ()
    """Process ids and the bytes that each holds."""

    @property
    def title(self) -> str:
        """`GPU 0 (H100)`."""
        return f"GPU {self.index}" + (f" ({self.name})" if self.name else "")


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """All that the driver's library tells. `error` when it could not be opened."""

    error: str = ""
    code: int | None = None
    """Of the error: NVML's own."""
    driver: str = ""
    cuda: str = ""
    devices: tuple[DeviceFacts, ...] = field(default_factory=tuple)
