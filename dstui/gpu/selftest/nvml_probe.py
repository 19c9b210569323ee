"""Asks the driver everything the self-test wants to know, once: `python -m …nvml_probe`.

It runs as a process of its own, as any call may hang in the driver, and writes one JSON object.
"""

import ctypes
import json
import sys
from collections.abc import Callable
from typing import Any

import pynvml

from dstui.gpu import nvml
from dstui.gpu.provider import DriverError

_UNCORRECTED, _VOLATILE, _AGGREGATE = 1, 0, 1
_RECOVERY_ACTION = 230
"""A field of R570 and later, which older bindings have no name for."""
_NO_GPU_NEEDED = 1

Answer = dict[str, Any]


def main() -> None:
    """Write what the driver says."""
    json.dump(driver(), sys.stdout)


def driver() -> Answer:
    """The driver and its devices."""
    try:
        pynvml.nvmlInitWithFlags(_NO_GPU_NEEDED)
    except pynvml.NVMLError as error:
        return {"error": _words(error), "code": int(error.value)}
    cuda = _try(pynvml.nvmlSystemGetCudaDriverVersion_v2)
    try:
        count = pynvml.nvmlDeviceGetCount()
    except pynvml.NVMLError as error:
        return {"error": _words(error), "code": int(error.value)}
    return {
        "driver": _text(_try(pynvml.nvmlSystemGetDriverVersion)),
        "cuda": f"{cuda // 1000}.{cuda % 1000 // 10}" if cuda else "",
        "devices": [_device(index) for index in range(count)],
    }


def _device(index: int) -> Answer:
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    except pynvml.NVMLError as error:
        return {"index": index, "error": _words(error)}
    uuid = _try(pynvml.nvmlDeviceGetUUID, handle)
    pci = _try(pynvml.nvmlDeviceGetPciInfo, handle)
    found = {
        "index": index,
        "uuid": _text(uuid),
        "name": _text(_try(pynvml.nvmlDeviceGetName, handle)),
        "bus_id": _text(pci.busId) if pci is not None else "",
        **{name: ask(handle) for name, ask in _QUESTIONS.items()},
        **_remapping(handle),
        **_memory(handle),
        **_fabric(handle),
    }
    return {name: value for name, value in found.items() if value is not None}


def _question(function: str, *more: int) -> Callable[[Any], int | None]:
    """A call that answers a number; one that this binding or driver has not answers nothing."""

    def ask(handle: Any) -> int | None:
        call = getattr(pynvml, function, None)
        answer = _try(call, handle, *more) if call is not None else None
        return int(answer) if answer is not None else None

    return ask


def _flag(function: str) -> Callable[[Any], bool | None]:
    ask = _question(function)

    def answer(handle: Any) -> bool | None:
        found = ask(handle)
        return None if found is None else found == 1

    return answer


def _mig(handle: Any) -> bool | None:
    answer = _try(pynvml.nvmlDeviceGetMigMode, handle)
    return None if answer is None else answer[0] == 1


def _recovery_action(handle: Any) -> int | None:
    fields = _try(pynvml.nvmlDeviceGetFieldValues, handle, [_RECOVERY_ACTION])
    if not fields or fields[0].nvmlReturn != pynvml.NVML_SUCCESS:
        return None
    return int(fields[0].value.uiVal)


_QUESTIONS: dict[str, Callable[[Any], object]] = {
    "persistence": _flag("nvmlDeviceGetPersistenceMode"),
    "ecc_volatile": _question("nvmlDeviceGetTotalEccErrors", _UNCORRECTED, _VOLATILE),
    "ecc_aggregate": _question("nvmlDeviceGetTotalEccErrors", _UNCORRECTED, _AGGREGATE),
    "retirement_pending": _flag("nvmlDeviceGetRetiredPagesPendingStatus"),
    "recovery_action": _recovery_action,
    "link_width": _question("nvmlDeviceGetCurrPcieLinkWidth"),
    "link_width_max": _question("nvmlDeviceGetMaxPcieLinkWidth"),
    "replays": _question("nvmlDeviceGetPcieReplayCounter"),
    "throttle_reasons": _question("nvmlDeviceGetCurrentClocksThrottleReasons"),
    "compute_mode": _question("nvmlDeviceGetComputeMode"),
    "mig": _mig,
}


def _remapping(handle: Any) -> Answer:
    answer = _try(pynvml.nvmlDeviceGetRemappedRows, handle)
    if answer is None:
        return {}
    _, _, pending, failure = answer
    return {"remap_pending": bool(pending), "remap_failed": bool(failure)}


def _memory(handle: Any) -> Answer:
    """In the forms that the sampler uses: an older one counts what the driver itself reserves."""
    holders = _try(nvml.processes, handle) or ()
    found: Answer = {"processes": [[holder.pid, holder.memory_bytes] for holder in holders]}
    if (memory := _try(nvml.memory, handle)) is not None:
        found["memory_used"], found["memory_total"] = memory
    return found


def _fabric(handle: Any) -> Answer:
    for call, kind in _FABRIC_FORMS:
        if hasattr(pynvml, call) and hasattr(pynvml, kind):
            info = getattr(pynvml, kind)()
            if _try(getattr(pynvml, call), handle, ctypes.byref(info)) is not None:
                return {"fabric_state": int(info.state), "fabric_status": int(info.status)}
    return {}


_FABRIC_FORMS = (
    ("nvmlDeviceGetGpuFabricInfoV", "c_nvmlGpuFabricInfo_v2_t"),
    ("nvmlDeviceGetGpuFabricInfo", "c_nvmlGpuFabricInfo_t"),
)
"""The newest first: calls, and the structures that they fill."""


def _try(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (pynvml.NVMLError, DriverError, ValueError, AttributeError, TypeError):
        return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _words(error: Any) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the words of some codes are the library's, which may be gone
        return f"NVML error {error.value}"


if __name__ == "__main__":
    main()
