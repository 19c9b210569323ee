"""What a GPU is, who computes on it, and what a container was granted of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A process that holds a context on a GPU. Memory in bytes, `None` when the driver hides it."""

    pid: int
    memory_bytes: int | None = None
    user: str | None = None
    command: str | None = None
    utilization_percent: float | None = None
    container_id: str | None = None


@dataclass(frozen=True, slots=True)
class Gpu:
    """One sample of one GPU.

    `id` is vendor-neutral, `nvidia:GPU-uuid`. Every value is optional; `unknown` says why, by
    field name ("not supported by this GPU", "no permission", "lost"). `error` is set when the
    device itself failed: the other values are then those of the last good sample.
    """

    id: str
    index: int
    name: str
    utilization_percent: float | None = None
    memory_utilization_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    sm_clock_mhz: int | None = None
    memory_clock_mhz: int | None = None
    fan_percent: float | None = None
    ecc_errors: int | None = None
    """Uncorrected ECC errors since the driver was loaded; `None` when ECC is off."""
    mig: bool | None = None
    persistence: bool | None = None
    compute_mode: str | None = None
    performance_state: str | None = None
    pci_bus_id: str | None = None
    processes: tuple[GpuProcess, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None

    @property
    def busy(self) -> bool:
        """Whether a process holds it or it computes."""
        return bool(self.processes) or bool(self.utilization_percent)


@dataclass(frozen=True, slots=True)
class GpuReport:
    """What one round of the sampler saw. `reason` says why `gpus` is empty, in plain words."""

    time: float
    """Seconds since the epoch."""
    gpus: tuple[Gpu, ...] = ()
    driver_version: str | None = None
    cuda_version: str | None = None
    reason: str | None = None
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class GpuGrant:
    """The GPUs a container may use. `source` names the setting that grants them."""

    source: str
    all: bool = False
    count: int | None = None
    ids: tuple[str, ...] = ()
    """As configured: an index, a (prefix of a) UUID, `1:0`, a CDI name or a device node."""
