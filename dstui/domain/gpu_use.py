"""What a container uses of the GPUs, by the processes that the driver shows."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dstui.domain.gpu import Gpu, GpuProcess, GpuReport


class GpuUse(NamedTuple):
    """The sums over its processes; `None` when the driver tells of no process of it."""

    memory_bytes: int | None = None
    percent: float | None = None
    gpu_ids: tuple[str, ...] = ()


NOTHING = GpuUse(0, 0.0)


def gpu_uses(report: GpuReport | None) -> Mapping[str, GpuUse]:
    """What each container uses, by its id."""
    found: dict[str, list[tuple[Gpu, GpuProcess]]] = {}
    for gpu in report.gpus if report else ():
        for process in gpu.processes:
            if process.container_id:
                found.setdefault(process.container_id, []).append((gpu, process))
    return {identifier: _sum(held) for identifier, held in found.items()}


def gpu_use(report: GpuReport | None, container_id: str) -> GpuUse:
    """What one container uses."""
    return gpu_uses(report).get(container_id, GpuUse())


def tells_of_all(report: GpuReport | None) -> bool:
    """Whether a container that no process was found for does really use nothing."""
    return (
        report is not None
        and bool(report.gpus)
        and report.unjoined is None
        and not any(gpu.error or "processes" in gpu.unknown for gpu in report.gpus)
    )


def total(values: Iterable[float | None]) -> float | None:
    """A sum is unknown as soon as one of its parts is."""
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)


def _sum(held: list[tuple[Gpu, GpuProcess]]) -> GpuUse:
    memory = total(process.memory_bytes for _, process in held)
    return GpuUse(
        None if memory is None else int(memory),
        total(process.utilization_percent for _, process in held),
        tuple(dict.fromkeys(gpu.id for gpu, _ in held)),
    )
