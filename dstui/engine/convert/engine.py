"""What the engine tells of itself, and the processes it lists."""

from typing import Any

from dstui.domain.engine import Endpoint, EngineInfo, ProcessTable
from dstui.engine.convert.read import mapping, rows, text, texts, whole


def info(answer: Any, product: str, api_version: str, endpoint: Endpoint) -> EngineInfo:
    """The answer of `GET /info`."""
    found = mapping(answer)
    rootless = any("rootless" in option for option in texts(found.get("SecurityOptions")))
    return EngineInfo(
        id=text(found.get("ID")),
        name=text(found.get("Name")),
        product=product,
        version=text(found.get("ServerVersion")),
        api_version=api_version,
        host=text(endpoint.host),
        context=endpoint.context,
        operating_system=text(found.get("OperatingSystem")),
        kernel=text(found.get("KernelVersion")),
        cpus=whole(found.get("NCPU")) or 0,
        memory_bytes=whole(found.get("MemTotal")) or 0,
        storage_driver=text(found.get("Driver")),
        cgroup_version=text(found.get("CgroupVersion")),
        cgroup_driver=text(found.get("CgroupDriver")),
        data_root=text(found.get("DockerRootDir")),
        runtimes=tuple(sorted(map(text, mapping(found.get("Runtimes"))))),
        default_runtime=text(found.get("DefaultRuntime")),
        rootless=rootless or found.get("Rootless") is True,
        warnings=texts(found.get("Warnings")),
    )


def process_table(answer: Any) -> ProcessTable:
    """The answer of `GET /containers/ID/top`."""
    found = mapping(answer)
    return ProcessTable(
        titles=texts(found.get("Titles")),
        rows=tuple(tuple(map(text, row)) for row in rows(found.get("Processes")) if row),
    )
