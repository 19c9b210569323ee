"""What a GPU is, who computes on it, and what a container was granted of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A process that holds a context on a GPU. Memory in bytes, `None` when the driver hides it.

    `container_ids` are the ids in its control groups, outermost first; `container_id` is the one
    that the engine knows. Times are seconds since the epoch.
    """

    pid: int
    memory_bytes: int | None = None
    user: str | None = None
    command: str | None = None
    utilization_percent: float | None = None
    container_id: str | None = None
    container_ids: tuple[str, ...] = ()
    started: float | None = None
    """With the pid it names a process for good. `None` when it has ended, or is hidden from us."""
    idle_since: float | None = None
    """Since when it holds memory and does not compute, as far back as it was watched."""


_RESERVE_BYTES, _RESERVE_SHARE = 512 * 2**20, 100
"""At most 512 MiB and a hundredth of the memory: more than any driver was seen to reserve."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One sample of one GPU, or of one of its MIG instances.

    `id` is vendor-neutral, `nvidia:GPU-uuid`. Every value is optional; `unknown` says why, by
    field name ("not supported by this GPU", "no permission", "lost"). `error` is set when the
    device itself failed: the other values are then those of the last good sample, at `sampled`.
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
    pcie_rx_rate: float | None = None
    """Bytes a second that the GPU receives, and below those that it sends."""
    pcie_tx_rate: float | None = None
    minor: int | None = None
    """The N of its node /dev/nvidiaN, which need not be its index."""
    instance: tuple[int, int] | None = None
    """Of a MIG instance: the ids of its GPU instance and of its compute instance."""
    instances: "tuple[Gpu, ...]" = ()
    """The MIG instances that it is split into."""
    sampled: float | None = None
    """When the values were read, in seconds since the epoch."""
    processes: tuple[GpuProcess, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None

    @property
    def busy(self) -> bool:
        """Whether a process holds it or it computes, or one of its instances does."""
        return (
            bool(self.processes)
            or bool(self.utilization_percent)
            or bool(self.invisible_bytes)
            or any(instance.busy for instance in self.instances)
        )

    @property
    def invisible_bytes(self) -> int | None:
        """Memory that is used and that no visible process holds; `None` when that is not known.

        What a driver may keep for itself is none of it: older ones count their reserve as used.
        """
        held = [process.memory_bytes for process in self.processes]
        known = [size for size in held if size is not None]
        used, total = self.memory_used_bytes, self.memory_total_bytes
        if self.error or "processes" in self.unknown or len(known) < len(held) or self.mig:
            return None
        if used is None or total is None:
            return None
        left = used - sum(known)
        return left if left > _RESERVE_BYTES + total // _RESERVE_SHARE else 0

    @property
    def uuid(self) -> str:
        """Its id without the vendor: what `--gpus` takes."""
        return self.id.partition(":")[2]


class GpuMoment(NamedTuple):
    """What the history keeps of a sample; `time` is seconds since the epoch."""

    time: float
    utilization_percent: float | None = None
    memory_used_bytes: int | None = None
    power_w: float | None = None
    temperature_c: float | None = None
    pcie_rx_rate: float | None = None
    pcie_tx_rate: float | None = None


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
    released: bool = False
    """Whether the driver was let go of on request."""
    unjoined: str | None = None
    """Why processes cannot be told apart by container here; `None` when they can."""
    elsewhere: bool = False
    """Whether the engine runs on another machine than these GPUs."""

    @property
    def devices(self) -> tuple[Gpu, ...]:
        """Every GPU, each followed by its MIG instances."""
        return tuple(one for gpu in self.gpus for one in (gpu, *gpu.instances))


@dataclass(frozen=True, slots=True)
class GpuGrant:
    """The GPUs a container may use. `source` names the setting that grants them."""

    source: str
    all: bool = False
    count: int | None = None
    ids: tuple[str, ...] = ()
    """As configured: an index, a (prefix of a) UUID, `1:0`, a CDI name or a device node."""
