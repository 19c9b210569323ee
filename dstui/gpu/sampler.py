"""GPU reports, one a second, from the driver or from a source that is given."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from dstui.background import spawn
from dstui.domain.changes import Change, GpusSampled
from dstui.domain.gpu import GpuReport
from dstui.gpu import library
from dstui.gpu.wire import decode
from dstui.gpu.worker_process import Ended, Silence, WorkerProcess

EVERY_S = 1.0
LOOK_FOR_LIBRARY_EVERY_S = 60.0
STALE_AFTER_S = 4.0
FIRST_WITHIN_S = 30.0
"""Opening cards whose driver is not kept loaded takes seconds each."""
GIVE_UP_AFTER_S = 30.0
RESTART_AFTER_S = 5.0
_STOP_SEEN_WITHIN_S = 0.5


class GpuSampler:
    """Announces `GpusSampled` at once and then each second, on a thread of its own.

    Without a `source` a worker process asks the driver. When that hangs or ends, the last values
    stay, each GPU with an error that says so, and another worker is started when it is gone.
    """

    def __init__(
        self,
        emit: Callable[[Change], None],
        source: Callable[[], GpuReport] | None = None,
    ) -> None:
        self._emit = emit
        self._source = source
        self._stopping = threading.Event()
        self._worker: WorkerProcess | None = None
        self._last: GpuReport | None = None

    def start(self) -> None:
        """Begin."""
        spawn("gpu-sampler", self._follow_driver if self._source is None else self._follow_source)

    def stop(self) -> None:
        """End; never waits for the driver."""
        self._stopping.set()
        worker = self._worker
        if worker is not None:
            worker.kill()

    def _follow_source(self) -> None:
        assert self._source is not None
        while not self._stopping.is_set():
            self._announce(self._source())
            self._stopping.wait(EVERY_S)

    def _follow_driver(self) -> None:
        while not self._stopping.is_set():
            if not library.installed():
                self._announce(_no_driver())
                self._stopping.wait(LOOK_FOR_LIBRARY_EVERY_S)
                continue
            self._worker = WorkerProcess()
            self._read(self._worker)
            self._stopping.wait(RESTART_AFTER_S)
            self._wait_for_end(self._worker)

    def _read(self, worker: WorkerProcess) -> None:
        """Announce what the worker says, until it has ended or is given up."""
        heard = time.monotonic()
        patience = FIRST_WITHIN_S
        while not self._stopping.is_set():
            try:
                report = decode(worker.read_line(_STOP_SEEN_WITHIN_S))
            except Silence:
                silent_s = time.monotonic() - heard
                if silent_s > patience:
                    self._announce_trouble(f"the driver has not answered for {silent_s:.0f} s")
                if silent_s > patience + GIVE_UP_AFTER_S:
                    break
            except (Ended, ValueError):
                self._announce_trouble("the process that asks the driver has ended")
                break
            else:
                heard, patience = time.monotonic(), STALE_AFTER_S
                self._announce(report)
        worker.kill()

    def _wait_for_end(self, worker: WorkerProcess) -> None:
        """One stuck process is enough: the next one would hang in the same driver."""
        while worker.alive and not self._stopping.wait(EVERY_S):
            continue

    def _announce_trouble(self, what: str) -> None:
        last = self._last
        if last is None or not last.gpus:
            report = GpuReport(
                time.time(),
                reason=f"The NVIDIA driver is not usable: {what}",
                fix="See whether nvidia-smi answers, and the kernel log for NVRM and Xid lines",
            )
        else:
            report = replace(last, gpus=tuple(replace(gpu, error=what) for gpu in last.gpus))
        self._emit(GpusSampled(report))

    def _announce(self, report: GpuReport) -> None:
        if not self._stopping.is_set():
            self._last = report
            self._emit(GpusSampled(report))


def _no_driver() -> GpuReport:
    return GpuReport(time.time(), reason=library.MISSING_REASON, fix=library.MISSING_FIX)


def sample_once(timeout: float = FIRST_WITHIN_S) -> GpuReport:
    """One report of the driver, for a command that prints it and ends."""
    first: list[GpuReport] = []
    heard = threading.Event()

    def take(change: Change) -> None:
        if isinstance(change, GpusSampled):
            first.append(change.report)
            heard.set()

    sampler = GpuSampler(take)
    sampler.start()
    heard.wait(timeout)
    sampler.stop()
    if not first:
        return GpuReport(time.time(), reason=f"The GPU driver did not answer in {timeout:.0f} s")
    return first[0]
