"""The rows of each list, from what the store knows."""

from collections.abc import Iterable, Iterator

from dstui.domain.container import Container
from dstui.domain.owner import owner_of
from dstui.domain.used_by import UsedBy, by_image, by_network, by_volume
from dstui.render.containers import ContainerRow
from dstui.render.gpus import GpuProcessRow, GpuRow
from dstui.render.images import ImageRow
from dstui.render.networks import NetworkRow
from dstui.render.volumes import VolumeRow
from dstui.store import Store


def container_rows(
    store: Store, owner_labels: Iterable[str], now: float
) -> Iterator[tuple[str, ContainerRow]]:
    """All containers with their latest usage, by id."""
    stale, labels = store.lost_since is not None, tuple(owner_labels)
    for found in store.containers():
        usage, owner = store.usage(found.id), owner_of(found, labels)
        yield found.id, ContainerRow(found, usage, owner, now, stale)


def image_rows(store: Store, now: float) -> Iterator[tuple[str, ImageRow]]:
    """All images, who uses them and what they share, by id."""
    stale, users = store.lost_since is not None, by_image(store.containers())
    shared = store.disk_use.shared_bytes if store.disk_use else {}
    for found in store.images():
        row = ImageRow(found, _names(users, found.id), now, stale, shared.get(found.id))
        yield found.id, row


def volume_rows(store: Store, now: float) -> Iterator[tuple[str, VolumeRow]]:
    """All volumes, who mounts them and their sizes, by name."""
    stale, users = store.lost_since is not None, by_volume(store.containers())
    sizes = store.disk_use.volume_bytes if store.disk_use else {}
    for found in store.volumes():
        row = VolumeRow(found, _names(users, found.name), now, stale, sizes.get(found.name))
        yield found.id, row


def network_rows(store: Store, now: float) -> Iterator[tuple[str, NetworkRow]]:
    """All networks and who is attached to them, by id."""
    stale, users = store.lost_since is not None, by_network(store.containers())
    for found in store.networks():
        yield found.id, NetworkRow(found, _names(users, found.name), now, stale)


def gpu_rows(store: Store, now: float) -> Iterator[tuple[str, GpuRow]]:
    """All GPUs, by id."""
    if (report := store.gpu_report) is None:
        return
    for gpu in report.gpus:
        yield gpu.id, GpuRow(gpu, report, now)


def gpu_process_rows(
    store: Store, owner_labels: Iterable[str]
) -> Iterator[tuple[str, GpuProcessRow]]:
    """All processes on GPUs with the container each belongs to, by GPU and PID."""
    labels = tuple(owner_labels)
    for gpu in store.gpu_report.gpus if store.gpu_report else ():
        for process in gpu.processes:
            container = _container_of(store, process.container_id)
            owner = owner_of(container, labels) if container else None
            row = GpuProcessRow(process, gpu, container, owner)
            yield f"{gpu.id}/{process.pid}", row


def _container_of(store: Store, identifier: str | None) -> Container | None:
    return store.container(identifier) if identifier else None


def _names(users: UsedBy, used: str) -> tuple[str, ...]:
    return tuple(user.name for user in users.get(used, ()))
