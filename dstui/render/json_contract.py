"""The objects of `--json`: what scripts may count on. docs/json.md describes every field.

Bytes are integers, times ISO 8601 UTC, percentages floats, and what is unknown is `None`.
Fields are only ever added; a change of meaning would raise `SCHEMA`.
"""

from collections.abc import Iterable
from typing import Any

from dstui.domain.container import Container, Mount, Port
from dstui.domain.engine import EngineInfo
from dstui.domain.gpu import GpuGrant, GpuReport
from dstui.domain.gpu_grants import granted as granted_gpus
from dstui.domain.gpu_use import GpuUse, gpu_use
from dstui.domain.usage import Usage
from dstui.render.containers import ContainerRow
from dstui.render.images import ImageRow
from dstui.render.networks import NetworkRow
from dstui.render.units import utc
from dstui.render.volumes import VolumeRow

SCHEMA = 1

Json = dict[str, Any]

_NO_USAGE = Usage(time=0.0)


def document(engine: EngineInfo | None, **content: Any) -> Json:
    """The one object on standard output."""
    return {"schema": SCHEMA, "engine": engine and engine_object(engine), **content}


def engine_object(info: EngineInfo) -> Json:
    """Which engine answered."""
    return {
        "id": info.id,
        "name": info.name,
        "product": info.product,
        "version": info.version,
        "api_version": info.api_version,
        "host": info.host,
        "context": info.context,
    }


def container_object(
    row: ContainerRow, report: GpuReport | None = None, writable_bytes: int | None = None
) -> Json:
    """A container in any state; one that does not run uses nothing that is known."""
    container, usage = row.container, row.usage or _NO_USAGE
    limits, used = container.limits, _used(row, report)
    devices = granted_gpus(container.gpus, report) if container.gpus else None
    limit = usage.memory_limit_bytes or (limits.memory_bytes if limits else None)
    return {
        "id": container.id,
        "name": container.name,
        "image": container.image,
        "image_id": container.image_id,
        "command": row.command,
        "state": container.state.value,
        "health": container.health.value,
        "exit_code": container.exit_code,
        "oom_killed": container.oom_killed,
        "error": container.error or None,
        "owner": row.owner.name if row.owner else None,
        "owner_evidence": row.owner.evidence if row.owner else None,
        "project": container.project,
        "service": container.service,
        "created": utc(container.created),
        "started": utc(container.started),
        "finished": utc(container.finished),
        "cpu_percent": usage.cpu_percent,
        "memory_bytes": usage.memory_bytes,
        "memory_limit_bytes": limit,
        "pids": usage.pids,
        "net_rx_bytes": usage.net_rx_bytes,
        "net_tx_bytes": usage.net_tx_bytes,
        "block_read_bytes": usage.block_read_bytes,
        "block_write_bytes": usage.block_write_bytes,
        "gpus_granted": granted(container),
        "gpus_granted_ids": None if devices is None else [gpu.id for gpu in devices.devices],
        "gpus_used_ids": list(used.gpu_ids),
        "gpu_memory_bytes": used.memory_bytes,
        "gpu_percent": used.percent,
        "ports": [_port(port) for port in container.ports],
        "mounts": [_mount(mount) for mount in container.mounts],
        "networks": list(container.networks),
        "restart_policy": container.restart_policy,
        "runtime": container.runtime,
        "labels": dict(container.labels),
        "writable_bytes": writable_bytes,
    }


def _used(row: ContainerRow, report: GpuReport | None) -> GpuUse:
    """By the processes that the driver shows: where it shows none, nothing is known."""
    if row.gpus is None:
        return gpu_use(report, row.container.id)
    return row.gpu_use if row.gpu_use and row.gpu_use.gpu_ids else GpuUse()


def granted(container: Container) -> list[str] | None:
    """`["all"]`, `["any:2"]` for any two, or the ids as configured; `None` before an inspect."""
    grant: GpuGrant | None = container.gpus
    if grant is None:
        return [] if container.inspected else None
    if grant.all:
        return ["all"]
    if grant.ids:
        return list(grant.ids)
    return [f"any:{grant.count}"] if grant.count is not None else []


def _port(port: Port) -> Json:
    return {
        "container_port": port.container_port,
        "protocol": port.protocol,
        "host_ip": port.host_ip,
        "host_port": port.host_port,
    }


def _mount(mount: Mount) -> Json:
    return {
        "type": mount.type,
        "source": mount.source,
        "destination": mount.destination,
        "read_only": mount.read_only,
        "volume": mount.volume,
    }


def image_object(row: ImageRow, users: Iterable[Container] = ()) -> Json:
    """An image; what it shares is known only after the engine was asked for sizes."""
    image = row.image
    shared = image.shared_bytes if row.shared_bytes is None else row.shared_bytes
    return {
        "id": image.id,
        "references": list(image.references),
        "digests": list(image.digests),
        "created": utc(image.created),
        "size_bytes": image.size_bytes,
        "shared_bytes": shared,
        "unique_bytes": row.unique_bytes,
        "manifests": [
            {
                "digest": manifest.digest,
                "kind": manifest.kind,
                "platform": manifest.platform,
                "content_bytes": manifest.content_bytes,
                "unpacked_bytes": manifest.unpacked_bytes,
            }
            for manifest in image.manifests
        ],
        "containers": _users(users),
        "dangling": image.dangling,
        "architecture": image.architecture,
        "os": image.os,
        "labels": dict(image.labels),
    }


def volume_object(row: VolumeRow, users: Iterable[Container] = ()) -> Json:
    """A volume; its size is known only after the engine was asked for sizes."""
    volume = row.volume
    return {
        "name": volume.name,
        "driver": volume.driver,
        "mountpoint": volume.mountpoint,
        "scope": volume.scope,
        "created": utc(volume.created),
        "anonymous": volume.anonymous,
        "size_bytes": row.size,
        "containers": _users(users),
        "labels": dict(volume.labels),
        "options": dict(volume.options),
    }


def network_object(row: NetworkRow, users: Iterable[Container] = ()) -> Json:
    """A network."""
    network = row.network
    return {
        "id": network.id,
        "name": network.name,
        "driver": network.driver,
        "scope": network.scope,
        "internal": network.internal,
        "predefined": network.predefined,
        "created": utc(network.created),
        "subnets": list(network.subnets),
        "gateways": list(network.gateways),
        "containers": _users(users),
        "labels": dict(network.labels),
        "options": dict(network.options),
    }


def _users(containers: Iterable[Container]) -> list[Json]:
    return [{"id": container.id, "name": container.name} for container in containers]
