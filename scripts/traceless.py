"""Run a command and see that it leaves nothing on this machine: `traceless.py COMMAND …`.

Compared before and after: names in the directories where programs put things, mounts, network
links, control groups, and processes that were started meanwhile and lost their parent. What has
appeared is told and ends the run with 1, though the command itself went well.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

PLACES = {
    Path("/run"): 2,
    Path("/tmp"): 1,
    Path("/var"): 3,
    Path("/etc"): 2,
    Path("/dev"): 1,
    Path("/dev/shm"): 1,
    Path("/root"): 1,
    Path("/usr/local"): 2,
}
"""Where to look, and how deep."""
NOT_OURS = (
    "/var/log/",
    "/var/cache/",
    "/var/backups/",
    "/var/lib/apt/",
    "/var/lib/dpkg/",
    "/var/lib/systemd/",
    "/run/systemd/",
    "/run/udev/",
    "/run/user/",
    "/root/.cache",
)
"""Beginnings of what the system, package managers and pip write there by themselves."""
IN_TMP = ("tmp", "dstui", "docker", "containerd", "buildkit", "podman", "storage", "libpod", "run")
"""Beginnings of names that Python and the engines give in `/tmp`, where everybody works; pytest
keeps its own to be looked at.
"""


def main(command: Sequence[str]) -> int:
    """Run it; its exit status, or 1 where something was left."""
    before = set(traces())
    ours = os.environ.get("DSTUI_TRACE") or f"{os.getpid()}"
    code = subprocess.run(command, env={**os.environ, "DSTUI_TRACE": ours}, check=False).returncode
    left = sorted({*traces(), *orphans(ours)} - before)
    for trace in left:
        print(f"left behind: {trace}", file=sys.stderr)
    return code or int(bool(left))


def traces() -> Iterator[str]:
    """All names of things that are there now."""
    for place, depth in PLACES.items():
        yield from filter(made_by_tests, names(place, depth))
    yield from (f"mount {line.split()[1]}" for line in lines(Path("/proc/self/mounts")))
    yield from (f"network link {link.name}" for link in entries(Path("/sys/class/net")))
    for hierarchy in entries(Path("/sys/fs/cgroup")):
        if hierarchy.is_dir() and not hierarchy.is_symlink():
            yield f"control group {hierarchy}"
            yield from (f"control group {g}" for g in entries(hierarchy) if g.is_dir())


def made_by_tests(name: str) -> bool:
    """Whether it can be of the command at all."""
    if Path(name).parent == Path("/tmp"):
        return Path(name).name.startswith(IN_TMP)
    return not name.startswith(NOT_OURS)


def names(place: Path, depth: int) -> Iterator[str]:
    """What is in a directory, and in those below to a depth."""
    for entry in entries(place):
        yield str(entry)
        if depth > 1 and entry.is_dir() and not entry.is_symlink():
            yield from names(entry, depth - 1)


def orphans(ours: str) -> Iterator[str]:
    """Processes that the command started, as they have its mark, and that are still there."""
    mark = f"DSTUI_TRACE={ours}".encode()
    for process in entries(Path("/proc")):
        if process.name.isdigit() and int(process.name) != os.getpid():
            environment = content(process / "environ")
            if mark in environment.split(b"\0"):
                words = content(process / "cmdline").replace(b"\0", b" ").decode(errors="replace")
                yield f"process {process.name} {words[:100]}"


def entries(place: Path) -> list[Path]:
    """What is in a directory; nothing where that cannot be read."""
    try:
        return sorted(place.iterdir())
    except OSError:
        return []


def lines(path: Path) -> list[str]:
    """The lines of a file."""
    return content(path).decode(errors="replace").splitlines()


def content(path: Path) -> bytes:
    """The bytes of a file; none where it cannot be read, as when its process has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
