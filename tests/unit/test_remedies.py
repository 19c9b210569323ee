"""The engine's refusals, as Docker 20.10 and podman 4.3 word them, are explained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.remedies import remedy


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (
            'Error when allocating new name: Conflict. The container name "/web" is already in use '
            'by container "8bcb12cb3bf1". You have to remove (or rename) that container',
            "another container is named web",
        ),
        (
            "driver failed programming external connectivity on endpoint x (c4b0): Bind for "
            "0.0.0.0:45999 failed: port is already allocated",
            "another container or a program of the host uses the port",
        ),
        (
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to "
            'start container process: exec: "train": executable file not found in $PATH: unknown',
            "the image has no command train",
        ),
        ("Cannot kill container: a: Container 8bcb is not running", "it is not running"),
        (
            "You cannot remove a running container b26b. Stop the container before attempting "
            "removal or force remove",
            "it is running",
        ),
        (
            "remove data: volume is in use - [b26b0eec]",
            "a container uses the volume, even if it is stopped",
        ),
        (
            "error while removing network: network n id c3d has active endpoints",
            "containers are connected to the network",
        ),
        (
            "bridge is a pre-defined network and cannot be removed",
            "it is one of the engine's own networks",
        ),
        (
            "conflict: unable to delete f797 (cannot be forced) - image is being used by running "
            "container 8b7c",
            "the running container 8b7c uses the image",
        ),
        (
            "conflict: unable to delete f797 (must be forced) - image is being used by stopped "
            "container 8b7c",
            "the stopped container 8b7c uses the image",
        ),
        (
            "conflict: unable to delete f797 (must be forced) - image is referenced in multiple "
            "repositories",
            "it has several references",
        ),
        (
            "conflict: unable to delete f797 (cannot be forced) - image has dependent child images",
            "other images are built on it",
        ),
        (
            'could not select device driver "" with capabilities: [[gpu]]',
            "the engine has no NVIDIA container toolkit",
        ),
        ("unknown or invalid runtime name: nvidia", "the engine has no runtime named nvidia"),
        (
            "Auto-detected mode as 'legacy' nvidia-container-cli: requirement error: unsatisfied "
            "condition: cuda>=12.4, please update your driver",
            "the image needs CUDA 12.4, more than the host's driver offers",
        ),
        (
            "nvidia-container-cli: initialization error: nvml error: driver/library version "
            "mismatch",
            "the NVIDIA driver was upgraded while the old kernel module is still loaded",
        ),
        (
            'error gathering device information while adding custom device "/dev/nvidia0": no such '
            "file or directory",
            "the host has no device /dev/nvidia0",
        ),
    ],
)
def test_known_refusals(message: str, cause: str) -> None:
    found = remedy(message)
    assert found is not None
    assert found.cause == cause


def test_an_unknown_refusal_is_left_to_speak_for_itself() -> None:
    assert remedy("the moon is in the wrong house") is None


@given(st.text())
def test_no_message_breaks_it(message: str) -> None:
    remedy(message)
