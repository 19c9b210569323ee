"""GPU process -> container: which id counts, and why none can be found on some machines."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from dstui.domain.engine import EngineInfo
from dstui.domain.gpu import Gpu, GpuProcess, GpuReport

ProcessKey = tuple[int, float | None]
"""A pid and when it was started: pids are used again."""


class Here(NamedTuple):
    """The machine that dstui runs on, as far as it tells whose processes the driver shows."""

    host_name: str
    kernel: str
    wsl: bool = False
    initial_pids: bool | None = True
    """Whether dstui sees all processes of the machine; `None` when that cannot be told."""


class Obstacle(NamedTuple):
    """Why processes cannot be told apart by container."""

    reason: str
    elsewhere: bool = False
    """Whether the engine runs on another machine than the GPUs."""


def key_of(process: GpuProcess) -> ProcessKey:
    """What names a process for good."""
    return process.pid, process.started


def join(report: GpuReport, known: Collection[str], by_top: Mapping[ProcessKey, str]) -> GpuReport:
    """Give each process its container: the outermost of its ids that the engine knows, else the
    one whose list of processes it is in.
    """

    def joined(process: GpuProcess) -> GpuProcess:
        identifier = next((i for i in process.container_ids if i in known), None)
        if identifier is None and (told := by_top.get(key_of(process))) in known:
            identifier = told
        if identifier == process.container_id:
            return process
        return replace(process, container_id=identifier)

    return each_process(report, joined)


def each_process(report: GpuReport, change: Callable[[GpuProcess], GpuProcess]) -> GpuReport:
    """The report with each process changed, those of MIG instances too."""

    def changed(gpu: Gpu) -> Gpu:
        if not gpu.processes and not gpu.instances:
            return gpu
        return replace(
            gpu,
            processes=tuple(map(change, gpu.processes)),
            instances=tuple(map(changed, gpu.instances)),
        )

    return replace(report, gpus=tuple(map(changed, report.gpus)))


def unmapped(report: GpuReport) -> set[ProcessKey]:
    """The processes that no container of the engine was found for."""
    return {
        key_of(process)
        for gpu in report.devices
        for process in gpu.processes
        if process.container_id is None
    }


def obstacle(here: Here, engine: EngineInfo | None, local: bool) -> Obstacle | None:
    """What makes a join impossible, judged by what engine and machine say of themselves.

    `local` is whether the engine answers on a socket of this machine, which may still lead
    elsewhere: a tunnel, a virtual machine.
    """
    if engine is None:
        if not local:
            return Obstacle(
                "the engine on another machine does not answer, and these are the GPUs of "
                f"{here.host_name}",
                True,
            )
        return Obstacle("no engine answers, so containers are not known")
    if "docker desktop" in engine.operating_system.lower():
        return Obstacle("Docker Desktop runs its containers in a virtual machine of its own", True)
    if here.wsl:
        return Obstacle("the driver of WSL2 does not tell which process uses a GPU")
    if engine.kernel and engine.kernel != here.kernel:
        where = engine.name or engine.host
        return Obstacle(
            f"the engine runs on {where} (kernel {engine.kernel}), and these are the GPUs of "
            f"{here.host_name} (kernel {here.kernel})",
            True,
        )
    if not local and engine.name != here.host_name:
        return Obstacle(
            f"the engine runs on {engine.name or engine.host}, and these are the GPUs of "
            f"{here.host_name}",
            True,
        )
    if here.initial_pids is False:
        return Obstacle(
            "dstui runs in a container: there the driver shows it no other processes. "
            "Start it with --pid=host, or on the host"
        )
    return None


def with_obstacle(report: GpuReport, found: Obstacle | None) -> GpuReport:
    """The report with what stands in the way of a join."""
    if found is None:
        return report
    marked = replace(report, unjoined=found.reason, elsewhere=found.elsewhere)
    if not found.elsewhere or report.gpus or report.released:
        return marked
    return replace(marked, reason=NOT_READ, fix=f"{found.reason[0].upper()}{found.reason[1:]}")


NOT_READ = "The GPUs of the engine's machine are not read from here, and this machine shows none"


def place_of(process: GpuProcess, report: GpuReport) -> str:
    """Where a process runs that has no container of the engine, in words."""
    if process.container_ids:
        return f"another engine's {process.container_ids[0][:12]}"
    if report.unjoined:
        return ""
    if process.started is None:
        return "ended or hidden"
    return "host"
