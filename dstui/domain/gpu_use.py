"""What a container uses of the GPUs, by the processes that the driver shows."""

from dataclasses import dataclass

from dstui.domain.gpu import GpuReport


@dataclass(frozen=True, slots=True)
class GpuUse:
    """The sums over its processes; `None` when the driver tells of no process of it."""

    memory_bytes: int | None = None
    percent: float | None = None


def gpu_use(report: GpuReport | None, container_id: str) -> GpuUse:
    """A sum is unknown as soon as one of its parts is."""
    processes = [
        process
        for gpu in (report.gpus if report else ())
        for process in gpu.processes
        if process.container_id == container_id
    ]
    memory = [p.memory_bytes for p in processes if p.memory_bytes is not None]
    percent = [p.utilization_percent for p in processes if p.utilization_percent is not None]
    complete = bool(processes)
    return GpuUse(
        sum(memory) if complete and len(memory) == len(processes) else None,
        sum(percent) if complete and len(percent) == len(processes) else None,
    )
