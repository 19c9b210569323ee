"""Which process made a container, so that another can tell whether it is still in use."""

from functools import cache
from pathlib import Path

MAKER_LABEL = "dstui.maker"
"""On each container that dstui makes for itself: the boot of the machine, the process's namespace,
its number and its start, which together no other process ever has."""

_PROC = Path("/proc")


@cache
def this_process() -> str:
    """The label's value; empty where the kernel does not tell."""
    started = _started("self")
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        space = (_PROC / "self/ns/pid").readlink().name
        number = (_PROC / "self").readlink().name
    except OSError:
        return ""
    return f"{boot}/{space}:{number}/{started}" if started else ""


def has_ended(maker: str) -> bool | None:
    """Whether that process has ended; `None` where only another machine or container knows."""
    place, _, process = maker.rpartition(":")
    here = this_process().rpartition(":")[0]
    number, _, started = process.partition("/")
    if not here or place != here or not (number.isascii() and number.isdecimal()):
        return None
    return _started(number) != started


def _started(number: str) -> str:
    """In ticks since the boot; empty for a process that is not there."""
    try:
        told = (_PROC / number / "stat").read_text(errors="replace")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]
