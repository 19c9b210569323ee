"""`python -m bench.gpus`: what sampling 8 GPUs costs over a stub driver, and joining 200 processes.

Builds the stub of the tests with gcc. Needs no GPU and no engine; see bench/real_gpu.py for a card.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.cost import TICKS
from dstui.domain.changes import Change, GpusSampled
from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_idle import IdleWatch
from dstui.domain.gpu_join import join

STUB = Path(__file__).parent.parent / "tests" / "gpu" / "stub" / "nvml.c"
GPUS = 8
TARGET_CORE_PERCENT = 0.5
TARGET_JOIN_MS = 5.0


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpus")
    parser.add_argument("--window", type=float, default=20.0, help="seconds of sampling")
    parser.add_argument("--processes", type=int, default=200, help="GPU processes to join")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        library = _build(Path(home))
        scenario = Path(home) / "scenario"
        os.environ["DSTUI_TEST_SCENARIO"] = str(scenario)
        os.environ["LD_LIBRARY_PATH"] = str(library.parent)
        print("| what | figure | target |\n|---|--:|--:|")
        for held in (0, 4):
            _sampling(scenario, held, arguments.window)
        _join(arguments.processes)
        _hang(scenario)


def _build(home: Path) -> Path:
    library = home / "libnvidia-ml.so.1"
    flags = ["-shared", "-fPIC", "-O2", "-pthread", f"-Wl,-soname,{library.name}"]
    subprocess.run(["gcc", *flags, "-o", str(library), str(STUB)], check=True)
    return library


def _sampling(scenario: Path, held: int, window: float) -> None:
    """CPU of the worker and of this process, while a report comes each second."""
    from dstui.gpu.sampler import GpuSampler

    pids = [str(os.getppid()), str(os.getpid()), "1", "2"][:held]
    lines = [f"gpus={GPUS}"]
    for index in range(GPUS):
        lines.append(f"{index}.processes={' '.join(f'{pid}:1073741824' for pid in pids)}")
        lines.append(f"{index}.activity={' '.join(f'{pid}:40' for pid in pids)}")
    scenario.write_text("\n".join(lines) + "\n")
    reports: list[GpuReport] = []

    def take(change: Change) -> None:
        if isinstance(change, GpusSampled):
            reports.append(change.report)

    sampler = GpuSampler(take)
    sampler.start()
    while len(reports) < 3:
        time.sleep(0.05)
    assert sampler._worker is not None
    worker = sampler._worker.pid
    before = _cpu(worker), _own_cpu()
    count = len(reports)
    time.sleep(window)
    after = _cpu(worker), _own_cpu()
    sampler.stop()
    reported = len(reports) - count
    assert len(reports[-1].gpus) == GPUS
    assert len(reports[-1].gpus[0].processes) == held
    worker_percent = 100 * (after[0] - before[0]) / window
    own_percent = 100 * (after[1] - before[1]) / window
    what = f"sampler, {GPUS} GPUs with {held} processes each"
    _row(f"{what}: worker, % of a core", worker_percent, TARGET_CORE_PERCENT)
    _row(f"{what}: reader, % of a core", own_percent, None)
    _row(f"{what}: reports a second", reported / window, None)


def _cpu(pid: int) -> float:
    """Seconds; to the nanosecond where the kernel tells them so."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9 + _threads(pid)
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def _threads(pid: int) -> float:
    """Of the threads beside the main one."""
    others = [t for t in Path(f"/proc/{pid}/task").iterdir() if t.name != str(pid)]
    return sum(int((t / "schedstat").read_text().split()[0]) for t in others) / 1e9


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _join(count: int) -> None:
    """From pids to containers: reading /proc for all of them, and again when they are known."""
    from dstui.domain.gpu import Gpu, GpuProcess
    from dstui.gpu.processes import ProcessTable

    children = [subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL) for _ in range(count)]
    try:
        pids = {child.pid for child in children}
        known = {f"{number:064x}" for number in range(500)}

        def report(table: ProcessTable) -> GpuReport:
            found = table.look_up(pids)
            processes = tuple(
                GpuProcess(pid, 2**30, p.user, p.command, 0.0, None, p.container_ids, p.since)
                for pid, p in found.items()
            )
            return GpuReport(time.time(), (Gpu("nvidia:GPU-1", 0, "H100", processes=processes),))

        def whole(table: ProcessTable) -> None:
            IdleWatch().mark(join(report(table), known, {}))

        _row(
            f"join of {count} processes never seen before, ms",
            _median_ms(lambda: whole(ProcessTable())),
            TARGET_JOIN_MS,
        )
        warm = ProcessTable()
        whole(warm)
        _row(f"join of {count} known ones, ms", _median_ms(lambda: whole(warm)), TARGET_JOIN_MS)
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.wait()


def _median_ms(act: Callable[[], None], rounds: int = 15) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def _hang(scenario: Path) -> None:
    """What a driver that never answers costs those who start and stop."""
    from dstui.gpu.sampler import GpuSampler

    scenario.write_text("gpus=8\nhang=1\n")
    sampler = GpuSampler(lambda change: None)
    began = time.perf_counter()
    sampler.start()
    started = time.perf_counter() - began
    time.sleep(1.0)
    began = time.perf_counter()
    sampler.stop()
    stopped = time.perf_counter() - began
    _row("start beside a driver that hangs, ms", 1000 * started, None)
    _row("stop beside a driver that hangs, ms", 1000 * stopped, None)
    scenario.write_text("gpus=0\n")


def _row(what: str, figure: float, target: float | None) -> None:
    print(f"| {what} | {figure:.2f} | {'' if target is None else f'<= {target:g}'} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
