"""`python -m bench.real_gpu`: checks on a machine with a real NVIDIA GPU, to be run by hand there.

Compares every value with nvidia-smi in the same second, finds a process with its memory that this
program puts on a card through libcuda, and measures what a round of the sampler costs. Ends with 1
when something differs, with 2 when there is no GPU.
"""

import argparse
import csv
import ctypes
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import NamedTuple

from dstui.domain.gpu import Gpu, GpuReport
from dstui.gpu import library
from dstui.gpu.sampler import sample_once

MIB = 2**20
HELD_BYTES = 256 * MIB


class Compared(NamedTuple):
    """A field of nvidia-smi, the same of ours, and by how much they may differ: the clock runs on
    between the two.
    """

    query: str
    ours: Callable[[Gpu], float | str | None]
    within: float


FIELDS = (
    Compared("uuid", lambda gpu: gpu.uuid, 0),
    Compared("name", lambda gpu: gpu.name, 0),
    Compared("index", lambda gpu: gpu.index, 0),
    Compared("pci.bus_id", lambda gpu: gpu.pci_bus_id, 0),
    Compared("memory.total", lambda gpu: _mib(gpu.memory_total_bytes), 1),
    Compared("memory.used", lambda gpu: _mib(gpu.memory_used_bytes), 64),
    Compared("utilization.gpu", lambda gpu: gpu.utilization_percent, 25),
    Compared("temperature.gpu", lambda gpu: gpu.temperature_c, 3),
    Compared("power.draw", lambda gpu: gpu.power_w, 60),
    Compared("enforced.power.limit", lambda gpu: gpu.power_limit_w, 1),
    Compared("clocks.sm", lambda gpu: gpu.sm_clock_mhz, 400),
    Compared("clocks.mem", lambda gpu: gpu.memory_clock_mhz, 400),
    Compared("fan.speed", lambda gpu: gpu.fan_percent, 5),
    Compared("pstate", lambda gpu: gpu.performance_state, 0),
    Compared("compute_mode", lambda gpu: gpu.compute_mode, 0),
    Compared("ecc.errors.uncorrected.volatile.total", lambda gpu: gpu.ecc_errors, 0),
)
_UNKNOWN = ("[N/A]", "N/A", "[Not Supported]", "[Insufficient Permissions]", "[Unknown Error]")


def main() -> int:
    """Run all checks; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.real_gpu")
    parser.add_argument("--rounds", type=int, default=50, help="of the sampler, for its cost")
    arguments = parser.parse_args()
    if not library.installed():
        print("bench: there is no NVIDIA driver here; run this on a machine with a GPU")
        return 2
    report = sample_once()
    if not report.gpus:
        print(f"bench: no GPU to check: {report.reason}. {report.fix or ''}")
        return 2
    print(f"driver {report.driver_version}, CUDA {report.cuda_version}, {len(report.gpus)} GPUs")
    failures = [*_compare(), *_find_process()]
    _cost(arguments.rounds)
    for failure in failures:
        print(f"FAIL {failure}")
    print("all good" if not failures else f"{len(failures)} checks failed")
    return 1 if failures else 0


def _mib(count: int | None) -> float | None:
    return None if count is None else count / MIB


def _compare() -> Iterator[str]:
    """What differs from nvidia-smi, which is asked right before and right after."""
    before, report, after = _smi(), sample_once(), _smi()
    by_uuid = {gpu.uuid: gpu for gpu in report.gpus}
    for uuid in before:
        if uuid not in by_uuid:
            yield f"GPU {uuid} of nvidia-smi is missing"
            continue
        for field in FIELDS:
            ours = field.ours(by_uuid[uuid])
            theirs = (before[uuid][field.query], after.get(uuid, before[uuid])[field.query])
            ok = any(_agree(ours, text, field.within) for text in theirs)
            print(f"{'ok  ' if ok else 'FAIL'} {field.query:<40} {ours!s:<42} {theirs[1]}")
            if not ok:
                yield f"{field.query}: {ours} here, {theirs} in nvidia-smi"


def _agree(ours: float | str | None, theirs: str, within: float) -> bool:
    if ours is None:
        return theirs in _UNKNOWN
    if isinstance(ours, str):
        return ours.casefold() == theirs.casefold()
    try:
        return abs(ours - float(theirs)) <= within
    except ValueError:
        return False


def _smi() -> dict[str, dict[str, str]]:
    """The values of nvidia-smi by UUID, as texts."""
    names = [field.query for field in FIELDS]
    command = ["nvidia-smi", f"--query-gpu={','.join(names)}", "--format=csv,noheader,nounits"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def _find_process() -> Iterator[str]:
    """A process of ours with a known amount of memory must be seen with at least that much."""
    with _holder() as pid:
        if pid is None:
            yield "libcuda could not put a process on the GPU"
            return
        report = sample_once()
        held = [p for gpu in report.gpus for p in gpu.processes if p.pid == pid]
        print(f"process {pid}: {held}")
        if not held:
            yield f"process {pid} holds memory and is not shown; {_reasons(report)}"
        elif held[0].memory_bytes is None or held[0].memory_bytes < HELD_BYTES:
            yield f"process {pid} holds {HELD_BYTES} bytes and is shown with {held[0].memory_bytes}"
        elif held[0].started is None or not 0 <= time.time() - held[0].started < 600:
            yield f"process {pid} is shown as started at {held[0].started}"


def _reasons(report: GpuReport) -> str:
    return "; ".join(gpu.unknown.get("processes", "listed") for gpu in report.gpus)


@contextmanager
def _holder() -> Iterator[int | None]:
    """A process with a context and some memory on the first GPU."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(theirs,))
    process.start()
    theirs.close()
    try:
        yield process.pid if _told(ours) else None
    finally:
        process.kill()
        process.join()


def _told(ours: Connection) -> bool:
    try:
        return ours.poll(60) and bool(ours.recv())
    except EOFError:
        return False


def _hold(report: Connection) -> None:
    cuda = ctypes.CDLL("libcuda.so.1")
    context, memory = ctypes.c_void_p(), ctypes.c_uint64()
    codes = [
        cuda.cuInit(0),
        cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0),
        cuda.cuCtxSetCurrent(context),
        cuda.cuMemAlloc_v2(ctypes.byref(memory), ctypes.c_size_t(HELD_BYTES)),
    ]
    report.send(not any(codes))
    time.sleep(600)


def _cost(rounds: int) -> None:
    """CPU and wall time of a round, in this process; the first opens the cards."""
    from dstui.gpu.nvidia import NvidiaProvider
    from dstui.gpu.wire import encode

    provider = NvidiaProvider()
    began = time.perf_counter()
    provider.sample()
    print(f"opening and first round: {1000 * (time.perf_counter() - began):.0f} ms")
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(rounds):
        encode(provider.sample())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    provider.close()
    print(
        f"a round: {1000 * wall / rounds:.2f} ms, {1000 * cpu / rounds:.2f} ms of CPU: "
        f"{100 * cpu / rounds:.2f} % of a core at one a second"
    )


if __name__ == "__main__":
    sys.exit(main())
