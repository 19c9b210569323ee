"""Who holds a GPU without using it."""

from dataclasses import replace

from dstui.domain.gpu import GpuProcess, GpuReport
from dstui.domain.gpu_join import ProcessKey, each_process, key_of

WATCHED_WITHIN_S = 30.0
"""A longer gap between two reports tells nothing of what happened in it."""


class IdleWatch:
    """Remembers since when each process has been seen to do nothing."""

    def __init__(self) -> None:
        self._since: dict[ProcessKey, float] = {}
        self._seen_at = 0.0

    def mark(self, report: GpuReport) -> GpuReport:
        """The report with `idle_since` of its processes. One on several GPUs is idle when it is
        on all of them; one of unknown activity is not called idle. What the report itself says
        counts too.
        """
        resting: dict[ProcessKey, bool] = {}
        told: dict[ProcessKey, float] = {}
        for gpu in report.gpus:
            for process in gpu.processes:
                rests = process.utilization_percent == 0 and not gpu.error
                resting[key_of(process)] = resting.get(key_of(process), True) and rests
                told[key_of(process)] = process.idle_since or report.time
        before = self._since if report.time - self._seen_at < WATCHED_WITHIN_S else {}
        self._since = {
            key: min(before.get(key, report.time), told[key])
            for key, rests in resting.items()
            if rests
        }
        self._seen_at = report.time

        def marked(process: GpuProcess) -> GpuProcess:
            since = self._since.get(key_of(process))
            return process if since is None else replace(process, idle_since=since)

        return each_process(report, marked)


def idle_for(process: GpuProcess, now: float) -> float | None:
    """Seconds for which it held memory without computing; `None` when it is not idle."""
    if process.idle_since is None or not process.memory_bytes:
        return None
    return max(0.0, now - process.idle_since)
