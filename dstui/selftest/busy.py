"""Which GPUs a self-test would take memory of while somebody works on them."""

from dstui.domain.container import Container
from dstui.domain.gpu import Gpu, GpuReport
from dstui.domain.gpu_grants import granted
from dstui.domain.kind import Kind
from dstui.domain.quantity import scaled
from dstui.domain.selftest.step import Target

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def busy_gpus(
    target: Target, report: GpuReport | None, container: Container | None
) -> tuple[str, ...]:
    """The busy ones among those that the target's self-test writes to, a line each.

    The machine's own test computes only on what is not in use.
    """
    if target.kind is None or report is None:
        return ()
    gpus = report.gpus
    if target.kind is Kind.GPU:
        gpus = tuple(gpu for gpu in gpus if gpu.id == target.id)
    if container is not None and container.gpus is not None:
        known = granted(container.gpus, report)
        gpus = known.devices if known is not None else gpus
    return tuple(_line(gpu) for gpu in gpus if gpu.busy)


def _line(gpu: Gpu) -> str:
    used = gpu.memory_used_bytes
    held = f", {scaled(used, 1024, _UNITS, digits=3)} held" if used else ""
    count = len(gpu.processes)
    by = f" by {count} process{'es' if count != 1 else ''}" if count else ""
    return f"GPU {gpu.index} {gpu.name}{held}{by}"
