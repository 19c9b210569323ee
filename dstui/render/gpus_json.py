"""GPUs, their processes and their holders as the objects of `--json`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from dstui.domain.audit.secret_words import masked_command
from dstui.domain.container import Container
from dstui.domain.gpu import Gpu, GpuReport
from dstui.domain.gpu_free import device_argument, free_memory
from dstui.domain.owner import Owner
from dstui.render.gpu_holders import HolderRow
from dstui.render.gpu_processes import GpuProcessRow
from dstui.render.gpus import GpuRow
from dstui.render.units import utc

Json = dict[str, Any]

_MEASURES = (
    "utilization_percent",
    "memory_used_bytes",
    "memory_total_bytes",
    "temperature_c",
    "power_w",
    "power_limit_w",
    "sm_clock_mhz",
    "memory_clock_mhz",
    "fan_percent",
    "ecc_errors",
    "mig",
    "pci_bus_id",
    "minor",
    "pcie_rx_rate",
    "pcie_tx_rate",
    "performance_state",
    "compute_mode",
    "persistence",
)


def gpus_content(
    report: GpuReport | None, shown: Iterable[GpuRow], processes: Sequence[GpuProcessRow]
) -> Json:
    """What `dstui gpus` tells: the driver, and each GPU with its instances and processes."""
    whole = [row.gpu for row in shown if row.gpu.instance is None]
    return {**_head(report), "gpus": [gpu_object(gpu, processes) for gpu in whole]}


def holders_content(report: GpuReport | None, holders: Iterable[HolderRow]) -> Json:
    """What `dstui gpus --by` tells."""
    return {**_head(report), "holders": [holder_object(row) for row in holders]}


def free_content(report: GpuReport, free: Sequence[Gpu], shared: Iterable[str] = ()) -> Json:
    """What `dstui gpus --free` tells; `shared` are the ids of those that others use as well."""
    shared = frozenset(shared)
    return {
        **_head(report),
        "free": [
            {
                "id": g.id,
                "uuid": g.uuid,
                "name": g.name,
                "memory_free_bytes": free_memory(g),
                "shared": g.id in shared,
            }
            for g in free
        ],
        "device_argument": device_argument(free) if free else None,
    }


def _head(report: GpuReport | None) -> Json:
    return {
        "driver": report and driver_object(report),
        "reason": report and report.reason,
        "fix": report and report.fix,
        "unjoined": report and report.unjoined,
        "elsewhere": report and report.elsewhere,
    }


def driver_object(report: GpuReport) -> Json:
    """The GPU driver and the newest CUDA it can serve."""
    return {"version": report.driver_version, "cuda": report.cuda_version}


def gpu_object(gpu: Gpu, processes: Iterable[GpuProcessRow]) -> Json:
    """A GPU and what computes on it; `unknown` says why a field is not known."""
    every = list(processes)
    return {
        "id": gpu.id,
        "index": gpu.index,
        "name": gpu.name,
        **{field: getattr(gpu, field) for field in _MEASURES},
        "memory_invisible_bytes": gpu.invisible_bytes,
        "sampled": _time(gpu.sampled),
        "unknown": dict(gpu.unknown),
        "error": gpu.error,
        "processes": [_process(row) for row in every if row.gpu.id == gpu.id],
        "instances": [gpu_object(instance, every) for instance in gpu.instances],
    }


def _process(row: GpuProcessRow) -> Json:
    process = row.process
    return {
        "pid": process.pid,
        "user": process.user,
        "command": process.command and masked_command(process.command),
        "memory_bytes": process.memory_bytes,
        "utilization_percent": process.utilization_percent,
        "started": _time(process.started),
        "idle_since": _time(process.idle_since),
        "place": row.place or None,
        "container": _container(row.container, row.owner),
    }


def holder_object(row: HolderRow) -> Json:
    """One that holds GPUs, with the sums over its processes."""
    holder = row.holder
    owner = Owner(holder.owner, "") if holder.owner else None
    return {
        "container": _container(holder.container, owner),
        "name": holder.name,
        "owner": holder.owner,
        "gpus": [gpu.id for gpu in holder.gpus],
        "pids": list(holder.pids),
        "memory_bytes": holder.memory_bytes,
        "utilization_percent": holder.percent,
        "since": _time(holder.since),
        "idle_since": _time(holder.idle_since),
    }


def _container(container: Container | None, owner: Owner | None) -> Json | None:
    if container is None:
        return None
    return {"id": container.id, "name": container.name, "owner": owner.name if owner else None}


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else utc(datetime.fromtimestamp(seconds, UTC))
