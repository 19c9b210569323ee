"""NVIDIA's GPUs: one session with the driver, one device object a GPU, and who computes there."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.domain.gpu_event import GpuEvent
from dstui.gpu import nvml
from dstui.gpu.nvidia_device import Holding, NvidiaDevice
from dstui.gpu.processes import Process, ProcessTable
from dstui.gpu.provider import DriverError, DriverUnavailableError

SLOW_EVERY_S = 5.0
RETRY_LOST_S = 10.0
REOPEN_S = 5.0


class NvidiaProvider:
    """Samples every NVIDIA GPU of this machine."""

    vendor = "nvidia"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._processes = ProcessTable()
        self._devices: list[NvidiaDevice] = []
        self._open = False
        self._open_at = 0.0
        self._slow_at = 0.0
        self._unavailable = DriverUnavailableError("", "")
        self._driver_version: str | None = None
        self._cuda_version: str | None = None

    def sample(self) -> GpuReport:
        """The state of every GPU now; a report with a reason when there is none."""
        try:
            self._ensure_open()
            return self._sample_devices()
        except DriverUnavailableError as unavailable:
            return GpuReport(time.time(), reason=unavailable.reason, fix=unavailable.fix)
        except DriverError as fault:  # the session ended under us
            self.close()
            return GpuReport(
                time.time(), reason=f"The NVIDIA driver went away: {fault.reason}", fix=_LOOK
            )

    def close(self) -> None:
        """End the session: it would block a reset of the GPUs."""
        if self._open:
            self._open = False
            self._devices = []
            try:
                nvml.close_session()
            except DriverError:
                return  # nothing was open any more

    def _ensure_open(self) -> None:
        now = self._clock()
        if self._open:
            return
        if now < self._open_at:
            raise self._unavailable
        self._open_at = now + REOPEN_S
        try:
            nvml.open_session()
        except DriverUnavailableError as unavailable:
            self._unavailable = unavailable
            raise
        self._open = True
        self._slow_at = now
        self._driver_version = _answer(nvml.driver_version)
        self._cuda_version = _answer(nvml.cuda_version)

    def _sample_devices(self) -> GpuReport:
        now = self._clock()
        slow = now >= self._slow_at
        if slow:
            self._slow_at = now + SLOW_EVERY_S
            self._count_devices()
        gpus = [device.sample(now, slow) for device in self._devices]
        return GpuReport(
            time=time.time(),
            gpus=self._with_processes(gpus),
            driver_version=self._driver_version,
            cuda_version=self._cuda_version,
            reason=None if gpus else "The NVIDIA driver is loaded and finds no GPU",
            fix=None if gpus else _LOOK,
        )

    def _count_devices(self) -> None:
        count = nvml.count()
        if count != len(self._devices):
            self._devices = [NvidiaDevice(index, RETRY_LOST_S) for index in range(count)]

    def _with_processes(self, gpus: list[Gpu]) -> tuple[Gpu, ...]:
        held: dict[str, Holding] = {}
        for device in self._devices:
            held.update(device.processes())
        pids = {found.pid for holding in held.values() for found in holding.processes}
        known = self._processes.look_up(pids)
        return tuple(_held(gpu, held, known) for gpu in gpus)

    def follow_events(self, emit: Callable[[GpuEvent], None]) -> None:
        """Tell of Xid and ECC events, for ever; for a thread of its own."""
        from dstui.gpu.nvidia_events import follow

        follow(emit)


_LOOK = "Look into the kernel log for NVRM and Xid lines: sudo dmesg | grep -iE 'nvrm|xid'"
_NOBODY = Holding()


def _held(gpu: Gpu, held: Mapping[str, Holding], known: Mapping[int, Process]) -> Gpu:
    """The GPU, or instance, with who holds it."""
    holding = held.get(gpu.id, _NOBODY)
    unknown = {**gpu.unknown, "processes": holding.reason} if holding.reason else gpu.unknown
    if holding.reason is None and "processes" in unknown:
        unknown = {field: why for field, why in unknown.items() if field != "processes"}
    return replace(
        gpu,
        processes=tuple(
            _process(found, known.get(found.pid), _share(holding.percent, found.pid, gpu))
            for found in holding.processes
        ),
        instances=tuple(_held(instance, held, known) for instance in gpu.instances),
        unknown=unknown,
    )


def _process(
    found: nvml.ProcessMemory, process: Process | None, percent: float | None
) -> GpuProcess:
    if process is None:
        return GpuProcess(found.pid, found.memory_bytes, utilization_percent=percent)
    return GpuProcess(
        pid=found.pid,
        memory_bytes=found.memory_bytes,
        user=process.user,
        command=process.command,
        utilization_percent=percent,
        container_id=next(iter(process.container_ids), None),
        container_ids=process.container_ids,
        started=process.since,
    )


def _share(activity: Mapping[int, float], pid: int, gpu: Gpu) -> float | None:
    """What a process computed; no sample means nothing only where others have one, or all rest."""
    if pid in activity:
        return activity[pid]
    return 0.0 if activity or gpu.utilization_percent == 0 else None


def _answer(question: Callable[[], str]) -> str | None:
    try:
        return question()
    except DriverError:
        return None
