"""The rows of each list, from what the store knows."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.domain.gpu_join import place_of
from dstui.domain.gpu_use import NOTHING, gpu_uses, tells_of_all
from dstui.domain.owner import owner_of
from dstui.domain.used_by import UsedBy, by_image, by_network, by_volume
from dstui.render.containers import ContainerRow
from dstui.render.gpu_holders import HolderRow, Holding, holders
from dstui.render.gpu_processes import IDLE_AFTER_S, GpuProcessRow
from dstui.render.gpus import GpuRow
from dstui.render.images import ImageRow
from dstui.render.networks import NetworkRow
from dstui.render.volumes import VolumeRow
from dstui.store import Store


def container_rows(
    store: Store, owner_labels: Iterable[str], now: float, secrets: bool = False
) -> Iterator[tuple[str, ContainerRow]]:
    """All containers with their latest usage, by id; `secrets` are masked else."""
    stale, labels = store.lost_since is not None, tuple(owner_labels)
    report = store.gpu_report
    uses, otherwise = gpu_uses(report), NOTHING if tells_of_all(report) else None
    for found in store.containers():
        usage, owner = store.usage(found.id), owner_of(found, labels)
        use = uses.get(found.id, otherwise)
        yield found.id, ContainerRow(found, usage, owner, now, stale, report, use, secrets)


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


def gpu_rows(
    store: Store, now: float, owner_labels: Iterable[str] = (), idle_after_s: float = IDLE_AFTER_S
) -> Iterator[tuple[str, GpuRow]]:
    """All GPUs, each with its MIG instances, by id."""
    report = store.gpu_report
    if report is None:
        return
    holds = _Holds(store, report, tuple(owner_labels))

    def row(gpu: Gpu) -> GpuRow:
        return GpuRow(
            gpu,
            report,
            now,
            instances=tuple(map(row, gpu.instances)),
            history=store.gpu_history(gpu.id),
            holders=holders(holds.of(gpu), Holding.CONTAINER),
            idle_after_s=idle_after_s,
        )

    for gpu in report.gpus:
        yield gpu.id, row(gpu)


def gpu_process_rows(
    store: Store,
    owner_labels: Iterable[str],
    now: float = 0.0,
    idle_after_s: float = IDLE_AFTER_S,
) -> Iterator[tuple[str, GpuProcessRow]]:
    """All processes on GPUs with the container each belongs to, by GPU and PID."""
    report = store.gpu_report
    if report is None:
        return
    holds = _Holds(store, report, tuple(owner_labels))
    for gpu in report.devices:
        for row in holds.of(gpu):
            yield f"{gpu.id}/{row.process.pid}", replace(row, now=now, idle_after_s=idle_after_s)


def gpu_holder_rows(
    store: Store,
    owner_labels: Iterable[str],
    by: Holding,
    now: float,
    idle_after_s: float = IDLE_AFTER_S,
) -> Iterator[tuple[str, HolderRow]]:
    """Who holds GPUs: the containers and what runs on the host, or their owners."""
    rows = [row for _, row in gpu_process_rows(store, owner_labels, now, idle_after_s)]
    of_gpus = [row for row in rows if row.gpu.instance is None]  # which have those of instances
    for holder in holders(of_gpus, by):
        yield holder.key, HolderRow(holder, now, idle_after_s)


class _Holds:
    """The processes of a device with their containers and owners."""

    def __init__(self, store: Store, report: GpuReport, labels: tuple[str, ...]) -> None:
        self._store = store
        self._report = report
        self._labels = labels

    def of(self, gpu: Gpu) -> list[GpuProcessRow]:
        return [self._row(process, gpu) for process in gpu.processes]

    def _row(self, process: GpuProcess, gpu: Gpu) -> GpuProcessRow:
        identifier = process.container_id
        container = self._store.container(identifier) if identifier else None
        owner = owner_of(container, self._labels) if container else None
        place = "" if container else place_of(process, self._report)
        return GpuProcessRow(process, gpu, container, owner, place)


def _names(users: UsedBy, used: str) -> tuple[str, ...]:
    return tuple(user.name for user in users.get(used, ()))
