"""What a container was granted and publishes, as short text."""

from collections.abc import Iterable
from typing import NamedTuple

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
    """Published ports as `8888->80`, then those that are only exposed; IPv4 and IPv6 as one.

    Neighbours are a range, as `docker ps` has it: `8000-8010->8000-8010`.
    """
    published: dict[_Range, None] = {}
    exposed: dict[_Range, None] = {}
    for port in ports:
        protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
        if port.host_port is None:
            exposed[_Range("", protocol, None, port.container_port)] = None
            continue
        anywhere = port.host_ip in (None, "", "0.0.0.0", "::")
        where = "" if anywhere else f"{port.host_ip}:"
        published[_Range(where, protocol, port.host_port, port.container_port)] = None
    return " ".join(str(found) for found in (*_joined(published), *_joined(exposed)))


class _Range(NamedTuple):
    """Neighbouring ports of one address and protocol, `length` of them."""

    where: str
    protocol: str
    host: int | None
    container: int
    length: int = 1

    def __str__(self) -> str:
        host = "" if self.host is None else f"{self.where}{_ports(self.host, self.length)}->"
        return f"{host}{_ports(self.container, self.length)}{self.protocol}"

    @property
    def next(self) -> "_Range":
        """The one port that would make it longer."""
        host = None if self.host is None else self.host + self.length
        return _Range(self.where, self.protocol, host, self.container + self.length)


def _ports(first: int, count: int) -> str:
    return str(first) if count == 1 else f"{first}-{first + count - 1}"


def _joined(ports: Iterable[_Range]) -> list[_Range]:
    """The ranges, each where its first port stands."""
    joined: list[_Range] = []
    growing: dict[_Range, int] = {}
    for port in ports:
        place = growing.pop(port, len(joined))
        if place == len(joined):
            joined.append(port)
        else:
            joined[place] = joined[place]._replace(length=joined[place].length + 1)
        growing[joined[place].next] = place
    return joined


def mount_text(mount: Mount) -> str:
    """`source:destination:ro`, as `docker run --volume` takes it."""
    source = mount.volume or mount.source or mount.type
    return f"{source}:{mount.destination}{':ro' if mount.read_only else ''}"
