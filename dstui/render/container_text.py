"""What a container was granted and publishes, as short text."""

from collections.abc import Iterable

from dstui.domain.container import Mount, Port
from dstui.domain.gpu import GpuGrant
from dstui.render.column import UNKNOWN


def gpus_text(grant: GpuGrant) -> str:
    """`all`, a count, or the ids with UUIDs cut short."""
    if grant.all:
        return "all"
    if grant.ids:
        return ",".join(i[:12] if i.startswith(("GPU-", "MIG-")) else i for i in grant.ids)
    return UNKNOWN if grant.count is None else f"{grant.count}×"


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
