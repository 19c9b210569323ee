"""The driver's own facts, asked for in a child process that may hang without harm."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import dstui
from dstui.domain.text import clean
from dstui.gpu.selftest.facts import DeviceFacts, DriverFacts

_ROOT = str(Path(dstui.__file__).parents[1])
_START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from dstui.gpu.selftest.nvml_probe import main; main()"
)
_COMMAND = (sys.executable, "-P", "-c", _START, _ROOT)
_LOOK_EVERY_S = 0.05


class DriverHangsError(Exception):
    """The driver did not answer in the time given."""


def ask_driver(limit_s: float, stop: threading.Event) -> DriverFacts:
    """All facts. Raises `DriverHangsError`; a child that is stuck in the kernel is left behind."""
    child = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    output: list[bytes] = []

    def read() -> None:
        assert child.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            output.append(child.stdout.read())
            child.stdout.close()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    waited = 0.0
    while reader.is_alive() and waited < limit_s and not stop.is_set():
        reader.join(_LOOK_EVERY_S)
        waited += _LOOK_EVERY_S
    if reader.is_alive():
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_LOOK_EVERY_S)
        raise DriverHangsError
    code = child.wait()
    return driver_facts(b"".join(output), code)


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
