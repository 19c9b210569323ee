"""The NVIDIA driver's library (NVML) in plain values: no NVML name leaves this file
and `nvml_events`.

Every function may block in the driver. Device functions raise `DriverError`, opening raises
`DriverUnavailableError`. Units are bytes, watts, percent, MHz and degrees Celsius.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, NewType, TypeVar

import pynvml

from dstui.gpu import library
from dstui.gpu.provider import DriverError, DriverUnavailableError, FaultKind

Handle = NewType("Handle", object)
T = TypeVar("T")

_KINDS = {
    pynvml.NVML_ERROR_UNINITIALIZED: FaultKind.CLOSED,
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED: FaultKind.CLOSED,
    pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: FaultKind.CLOSED,
    pynvml.NVML_ERROR_TIMEOUT: FaultKind.SILENT,
    pynvml.NVML_ERROR_NOT_SUPPORTED: FaultKind.UNSUPPORTED,
    pynvml.NVML_ERROR_FUNCTION_NOT_FOUND: FaultKind.UNSUPPORTED,
    pynvml.NVML_ERROR_ARGUMENT_VERSION_MISMATCH: FaultKind.UNSUPPORTED,
    pynvml.NVML_ERROR_NO_PERMISSION: FaultKind.DENIED,
    pynvml.NVML_ERROR_GPU_IS_LOST: FaultKind.LOST,
    pynvml.NVML_ERROR_RESET_REQUIRED: FaultKind.LOST,
    pynvml.NVML_ERROR_GPU_NOT_FOUND: FaultKind.LOST,
}
_REASONS = {
    pynvml.NVML_ERROR_NOT_SUPPORTED: "not supported by this GPU",
    pynvml.NVML_ERROR_FUNCTION_NOT_FOUND: "not known to this driver",
    pynvml.NVML_ERROR_ARGUMENT_VERSION_MISMATCH: "not known to this driver",
    pynvml.NVML_ERROR_NO_PERMISSION: "no permission",
    pynvml.NVML_ERROR_GPU_IS_LOST: "GPU is lost: it fell off the bus or its firmware died",
    pynvml.NVML_ERROR_RESET_REQUIRED: "GPU requires a reset",
    pynvml.NVML_ERROR_GPU_NOT_FOUND: "GPU is not there any more",
}
_UNAVAILABLE = {
    pynvml.NVML_ERROR_LIBRARY_NOT_FOUND: (library.MISSING_REASON, library.MISSING_FIX),
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED: (
        "The NVIDIA driver is installed, but its kernel module is not loaded",
        "sudo modprobe nvidia; after a kernel update see dkms status, with Secure Boot "
        "mokutil --sb-state",
    ),
    pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: (
        "The NVIDIA library and the loaded kernel module are of different versions: "
        "the driver was updated",
        "Reboot, or unload and load the nvidia modules",
    ),
    pynvml.NVML_ERROR_NO_PERMISSION: (
        "This user may not use the NVIDIA driver",
        "See the mode and group of /dev/nvidiactl and /dev/nvidia0",
    ),
    pynvml.NVML_ERROR_OPERATING_SYSTEM: (
        "The operating system blocks the GPUs",
        "On WSL2, update Windows' NVIDIA driver and WSL, and install no Linux driver inside",
    ),
}
_NO_GPU_NEEDED = 1
"""The flag with which opening succeeds on a machine whose last GPU is gone."""
_WIDE_TYPES = (2, 3, 4)
_COMPUTE_MODES = ("Default", "Exclusive_Thread", "Prohibited", "Exclusive_Process")
_UNCORRECTED, _SINCE_DRIVER_LOAD = 1, 0
_SM_CLOCK, _MEMORY_CLOCK = 1, 2
_NO_INSTANCE = 2**32 - 1
_PCIE_SENT, _PCIE_RECEIVED = 197, 198
"""Fields that count bytes; unlike the call for the throughput they need no wait of 20 ms."""
_NO_SAMPLES = (0, pynvml.NVML_ERROR_NOT_FOUND)
"""What the binding raises when there are no samples: it takes the driver's success for an error."""


class ProcessMemory(NamedTuple):
    """A process on a GPU and the memory it holds there, `None` when the driver hides it."""

    pid: int
    memory_bytes: int | None
    instance: tuple[int, int] | None = None
    """The MIG instance that it runs on, if the driver says so."""


class Activity(NamedTuple):
    """The share of time that a process computed on a GPU, until `timestamp` (microseconds)."""

    pid: int
    timestamp: int
    percent: float


def open_session() -> None:
    """Load the library and speak to the driver; raises `DriverUnavailableError`."""
    try:
        pynvml.nvmlInitWithFlags(_NO_GPU_NEEDED)
    except pynvml.NVMLError as error:
        other = (f"The NVIDIA driver does not work: {error}", "See the kernel log for NVRM lines")
        raise DriverUnavailableError(*_UNAVAILABLE.get(error.value, other)) from None


