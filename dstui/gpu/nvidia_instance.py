"""One MIG instance of an NVIDIA GPU: the part of it that a container may be given."""

from dataclasses import replace

from dstui.domain.gpu import Gpu
from dstui.domain.text import clean
from dstui.gpu import nvml
from dstui.gpu.provider import DriverError, FaultKind
from dstui.gpu.readings import Questions, Reading

_READINGS = (Reading(nvml.memory, ("memory_used_bytes", "memory_total_bytes")),)
_NOT_MEASURED = "not measured for MIG instances"


class NvidiaInstance:
    """Reads one instance. Without rights on the GPU the driver tells little of it."""

    def __init__(self, index: int, uuid: str, handle: nvml.Handle) -> None:
        self.id = f"nvidia:{uuid}"
        self.handle = handle
        self.ids = _ids(handle)
        self._questions = Questions()
        self._gpu = Gpu(
            id=self.id,
            index=index,
            name=_profile(handle),
            instance=self.ids,
            unknown={"utilization_percent": _NOT_MEASURED},
        )

    def sample(self) -> Gpu:
        """What can be read of it now; raises `DriverError` as a lost GPU does."""
        try:
            self._gpu = self._questions.read(self._gpu, self.handle, _READINGS)
        except DriverError as fault:
            if fault.kind is FaultKind.CLOSED:
                raise
            self._gpu = replace(self._gpu, error=fault.reason)
        return self._gpu


def _ids(handle: nvml.Handle) -> tuple[int, int] | None:
    try:
        return nvml.instance_ids(handle)
    except DriverError as fault:
        if fault.kind in (FaultKind.LOST, FaultKind.CLOSED):
            raise
        return None


def _profile(handle: nvml.Handle) -> str:
    """`1g.10gb`, the end of `NVIDIA H100 80GB HBM3 MIG 1g.10gb`."""
    try:
        name = clean(nvml.name(handle)).strip()
    except DriverError as fault:
        if fault.kind in (FaultKind.LOST, FaultKind.CLOSED):
            raise
        name = ""
    return name.rpartition(" MIG ")[2] or "instance"
