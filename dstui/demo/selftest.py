"""A self-test of the simulated machine: the real steps, in their order, with simulated answers."""

import time
from collections.abc import Callable
from dataclasses import replace

from dstui.background import Cancellation
from dstui.domain.container import Container
from dstui.domain.gpu import Gpu, GpuReport
from dstui.domain.quantity import scaled
from dstui.domain.selftest.step import (
    FRESH,
    GIVEN,
    GIVEN_NONE,
    Layer,
    SelfTestReport,
    Status,
    Step,
    StepResult,
    Target,
    failed,
    not_run,
    passed,
    skipped,
    warned,
)
from dstui.domain.selftest.steps import steps_for

Report = Callable[[Step, StepResult | None], object]

_LOOK_EVERY_S = 0.02
_UNITS = ("B", "KiB", "MiB", "GiB")
_SLOW = {"host.driver": 0.3, "engine.grant": 0.5, "inside.start": 0.2, "framework.torch": 0.9}
_USUAL_S = 0.03
_SMALL_SHM = 64 * 1024 * 1024


class DemoSelfTest:
    """What the self-test would find on the simulated machine."""

    def __init__(self, target: Target, report: GpuReport, container: Container | None) -> None:
        self._target = target
        self._gpus = report
        self._container = container

    def run(self, report: Report, cancellation: Cancellation) -> SelfTestReport:
        """Each step in turn, as slow as a real one."""
        results: list[tuple[Step, StepResult]] = []
        fault: Layer | None = None
        for step in steps_for(self._target):
            stopped = fault is not None and fault is not step.layer and step.id != FRESH
            if cancellation.called:
                result = not_run("cancelled")
            elif stopped and fault in (Layer.HOST, Layer.ENGINE):
                result = not_run(f"the {fault.value} comes first")
            else:
                report(step, None)
                seconds = _pause(_SLOW.get(step.id, _USUAL_S), cancellation)
                result = replace(self._result(step), seconds=seconds)
            if result.status is Status.FAIL and fault is None:
                fault = result.blames or step.layer
            results.append((step, result))
            report(step, result)
        return SelfTestReport(self._target, tuple(results))

    def _result(self, step: Step) -> StepResult:
        return self._special(step.id) or passed(_EVIDENCE.get(step.id, "as it should be"))

    def _special(self, step: str) -> StepResult | None:
        lost = [gpu for gpu in self._gpus.gpus if gpu.error]
        if step == GIVEN and self._container is not None:
            grant = self._container.gpus
            none = f"{self._target.name} was given no GPU"
            return passed(f"by {grant.source}") if grant else warned(none, *GIVEN_NONE)
        if not self._gpus.gpus and not step.startswith("engine."):
            return skipped(self._gpus.reason or "no GPU here")
        match step:
            case "host.hardware":
                return passed(f"{len(self._gpus.gpus)} cards")
            case "host.driver":
                return passed(
                    f"driver {self._gpus.driver_version}, CUDA up to {self._gpus.cuda_version}"
                )
            case "host.count" if lost:
                return failed(f"GPU {lost[0].index}: {lost[0].error}")
            case "host.count" | "engine.grant":
                return passed("; ".join(f"GPU {g.index} {g.name}" for g in self._gpus.gpus))
            case "host.memory":
                return passed("; ".join(map(_room, self._gpus.gpus)))
            case _:
                return self._inside(step)

    def _inside(self, step: str) -> StepResult | None:
        container = self._container
        granted = container is None or container.gpus is not None
        if step == "cuda.init" and not granted:
            return failed("libcuda.so.1: cannot open shared object file: No such file or directory")
        if step.startswith(("cuda.", "framework.", "nccl")) and not granted:
            return not_run("it needs: CUDA starts")
        if step == "container.shm" and container is not None:
            return _shared_memory(container)
        if step == FRESH:
            given = "not needed: it works in the container itself"
            return skipped(given if granted else "the container was given no GPU")
        if step == "nccl":
            return skipped("this takes two GPUs or more")
        if step.startswith("framework.") and step != "framework.torch":
            return skipped("not in the image")
        return None


def _pause(seconds: float, cancellation: Cancellation) -> float:
    began = time.monotonic()
    while time.monotonic() - began < seconds and not cancellation.called:
        time.sleep(_LOOK_EVERY_S)
    return time.monotonic() - began


def _room(gpu: Gpu) -> str:
    free = (gpu.memory_total_bytes or 0) - (gpu.memory_used_bytes or 0)
    return f"GPU {gpu.index}: {scaled(free, 1024, _UNITS, digits=3)} free"


def _shared_memory(container: Container) -> StepResult:
    size = (container.limits.shm_bytes if container.limits else None) or _SMALL_SHM
    evidence = scaled(size, 1024, _UNITS, digits=3)
    if size > _SMALL_SHM:
        return passed(evidence)
    return warned(
        evidence,
        "PyTorch's DataLoader workers and NCCL fail with a bus error once it is full",
        "create it with --shm-size=8g or --ipc=host",
    )


_EVIDENCE = {
    "host.module": "nvidia 580.95.05",
    "host.nodes": "/dev/nvidiactl, /dev/nvidia-uvm, /dev/nvidia0 …",
    "host.versions": "both 580.95.05",
    "host.persistence": "nvidia-persistenced runs",
    "host.memory-health": "no errors",
    "host.xid": "none since boot, as far as the log goes back",
    "host.link": "x16",
    "host.throttling": "none",
    "host.mode": "Default, no MIG",
    "host.fabric": "registered",
    "engine.reachable": "the simulated engine",
    "engine.kind": "this machine, simulated",
    "engine.storage": "overlay2",
    "engine.disk": "1.2TB of 3.8TB free",
    "engine.cgroup": "version 2, driver systemd",
    "engine.logs": "driver json-file, max-size 50m",
    "engine.shm": "64MiB, the usual",
    "engine.contexts": "the demo engine",
    "engine.runtimes": "nvidia is registered; the default is runc",
    "engine.cdi": "nvidia.com/gpu=all",
    "engine.toolkit": "nvidia-ctk 1.18.0, mode cdi",
    "engine.reload": "devices come by CDI, which survives it",
    "inside.start": "Python 3.11.9 (python3)",
    "cuda.compatibility": "CUDA 12.8.1, driver 580.95.05",
    "cuda.init": "cuInit answers 0, speaks CUDA 13.0",
    "cuda.library": "/usr/lib/x86_64-linux-gnu/libcuda.so.580.95.05",
    "cuda.devices": "0: NVIDIA H100 80GB HBM3 (9.0)",
    "cuda.memory": "4 MiB on 1 GPU (78.9GiB free)",
    "host.compute": "kernels and copies are exact; took 56MiB beside the context",
    "host.speed": "54 of 63 GB/s host to card, 54 of 63 GB/s card to host, "
    "2,612 of 3,352 GB/s within the card, 61 of 67 TFLOP/s fp32, PCIe 5 x16",
    "engine.compute": "GPU 0: kernels and copies are exact; took 56MiB beside the context",
    "cuda.compute": "GPU 0: kernels and copies are exact; took 56MiB beside the context",
    "container.limits": "memlock unlimited, nofile 1048576",
    "framework.torch": "PyTorch 2.8.0, CUDA 12.8, 1 GPU: the product of two matrices is exact",
}
