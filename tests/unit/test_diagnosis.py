"""Messages about GPUs: each row of the table names the cause of a message as it really comes."""

import pytest

from dstui.domain.cuda_result import cuda_error
from dstui.domain.data import rows
from dstui.domain.diagnosis import _compiled, diagnose, remedy_of

_CLI = "nvidia-container-cli: "
_INIT = f"{_CLI}initialization error: "

MESSAGES = (
    'could not select device driver "" with capabilities: [[gpu]]',
    'could not select device driver "cdi" with capabilities: []',
    "Unknown runtime specified nvidia",
    "cannot set both Count and DeviceIDs on device request",
    'error gathering device information while adding custom device "/dev/nvidia0": no such file or '
    "directory",
    "CDI device injection failed: unresolvable CDI devices runtime.nvidia.com/gpu=all",
    "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=7",
    "invoking the NVIDIA Container Runtime Hook directly (e.g. specifying the docker --gpus flag) "
    "is not supported",
    'exec: "nvidia-container-runtime-hook": executable file not found in $PATH',
    "couldn't find binary nvidia-container-cli in PATH",
    f"{_INIT}load library failed: libnvidia-ml.so.1: cannot open shared object file",
    f"{_INIT}nvml error: driver not loaded",
    f"{_INIT}nvml error: driver/library version mismatch",
    f"{_INIT}nvml error: unknown error",
    f"{_INIT}driver rpc error: timed out",
    f"{_INIT}driver error: failed to process request",
    f"{_CLI}requirement error: unsatisfied condition: cuda>=12.4, please update your driver",
    f"{_CLI}requirement error: unsatisfied condition: brand=tesla",
    f"{_CLI}device error: 5: unknown device",
    f"{_CLI}container error: cgroup subsystem devices not found",
    f"{_CLI}mount error: failed to add device rules: bpf_prog_query(BPF_CGROUP_DEVICE) failed",
    f"{_CLI}mount error: failed to add device rules: write devices.allow: permission denied",
    f"{_CLI}mount error: file creation failed: /merged/usr/lib/libnvidia-ml.so.1: file exists",
    f"{_CLI}mount error: stat failed: /usr/lib/libcuda.so.535.1: no such file or directory",
    f"{_CLI}ldcache error: open failed: /sbin/ldconfig.real: no such file or directory",
    f"{_CLI}permission error: /dev/nvidiactl",
    'exec: "nvidia-smi": executable file not found in $PATH',
    "Failed to initialize NVML: Driver/library version mismatch",
    "Failed to initialize NVML: Unknown Error",
    "Failed to initialize NVML: Insufficient Permissions",
    "Failed to initialize NVML: GPU access blocked by the operating system",
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
    "No devices were found",
    "Unable to determine the device handle for GPU 0000:3B:00.0: Unknown Error",
    "GPU is lost",
    "GPU 0 is currently In use by another client",
    "NVML: Function Not Found",
    "OSError: libcuda.so.1: cannot open shared object file: No such file or directory",
    cuda_error(34),
    "CUDA driver version is insufficient for CUDA runtime version",
    cuda_error(100),
    cuda_error(101),
    cuda_error(46),
    "CUDA error: no kernel image is available for execution on the device",
    cuda_error(222),
    cuda_error(214),
    cuda_error(304),
    cuda_error(719),
    cuda_error(802),
    cuda_error(803),
    cuda_error(804),
    cuda_error(805),
    cuda_error(999),
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
    "AssertionError: Torch not compiled with CUDA enabled",
    "RuntimeError: Found no NVIDIA driver on your system.",
    "Could not find cuda drivers on your machine, GPU will not be used.",
    "Cannot dlopen some GPU libraries. Skipping registering GPU devices...",
    "a CUDA-enabled jaxlib is not installed. Falling back to cpu.",
    "RuntimeError: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED",
    "NCCL WARN Error while creating shared memory segment /dev/shm/nccl-x (size 9637888)",
    "DataLoader worker (pid 71) is killed: Unexpected bus error encountered in worker.",
    "unhandled system error, NCCL version 2.21.5",
    "NVRM: API mismatch: the client has the version 535.54.03, but this kernel module has",
    "NVRM: Xid (PCI:0000:3b:00): 13, Graphics SM Warp Exception",
    "GPU 0000:3b:00.0 has fallen off the bus",
    "request_free_mem_region() err -34",
    "E: Conflicting values set for option Signed-By regarding source",
    "groups: cannot find name for group ID 44",
)
"""One for each row, in the order of the table."""

HOOK_MESSAGES = tuple(
    words for words in MESSAGES if words.startswith((_CLI, "couldn't find binary", "invoking the"))
)
"""What NVIDIA's hook itself says."""


def row_of(message: str) -> int | None:
    """The first row of the table that matches."""
    patterns = [row["pattern"] for row in rows("gpu_errors")]
    return next((n for n, p in enumerate(patterns) if _compiled(p).search(message)), None)


def test_there_is_a_message_for_each_row():
    assert len(MESSAGES) == len(rows("gpu_errors"))


@pytest.mark.parametrize(("row", "message"), enumerate(MESSAGES))
def test_each_row_names_the_cause_of_its_message(row, message):
    assert row_of(message) == row
    found, wanted = diagnose(message), rows("gpu_errors")[row]
    assert found is not None
    assert (found.where, found.cause, found.fix) == tuple(
        wanted[name] for name in ("where", "cause", "fix")
    )
    assert found.cause and found.fix


def test_what_is_not_known_is_not_made_up():
    assert diagnose("the printer is out of paper") is None
    assert remedy_of("the printer is out of paper").cause == ""


def test_the_hooks_own_words_go_before_the_general_ones_they_quote():
    words = MESSAGES[21]
    assert "permission denied" in words
    assert remedy_of(words).fix == rows("gpu_errors")[21]["fix"]
    assert "another container is named" in remedy_of('name "/web" is already in use').cause


@pytest.mark.parametrize("code", [1, 2, 3, 34, 35, 46, 100, 101, 209, 719, 802, 803, 804, 999, 7])
def test_a_result_of_cuda_is_named_in_full(code):
    assert cuda_error(code).startswith(f"code={code} ")
