"""What a container was granted and publishes, as short text."""

from collections.abc import Iterable

from dstui.domain.container import Mount, Port
from dstui.domain.gpu import Gpu, GpuGrant, GpuReport
from dstui.domain.gpu_grants import granted
from dstui.render.column import UNKNOWN


def gpus_text(grant: GpuGrant, report: GpuReport | None = None) -> str:
    """`all`, or the indices of the GPUs (`7:0` for a MIG instance); what names no GPU of the
    report, or of an unknown machine, as configured with UUIDs cut short.
    """
    if grant.all:
        return "all"
    found = granted(grant, report)
    if found is not None and found.devices:
        return ",".join((*(gpu_index(one, report) for one in found.devices), *found.unknown))
    if grant.ids:
        return ",".join(i[:12] if i.startswith(("GPU-", "MIG-")) else i for i in grant.ids)
    return UNKNOWN if grant.count is None else f"{grant.count}×"


def gpu_index(gpu: Gpu, report: GpuReport | None) -> str:
    """`3`, or `3:1` for a MIG instance."""
    for whole in report.gpus if report else ():
        if gpu in whole.instances:
            return f"{whole.index}:{gpu.index}"
    return str(gpu.index)


def ports_text(ports: Iterable[Port]) -> str:
    """Published ports as `8888->80`, then those that are only exposed; IPv4 and IPv6 as one."""
    published: dict[str, None] = {}
    exposed: dict[str, None] = {}
    for port in ports:
        protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
        if port.host_port is None:
            exposed[f"{port.container_port}{protocol}"] = None
            continue
        anywhere = port.host_ip in (None, "", "0.0.0.0", "::")
        where = "" if anywhere else f"{port.host_ip}:"
        published[f"{where}{port.host_port}->{port.container_port}{protocol}"] = None
    return " ".join((*published, *exposed))


def mount_text(mount: Mount) -> str:
    """`source:destination:ro`, as `docker run --volume` takes it."""
    source = mount.volume or mount.source or mount.type
    return f"{source}:{mount.destination}{':ro' if mount.read_only else ''}"
