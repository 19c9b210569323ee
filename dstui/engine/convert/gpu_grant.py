"""Which GPUs a container was granted, and by which setting."""

import re
from collections.abc import Iterable

from dstui.domain.gpu import GpuGrant
from dstui.engine.convert.read import Json, environment, mapping, positive, rows, text, texts

_GPU_NODE = re.compile(r"/dev/(?:nvidia\d+|dri/renderD\d+|dxg|kfd)")
_CDI_GPU = re.compile(r"[\w.-]+/gpu=(\S+)")
_NO_GPU = ("none", "void", "")


def gpu_grant(config: Json, host: Json, default_runtime: str = "") -> GpuGrant | None:
    """The grant, `None` without one. A request outranks the runtime's variable, and this the
    device nodes; a privileged container has every node, but no driver libraries by that.
    """
    runtime = text(host.get("Runtime")) or default_runtime
    return (
        _requested(rows(host.get("DeviceRequests")))
        or (_by_variable(dict(environment(config.get("Env")))) if "nvidia" in runtime else None)
        or _by_devices(rows(host.get("Devices")))
        or (GpuGrant("privileged", all=True) if host.get("Privileged") is True else None)
    )


def _requested(requests: Iterable[object]) -> GpuGrant | None:
    wanted = [request for request in map(mapping, requests) if _asks_for_gpus(request)]
    ids = tuple(identity for request in wanted for identity in texts(request.get("DeviceIDs")))
    count = sum(positive(request.get("Count")) or 0 for request in wanted)
    everything = any(request.get("Count") == -1 for request in wanted)
    if any(text(request.get("Driver")) == "cdi" for request in wanted):
        return _by_names(ids)
    if everything or count or ids:
        return GpuGrant("--gpus", all=everything, count=count or None, ids=ids)
    return None


def _asks_for_gpus(request: Json) -> bool:
    capabilities = {name for group in rows(request.get("Capabilities")) for name in texts(group)}
    names = texts(request.get("DeviceIDs"))
    driver = text(request.get("Driver"))
    return (
        "gpu" in capabilities
        or driver.startswith(("nvidia", "amd"))
        or any(_CDI_GPU.fullmatch(name) for name in names)
    )


def _by_names(names: tuple[str, ...]) -> GpuGrant | None:
    """By CDI names, such as `nvidia.com/gpu=0`."""
    ids = tuple(found[1] for name in names if (found := _CDI_GPU.fullmatch(name)))
    return GpuGrant("CDI", all="all" in ids, ids=names) if ids else None


def _by_variable(variables: dict[str, str]) -> GpuGrant | None:
    """As the NVIDIA runtime reads them: without the variable only an early CUDA image has GPUs."""
    visible = variables.get("NVIDIA_VISIBLE_DEVICES")
    if visible is None:
        legacy = "CUDA_VERSION" in variables and "NVIDIA_REQUIRE_CUDA" not in variables
        return GpuGrant("CUDA_VERSION", all=True) if legacy else None
    if visible in _NO_GPU:
        return None
    if visible == "all":
        return GpuGrant("NVIDIA_VISIBLE_DEVICES", all=True)
    ids = tuple(part.strip() for part in visible.split(",") if part.strip())
    return GpuGrant("NVIDIA_VISIBLE_DEVICES", ids=ids)


def _by_devices(devices: Iterable[object]) -> GpuGrant | None:
    paths = tuple(text(mapping(device).get("PathOnHost")) for device in devices)
    nodes = tuple(path for path in paths if _GPU_NODE.fullmatch(path))
    return _by_names(paths) or (GpuGrant("--device", ids=nodes) if nodes else None)
