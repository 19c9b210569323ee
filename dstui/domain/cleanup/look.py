"""One look at an engine's disk: how it is filled, and the planner of what may go."""

from dataclasses import dataclass

from dstui.domain.cleanup.disk_report import DiskReport
from dstui.domain.cleanup.planner import Planner


@dataclass(frozen=True, slots=True)
class CleanupLook:
    """Both from the same facts, so with one `system/df`."""

    report: DiskReport
    planner: Planner
