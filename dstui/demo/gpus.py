"""Simulated GPUs, whose load follows from the GPU jobs of the world."""

from typing import TYPE_CHECKING, Any

from dstui.demo.curve import Curve
from dstui.demo.gpu_split import gpu_uuid, split_gpu
from dstui.demo.model import Container
from dstui.demo.world import World

if TYPE_CHECKING:
    from dstui.domain.gpu import GpuReport

_NAME = "NVIDIA H100 80GB HBM3"
_MEMORY = 81_559 << 20
_RESERVED = 540 << 20
_POWER_LIMIT_W = 700.0
_IDLE_W, _BUSY_W = 71.0, 660.0
_IDLE_C, _BUSY_C = 33.0, 72.0
_FIRST_BUS = 0x1B
_NOTEBOOK_PERCENT = 6.0
_AWAY_S = 1400.0
_DRIVER, _CUDA = "580.95.05", "13.0"


class DemoGpus:
    """The GPUs of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def report(self) -> "GpuReport":
        """One round of the sampler."""
        from dstui.gpu.wire import report_of

        return report_of({k: v for k, v in self.reading().items() if k != "events"})

    def reading(self) -> dict[str, Any]:
        """The same as JSON, named as the fields of `GpuReport`."""
        world = self._world
        with world.lock:
            now = world.clock()
            jobs = [
                container
                for container in world.containers.values()
                if container.gpus
                and container.state in ("running", "paused")
                and container.load.gpu_memory.mean
            ]
            gpus = [
                _gpu(world, index, [job for job in jobs if index in job.gpus], now)
                for index in range(world.gpu_count)
            ]
            if gpus:
                gpus.append(split_gpu(world.seed, world.gpu_count, world.born, now))
            events = [
                [time, gpus[index]["id"], f"GPU {index}", "xid", code, *_culprit(job)]
                for time, index, code, job in world.xids
                if index < len(gpus)
            ]
        return {
            "time": now,
            "gpus": gpus,
            "events": events,
            "driver_version": _DRIVER,
            "cuda_version": _CUDA,
            "reason": None if gpus else "no NVIDIA GPU in this machine",
        }


def _gpu(world: World, index: int, jobs: list[Container], now: float) -> dict[str, Any]:
    gpu: dict[str, Any] = {
        "id": f"nvidia:{gpu_uuid(world.seed, index)}",
        "index": index,
        "minor": index,
        "name": _NAME,
        "pci_bus_id": f"00000000:{_FIRST_BUS + 0x11 * index:02X}:00.0",
    }
    if index in world.lost_gpus:
        return {**gpu, "error": "GPU is lost: it has fallen off the bus (Xid 79)"}
    return {**gpu, **_measures(index, jobs, now)}


def _measures(index: int, jobs: list[Container], now: float) -> dict[str, Any]:
    busy = min(100.0, sum(_percent(job, now) for job in jobs))
    warm = Curve(1.0, 0.04, 97, index)
    used = sum(_memory(job, now) for job in jobs)
    return {
        "utilization_percent": float(round(busy)),
        "memory_utilization_percent": float(round(busy * 0.62)),
        "memory_used_bytes": min(used + _RESERVED, _MEMORY),
        "memory_total_bytes": _MEMORY,
        "temperature_c": float(round(_between(_IDLE_C, _BUSY_C, busy) * warm.at(now))),
        "power_w": round(_between(_IDLE_W, _BUSY_W, busy) * warm.at(now), 1),
        "power_limit_w": _POWER_LIMIT_W,
        "sm_clock_mhz": 1980 if busy else 345,
        "memory_clock_mhz": 2619,
        "ecc_errors": 0,
        "mig": False,
        "persistence": True,
        "compute_mode": "Default",
        "performance_state": "P0",
        "pcie_rx_rate": round(busy * 31e6 * warm.at(now)),
        "pcie_tx_rate": round(busy * 4.2e6 * warm.at(now)),
        "sampled": now,
        "processes": [_process(job, now) for job in jobs],
        "unknown": {"fan_percent": "not supported by this GPU"},
    }


def _culprit(job: Container | None) -> tuple[Any, ...]:
    """Pid, name and containers of the process that caused an error, if one did."""
    return (_pid(job), _command(job).split()[0][:15], [job.id]) if job else ()


def _pid(job: Container) -> int:
    return job.pid + (1 if job.processes else 0)


def _command(job: Container) -> str:
    return job.processes[0] if job.processes else " ".join([job.path, *job.args])


def _process(job: Container, now: float) -> dict[str, Any]:
    idle = _idles(job) or job.state == "paused"
    return {
        "pid": _pid(job),
        "memory_bytes": _memory(job, now),
        "user": job.user.split(":")[0] or "root",
        "command": _command(job),
        "utilization_percent": float(round(_percent(job, now))),
        "container_id": job.id,
        "container_ids": [job.id],
        "started": job.started,
        **({"idle_since": _idle_since(job, now)} if idle else {}),
    }


def _idles(job: Container) -> bool:
    """A notebook whose owner is away: it holds its memory all the same."""
    return 0 < job.load.gpu_percent.mean < _NOTEBOOK_PERCENT


def _idle_since(job: Container, now: float) -> float:
    last_used = now - _AWAY_S * (1 + int(job.id[:2], 16) / 64)
    return max(job.started or now, job.paused_at or last_used)


def _between(idle: float, busy: float, percent: float) -> float:
    return idle + (busy - idle) * percent / 100


def _percent(job: Container, now: float) -> float:
    resting = job.state == "paused" or _idles(job)
    return 0.0 if resting else min(100.0, job.load.gpu_percent.at(now))


def _memory(job: Container, now: float) -> int:
    return int(job.load.gpu_memory.at(now))
