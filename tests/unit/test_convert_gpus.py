"""Which GPUs a container was granted, in each of the ways there are."""

from typing import Any

import pytest

from dstui.domain.gpu import GpuGrant
from dstui.engine.convert.gpu_grant import gpu_grant

GPU = [["gpu"]]
VARIABLE = "NVIDIA_VISIBLE_DEVICES"


def request(**more: Any) -> dict[str, Any]:
    return {"DeviceRequests": [{"Driver": "", "Capabilities": GPU, **more}]}


def device(path: str) -> dict[str, Any]:
    return {"Devices": [{"PathOnHost": path, "PathInContainer": path}]}


@pytest.mark.parametrize(
    ("host", "grant"),
    [
        (request(Count=-1), GpuGrant("--gpus", all=True)),
        (request(Count=2), GpuGrant("--gpus", count=2)),
        (request(Count=0, DeviceIDs=["0", "GPU-1"]), GpuGrant("--gpus", ids=("0", "GPU-1"))),
        (request(Count=0), None),
        (
            {"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=all"]}]},
            GpuGrant("CDI", all=True, ids=("nvidia.com/gpu=all",)),
        ),
        (
            {"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=1"]}]},
            GpuGrant("CDI", ids=("nvidia.com/gpu=1",)),
        ),
        ({"DeviceRequests": [{"Driver": "", "Capabilities": [["tpu"]], "Count": -1}]}, None),
        (device("/dev/nvidia3"), GpuGrant("--device", ids=("/dev/nvidia3",))),
        (device("/dev/nvidiactl"), None),
        (device("/dev/dri/renderD128"), GpuGrant("--device", ids=("/dev/dri/renderD128",))),
        (device("nvidia.com/gpu=0"), GpuGrant("CDI", ids=("nvidia.com/gpu=0",))),
        ({"Privileged": True}, GpuGrant("privileged", all=True)),
        ({"Privileged": True, **request(Count=1)}, GpuGrant("--gpus", count=1)),
        ({"DeviceRequests": None, "Devices": None}, None),
        ({}, None),
    ],
)
def test_by_the_host_config(host: dict[str, Any], grant: GpuGrant | None) -> None:
    assert gpu_grant({}, host) == grant


@pytest.mark.parametrize(
    ("environment", "grant"),
    [
        ([f"{VARIABLE}=all"], GpuGrant(VARIABLE, all=True)),
        ([f"{VARIABLE}=0,GPU-1"], GpuGrant(VARIABLE, ids=("0", "GPU-1"))),
        ([f"{VARIABLE}=none"], None),
        ([f"{VARIABLE}=void"], None),
        ([f"{VARIABLE}="], None),
        ([], None),
        (["CUDA_VERSION=8.0"], GpuGrant("CUDA_VERSION", all=True)),
        (["CUDA_VERSION=12.0", "NVIDIA_REQUIRE_CUDA=cuda>=12.0"], None),
    ],
)
def test_by_the_nvidia_runtime(environment: list[str], grant: GpuGrant | None) -> None:
    config = {"Env": environment}
    assert gpu_grant(config, {"Runtime": "nvidia"}) == grant
    assert gpu_grant(config, {"Runtime": ""}, default_runtime="nvidia") == grant


def test_the_variable_alone_grants_nothing() -> None:
    config = {"Env": [f"{VARIABLE}=all"]}
    assert gpu_grant(config, {"Runtime": "runc"}, default_runtime="nvidia") is None
