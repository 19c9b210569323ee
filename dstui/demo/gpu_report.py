"""Turns what the demo engine tells of its GPUs into a report."""

from collections.abc import Mapping
from typing import Any

from dstui.domain.gpu import Gpu, GpuProcess, GpuReport


def report_from(reading: Mapping[str, Any]) -> GpuReport:
    """The report that a reading stands for."""
    gpus = tuple(
        Gpu(**{**gpu, "processes": tuple(GpuProcess(**found) for found in gpu["processes"])})
        if "processes" in gpu
        else Gpu(**gpu)
        for gpu in reading["gpus"]
    )
    return GpuReport(**{**reading, "gpus": gpus})
