"""The driver's own facts, asked for in a child process that may hang without harm."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import dstui
from dstui.domain.text import clean
from dstui.gpu.selftest.child import run_child
from dstui.gpu.selftest.facts import DeviceFacts, DriverFacts

LAST_RESORT = "see the kernel log: sudo dmesg | grep -iE 'nvrm|nvidia'"
"""What is advised where the driver itself says nothing more."""

_ROOT = str(Path(dstui.__file__).parents[1])
_START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from dstui.gpu.selftest.nvml_probe import main; main()"
)
_COMMAND = (sys.executable, "-P", "-c", _START, _ROOT)


def ask_driver(limit_s: float, stop: threading.Event) -> DriverFacts:
    """All facts. Raises `DriverHangsError`."""
    return driver_facts(*run_child(_COMMAND, limit_s, stop))


def driver_facts(output: bytes, exit_code: int = 0) -> DriverFacts:
    """What the child wrote; when it crashed in the library, that is what it says."""
    try:
        told = json.loads(output)
        return DriverFacts(
            error=clean(str(told.get("error", ""))),
            code=told.get("code"),
            driver=clean(str(told.get("driver", ""))),
            cuda=clean(str(told.get("cuda", ""))),
            devices=tuple(map(_device, told.get("devices", ()))),
        )
    except (ValueError, TypeError, AttributeError):
        how = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
        return DriverFacts(error=f"the process that asks the driver ended with {how}")


def _device(told: dict[str, Any]) -> DeviceFacts:
    texts = {name: clean(str(told[name])) for name in _TEXTS if name in told}
    held = tuple((pid, used) for pid, used in told.get("processes", ()))
    return DeviceFacts(**{**told, **texts, "processes": held})


_TEXTS = ("error", "uuid", "name", "bus_id")