def close_session() -> None:
    """Let go of the driver."""
    ask(pynvml.nvmlShutdown)


def driver_version() -> str:
    """As the library says it, `570.86.15`."""
    return str(ask(pynvml.nvmlSystemGetDriverVersion))


def cuda_version() -> str:
    """The newest CUDA that the driver runs, `12.8`."""
    version = int(ask(pynvml.nvmlSystemGetCudaDriverVersion_v2))
    return f"{version // 1000}.{version % 1000 // 10}"


def count() -> int:
    """How many GPUs the driver knows, the lost ones too."""
    return int(ask(pynvml.nvmlDeviceGetCount))


def device(index: int) -> Handle:
    """A handle of the GPU at this place in the order of PCI addresses."""
    return Handle(ask(pynvml.nvmlDeviceGetHandleByIndex, index))


def uuid(handle: Handle) -> str:
    """`GPU-…`, the same across reboots."""
    return str(ask(pynvml.nvmlDeviceGetUUID, handle))


def name(handle: Handle) -> str:
    """The product's name."""
    return str(ask(pynvml.nvmlDeviceGetName, handle))


def pci_bus_id(handle: Handle) -> tuple[str]:
    """`00000000:3B:00.0`."""
    bus_id = ask(pynvml.nvmlDeviceGetPciInfo, handle).busId
    return (bus_id.decode() if isinstance(bus_id, bytes) else str(bus_id),)


def minor(handle: Handle) -> tuple[int]:
    """The N of /dev/nvidiaN."""
    return (int(ask(pynvml.nvmlDeviceGetMinorNumber, handle)),)


def utilization(handle: Handle) -> tuple[float, float]:
    """The share of the last sample period with a kernel running, and with memory in use."""
    rates = ask(pynvml.nvmlDeviceGetUtilizationRates, handle)
    return float(rates.gpu), float(rates.memory)


def memory(handle: Handle) -> tuple[int, int]:
    """Used and total bytes; without what the driver reserves, where it can tell (R510)."""
    info = _newest(_memory_v2, pynvml.nvmlDeviceGetMemoryInfo)(handle)
    return int(info.used), int(info.total)


def temperature(handle: Handle) -> tuple[float]:
    """Of the chip."""
    return (float(_newest(_temperature_v1, _temperature)(handle)),)


def power(handle: Handle) -> tuple[float]:
    """The draw now, or over the last second, by product."""
    return (ask(pynvml.nvmlDeviceGetPowerUsage, handle) / 1000,)


def power_limit(handle: Handle) -> tuple[float]:
    """The limit that is enforced now."""
    return (ask(pynvml.nvmlDeviceGetEnforcedPowerLimit, handle) / 1000,)


def clocks(handle: Handle) -> tuple[int, int]:
    """Of the streaming multiprocessors and of the memory."""
    sm = ask(pynvml.nvmlDeviceGetClockInfo, handle, _SM_CLOCK)
    return int(sm), int(ask(pynvml.nvmlDeviceGetClockInfo, handle, _MEMORY_CLOCK))


def fan(handle: Handle) -> tuple[float]:
    """The intended speed, as a share of the greatest."""
    return (float(ask(pynvml.nvmlDeviceGetFanSpeed, handle)),)


def ecc_errors(handle: Handle) -> tuple[int]:
    """Uncorrected errors since the driver was loaded."""
    errors = ask(pynvml.nvmlDeviceGetTotalEccErrors, handle, _UNCORRECTED, _SINCE_DRIVER_LOAD)
    return (int(errors),)


def mig(handle: Handle) -> tuple[bool]:
    """Whether the GPU is split into instances."""
    return (ask(pynvml.nvmlDeviceGetMigMode, handle)[0] == 1,)


def persistence(handle: Handle) -> tuple[bool]:
    """Whether the driver stays loaded without a client."""
    return (ask(pynvml.nvmlDeviceGetPersistenceMode, handle) == 1,)


def compute_mode(handle: Handle) -> tuple[str]:
    """In the words of `nvidia-smi`."""
    mode = int(ask(pynvml.nvmlDeviceGetComputeMode, handle))
    return (_COMPUTE_MODES[mode] if mode < len(_COMPUTE_MODES) else str(mode),)


def performance_state(handle: Handle) -> tuple[str | None]:
    """From `P0`, the fastest, to `P15`."""
    state = int(ask(pynvml.nvmlDeviceGetPerformanceState, handle))
    return (f"P{state}" if state <= 15 else None,)


