"""What this machine is, as far as it tells whose processes a driver shows here."""

import os
from pathlib import Path

from dstui.domain.gpu_join import Here

_FIRST_PID_NAMESPACE = "pid:[4026531836]"
"""The kernel's number for the namespace that sees every process."""


def here(proc: Path = Path("/proc")) -> Here:
    """Host name, kernel, and whether all processes can be seen."""
    machine = os.uname()
    return Here(
        host_name=machine.nodename,
        kernel=machine.release,
        wsl="microsoft" in machine.release.lower(),
        initial_pids=_initial_pids(proc),
    )


def _initial_pids(proc: Path) -> bool | None:
    try:
        return str((proc / "self/ns/pid").readlink()) == _FIRST_PID_NAMESPACE
    except OSError:
        return None
