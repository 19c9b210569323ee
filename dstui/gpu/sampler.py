"""GPU reports, one a second, from the driver or from a source that is given."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from dstui.background import keep_turning
from dstui.domain.changes import Change, GpusSampled
from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_event import GpuEvent
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
RELEASED = "dstui has let go of the GPU driver"
_STOP_SEEN_WITHIN_S = 0.5
_GONE_WITHIN_S = 2.0


class GpuSampler:
    """Announces `GpusSampled` at once and then each second, on a thread of its own.

    A `source` takes the driver's place, and `events` tells what happened by itself since it was
    asked last. Without them a worker process asks the driver, whose events `tell` is called with.
    When it hangs or ends, the last values stay, each GPU with an error that says so,
    and another worker is started when it is gone.
    """

    def __init__(
        self,
        emit: Callable[[Change], None],
        source: Callable[[], GpuReport] | None = None,
        events: Callable[[], Iterable[GpuEvent]] = tuple,
        tell: Callable[[GpuEvent], object] = lambda _event: None,
    ) -> None:
        self._emit = emit
        self._tell = tell
        self._source = source
        self._events = events
        self._stopping = threading.Event()
        self._wanted = threading.Event()
        self._wanted.set()
        self._changed = threading.Event()
        """Set when what is wanted changes: whoever waits looks again."""
        self._worker: WorkerProcess | None = None
        self._last: GpuReport | None = None

    def start(self) -> None:
        """Begin."""
        keep_turning("gpu-sampler", self._turn, self._announce_failure)

    def stop(self) -> None:
        """End; never waits for the driver."""
        self._stopping.set()
        self._wanted.set()
        self._changed.set()
        worker = self._worker
        if worker is not None:
            worker.kill()

    def release(self) -> None:
        """Let go of the driver, which else refuses resets and reloads, until `take_back`."""
        self._wanted.clear()
        self._changed.set()
        worker = self._worker
        if worker is not None:
            worker.kill()

    def take_back(self) -> None:
        """Ask the driver again."""
        self._changed.clear()
        self._wanted.set()

    @property
    def released(self) -> bool:
        """Whether the driver was let go of."""
        return not self._wanted.is_set()

    def _turn(self) -> bool:
        """Read one report of a source, or all of a worker; whether to go on."""
        if self._stopping.is_set():
            return False
        if self.released:
            self._announce_released()
            self._wanted.wait()
        elif self._source is not None:
            self._announce(_asked(self._source))
            for event in self._events():
                self._tell(event)
            self._rest(EVERY_S)
        else:
            self._follow_driver()
        return True

    def _rest(self, seconds: float) -> None:
        """Wait, but not longer than it takes to be stopped or released."""
        self._changed.wait(seconds)

    def _follow_driver(self) -> None:
        if not library.installed():
            self._announce(_no_driver())
            self._rest(LOOK_FOR_LIBRARY_EVERY_S)
            return
        self._worker = WorkerProcess()
        self._read(self._worker)
        if not self._changed.is_set():
            self._rest(RESTART_AFTER_S)
            self._wait_for_end(self._worker)

    def _read(self, worker: WorkerProcess) -> None:
        """Announce what the worker says, until it has ended or is given up."""
        heard = time.monotonic()
        patience = FIRST_WITHIN_S
        while not self._changed.is_set():
            try:
                message = decode(worker.read_line(_STOP_SEEN_WITHIN_S))
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
                if isinstance(message, GpuEvent):
                    self._tell(message)
                    continue
                heard, patience = time.monotonic(), STALE_AFTER_S
                self._announce(message)
        worker.kill()

    def _wait_for_end(self, worker: WorkerProcess) -> None:
        """One stuck process is enough: the next one would hang in the same driver."""
        while worker.alive and not self._changed.wait(EVERY_S):
            continue

    def _announce_failure(self, why: str) -> None:
        """Leave no worker behind a turn that failed; the next one starts another."""
        worker = self._worker
        if why and worker is not None:
            worker.kill()
        if why:
            self._announce_trouble(f"what it says cannot be used: {why}")

    def _announce_trouble(self, what: str) -> None:
        last = self._last
        if self._changed.is_set():
            return
        if last is None or not last.gpus:
            report = GpuReport(
                time.time(),
                reason=f"The NVIDIA driver is not usable: {what}",
                fix="See whether nvidia-smi answers, and the kernel log for NVRM and Xid lines",
            )
        else:
            gpus = tuple(replace(gpu, error=what) for gpu in last.gpus)
            report = replace(last, time=time.time(), gpus=gpus)
        self._emit(GpusSampled(report))

    def _announce(self, report: GpuReport) -> None:
        if not self._changed.is_set():
            self._last = report
            self._emit(GpusSampled(report))

    def _announce_released(self) -> None:
        worker, self._worker = self._worker, None
        fix = "Nothing of dstui holds it any more: it can be reset or reloaded"
        if worker is not None and not worker.wait(_GONE_WITHIN_S):
            fix = f"But process {worker.pid}, which asked it, is stuck in it and cannot be ended"
        if not self._stopping.is_set():
            self._emit(GpusSampled(GpuReport(time.time(), reason=RELEASED, fix=fix, released=True)))


def _asked(source: Callable[[], GpuReport]) -> GpuReport:
    try:
        return source()
    except OSError as error:
        return GpuReport(time.time(), reason=f"The source of GPU reports is gone: {error}")


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