def processes(handle: Handle) -> list[ProcessMemory]:
    """Who holds a context: compute, graphics and MPS clients, each process once."""
    found: dict[int, ProcessMemory] = {}
    for entry in _process_entries(handle):
        before, now = found.get(entry.pid), entry.usedGpuMemory
        if before is not None and before.memory_bytes is not None:
            now = max(before.memory_bytes, now or 0)
        found[entry.pid] = ProcessMemory(entry.pid, now, _instance_of(entry))
    return list(found.values())


def _instance_of(entry: Any) -> tuple[int, int] | None:
    ids = (
        getattr(entry, "gpuInstanceId", _NO_INSTANCE),
        getattr(entry, "computeInstanceId", _NO_INSTANCE),
    )
    return None if _NO_INSTANCE in ids else ids


def activity(handle: Handle, since: int) -> list[Activity]:
    """What the processes computed after the timestamp `since`; empty when nothing is newer."""
    try:
        samples = pynvml.nvmlDeviceGetProcessUtilization(handle, since)
    except pynvml.NVMLError as error:
        if error.value in _NO_SAMPLES:
            return []
        raise _fault(error) from None
    return [Activity(int(s.pid), int(s.timeStamp), float(s.smUtil)) for s in samples]


def pcie_counters(handle: Handle) -> tuple[int, int]:
    """Bytes received and sent since some time in the past."""
    fields = ask(pynvml.nvmlDeviceGetFieldValues, handle, [_PCIE_RECEIVED, _PCIE_SENT])
    return _counter(fields[0]), _counter(fields[1])


def _counter(field: Any) -> int:
    if field.nvmlReturn == pynvml.NVML_ERROR_INVALID_ARGUMENT:
        raise DriverError(FaultKind.UNSUPPORTED, "not known to this driver")
    if field.nvmlReturn:
        raise _fault(pynvml.NVMLError(field.nvmlReturn))
    if field.valueType not in _WIDE_TYPES:
        raise DriverError(FaultKind.UNSUPPORTED, "this driver's counter wraps within a second")
    return int(field.value.ullVal)


def instances(handle: Handle) -> list[Handle]:
    """The MIG instances that a GPU is split into now; a handle ends with its instance."""
    found = []
    for index in range(int(ask(pynvml.nvmlDeviceGetMaxMigDeviceCount, handle))):
        try:
            found.append(Handle(ask(pynvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, index)))
        except DriverError as fault:
            if fault.kind in (FaultKind.LOST, FaultKind.CLOSED, FaultKind.DENIED):
                raise
    return found


def instance_ids(handle: Handle) -> tuple[int, int]:
    """The ids of the GPU instance and of the compute instance of a MIG instance."""
    gpu_instance = int(ask(pynvml.nvmlDeviceGetGpuInstanceId, handle))
    return gpu_instance, int(ask(pynvml.nvmlDeviceGetComputeInstanceId, handle))


def _process_entries(handle: Handle) -> Iterable[Any]:
    yield from _newest(
        pynvml.nvmlDeviceGetComputeRunningProcesses_v3,
        pynvml.nvmlDeviceGetComputeRunningProcesses_v2,
    )(handle)
    for further in (
        _newest(
            pynvml.nvmlDeviceGetGraphicsRunningProcesses_v3,
            pynvml.nvmlDeviceGetGraphicsRunningProcesses_v2,
        ),
        _newest(
            pynvml.nvmlDeviceGetMPSComputeRunningProcesses_v3,
            pynvml.nvmlDeviceGetMPSComputeRunningProcesses_v2,
        ),
    ):
        try:
            yield from further(handle)
        except DriverError as fault:
            if fault.kind is not FaultKind.UNSUPPORTED:
                raise


def _memory_v2(handle: Handle) -> Any:
    return pynvml.nvmlDeviceGetMemoryInfo(handle, version=pynvml.nvmlMemory_v2)


def _temperature_v1(handle: Handle) -> Any:
    return pynvml.nvmlDeviceGetTemperatureV(handle, pynvml.NVML_TEMPERATURE_GPU)


def _temperature(handle: Handle) -> Any:
    return pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU)


def _newest(*forms: Callable[[Handle], Any]) -> Callable[[Handle], Any]:
    """The first form of a call that driver and GPU support: newer ones tell more."""

    def call(handle: Handle) -> Any:
        for form in forms[:-1]:
            try:
                return ask(form, handle)
            except DriverError as fault:
                if fault.kind is not FaultKind.UNSUPPORTED:
                    raise
        return ask(forms[-1], handle)

    return call


def ask(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function of the binding; raises `DriverError`."""
    try:
        return function(*arguments)
    except pynvml.NVMLError as error:
        raise _fault(error) from None


def _fault(error: pynvml.NVMLError) -> DriverError:
    kind = _KINDS.get(error.value, FaultKind.OTHER)
    return DriverError(kind, _REASONS.get(error.value) or f"driver error: {error}")
