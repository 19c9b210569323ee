"""Which GPUs nobody uses, as the argument that `docker run --gpus` takes."""

from collections.abc import Iterable, Iterator, Sequence

from dstui.domain.gpu import Gpu, GpuReport
from dstui.domain.quantity import scaled

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
FLOOR_BYTES = 256 * 2**20
"""What a driver may hold for itself; a process needs more for its context alone."""


def free_gpus(report: GpuReport | None, memory_bytes: int = 0) -> tuple[Gpu, ...]:
    """The GPUs (of one that is split, the instances) that no process holds and that have this
    much free memory. What is not known is not free.
    """
    return tuple(g for g in _units(report) if _free(g) and free_memory(g) >= memory_bytes)


def shared_gpus(report: GpuReport | None, memory_bytes: int) -> tuple[Gpu, ...]:
    """Those with this much free memory although others use them, the one with most first."""
    found = [
        gpu
        for gpu in _units(report)
        if not _free(gpu) and _may_be_shared(gpu) and free_memory(gpu) >= max(1, memory_bytes)
    ]
    return tuple(sorted(found, key=lambda gpu: -free_memory(gpu)))


def _may_be_shared(gpu: Gpu) -> bool:
    return not gpu.error and gpu.compute_mode not in _ALONE


_ALONE = ("Prohibited", "Exclusive_Process", "Exclusive_Thread")
"""Compute modes that let no second process in."""


def _units(report: GpuReport | None) -> Iterator[Gpu]:
    """What a container can be given of the engine's machine: GPUs, or instances of split ones."""
    if report is None or report.elsewhere:
        return
    for gpu in report.gpus:
        yield from gpu.instances if gpu.mig else (gpu,)


def free_memory(gpu: Gpu) -> int:
    """Bytes that are not used; none when that is not known."""
    if gpu.memory_used_bytes is None or gpu.memory_total_bytes is None:
        return 0
    return gpu.memory_total_bytes - gpu.memory_used_bytes


def why_not_free(gpu: Gpu) -> str:
    """What keeps a GPU from being free, or nothing."""
    if gpu.error:
        return gpu.error
    if gpu.processes:
        return f"held by {len(gpu.processes)} process{'es' if len(gpu.processes) > 1 else ''}"
    if "processes" in gpu.unknown:
        return f"its processes are not known: {gpu.unknown['processes']}"
    if gpu.memory_used_bytes is None:
        return "its memory is not known"
    if gpu.memory_used_bytes > FLOOR_BYTES:
        used = scaled(gpu.memory_used_bytes, 1024, _UNITS, digits=3)
        return f"{used} of its memory is used by a process that is not shown"
    if gpu.utilization_percent:
        return "it computes"
    return "it is closed to all" if gpu.compute_mode == "Prohibited" else ""


def _free(gpu: Gpu) -> bool:
    return not why_not_free(gpu)


def device_argument(gpus: Iterable[Gpu]) -> str:
    """`"device=GPU-…,GPU-…"` with the quotes that the engine's command line needs: without them
    it takes the comma for the end of the devices.
    """
    return f'"device={",".join(gpu.uuid for gpu in gpus)}"'


def shell_argument(gpus: Sequence[Gpu]) -> str:
    """The same for a shell, which takes quotes away: `--gpus '"device=…"'`."""
    return f"--gpus '{device_argument(gpus)}'"
