"""CPU time and memory of processes, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cpu:
    """CPU seconds used so far: by the program with its children, and by the engine for it."""

    program: float
    engine: float
    shims: float


def cpu_now(pid: int) -> Cpu:
    """What the tree of `pid`, and every dockerd, containerd and shim on this machine, have used."""
    program = engine = shims = 0.0
    tree = _tree(pid)
    for process, (name, _, seconds) in _processes().items():
        if process in tree:
            program += seconds
        elif name in ("dockerd", "containerd"):
            engine += seconds
        elif name.startswith("containerd-shim"):
            shims += seconds
    return Cpu(program, engine, shims)


def pss_mib(pid: int) -> float:
    """Proportional set size of the tree of `pid`."""
    total = 0
    for process in _tree(pid):
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:")
    return total / 1024


def _tree(pid: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for process, (_, parent, _) in _processes().items():
        children.setdefault(parent, []).append(process)
    found, waiting = set(), [pid]
    while waiting:
        process = waiting.pop()
        found.add(process)
        waiting.extend(children.get(process, ()))
    return found


def _processes() -> dict[int, tuple[str, int, float]]:
    """Name, parent and CPU seconds of every process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / "stat").read_text()
        except OSError:
            continue
        name = text[text.index("(") + 1 : text.rindex(")")]
        fields = text[text.rindex(")") + 2 :].split()
        seconds = (int(fields[11]) + int(fields[12])) / TICKS
        found[int(entry.name)] = (name, int(fields[1]), seconds)
    return found
