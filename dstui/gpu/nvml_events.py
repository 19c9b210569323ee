"""The events of the NVIDIA driver, in plain values: beside `nvml` the one file that names NVML."""

import ctypes
from typing import Any, NamedTuple

import pynvml

from dstui.domain.gpu_event import ECC_CORRECTED, ECC_UNCORRECTED, XID
from dstui.gpu import nvml
from dstui.gpu.nvml import Handle
from dstui.gpu.provider import DriverError, FaultKind

_KINDS = {
    pynvml.nvmlEventTypeXidCriticalError: XID,
    pynvml.nvmlEventTypeSingleBitEccError: ECC_CORRECTED,
    pynvml.nvmlEventTypeDoubleBitEccError: ECC_UNCORRECTED,
}
_WANTED = sum(_KINDS)


class Told(NamedTuple):
    """What the driver told: of which GPU (a UUID), and which number for an Xid."""

    uuid: str
    kind: str
    code: int


class EventSet:
    """Waits for events of the GPUs that were added. Every method may raise `DriverError`."""

    def __init__(self) -> None:
        self._set = nvml.ask(pynvml.nvmlEventSetCreate)
        self._uuids: dict[int, str] = {}

    def add(self, handle: Handle, uuid: str) -> bool:
        """Listen to a GPU; false when it tells of nothing."""
        supported = int(nvml.ask(pynvml.nvmlDeviceGetSupportedEventTypes, handle))
        if not supported & _WANTED:
            return False
        nvml.ask(pynvml.nvmlDeviceRegisterEvents, handle, supported & _WANTED, self._set)
        self._uuids[_address(handle)] = uuid
        return True

    def wait(self, seconds: float) -> Told | None:
        """The next event, `None` if there is none within this time."""
        try:
            data = nvml.ask(pynvml.nvmlEventSetWait_v2, self._set, round(seconds * 1000))
        except DriverError as fault:
            if fault.kind is FaultKind.SILENT:
                return None
            raise
        kind = _KINDS.get(int(data.eventType))
        uuid = self._uuids.get(_address(data.device), "")
        return Told(uuid, kind, int(data.eventData)) if kind else None

    def close(self) -> None:
        """Listen no more."""
        nvml.ask(pynvml.nvmlEventSetFree, self._set)


def _address(handle: Any) -> int:
    """The driver gives a device's handle back with an event: the same pointer."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
