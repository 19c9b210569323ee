"""What the engine tells of itself, and the processes it lists."""

from typing import Any

from dstui.domain.engine import Endpoint, EngineInfo, ProcessTable
from dstui.domain.image import ImageStore
from dstui.engine.convert.read import Json, mapping, rows, text, texts, whole


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
        image_store=_image_store(found, product),
        cgroup_version=text(found.get("CgroupVersion")),
        cgroup_driver=text(found.get("CgroupDriver")),
        data_root=text(found.get("DockerRootDir")),
        runtimes=tuple(sorted(map(text, mapping(found.get("Runtimes"))))),
        default_runtime=text(found.get("DefaultRuntime")),
        rootless=rootless or found.get("Rootless") is True,
        warnings=texts(found.get("Warnings")),
    )


def _image_store(found: Json, product: str) -> ImageStore:
    """The containerd store names itself in the status of its driver."""
    if product == "Podman":
        return ImageStore.CONTAINERS_STORAGE
    types = [texts(pair)[1:] for pair in rows(found.get("DriverStatus")) if _names_type(pair)]
    snapshotter = any("containerd.snapshotter" in text(name) for names in types for name in names)
    return ImageStore.CONTAINERD if snapshotter else ImageStore.GRAPH_DRIVER


def _names_type(pair: Any) -> bool:
    return texts(pair)[:1] == ("driver-type",)


def process_table(answer: Any) -> ProcessTable:
    """The answer of `GET /containers/ID/top`; each row has a cell for each title."""
    found = mapping(answer)
    titles = texts(found.get("Titles"))
    processes = (tuple(map(text, rows(row)))[: len(titles)] for row in rows(found.get("Processes")))
    return ProcessTable(
        titles,
        tuple((*row, *[""] * (len(titles) - len(row))) for row in processes if row),
    )
