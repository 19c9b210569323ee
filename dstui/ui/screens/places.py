"""The sections in their order: what each is called, what it counts, how it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dstui.domain.kind import Kind
from dstui.session import Session
from dstui.store import Store
from dstui.ui.jobs import Jobs
from dstui.ui.sections.section import Section

Make = Callable[[Session, Jobs], Section[Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """One section; its code is imported by `make`, when it is first gone to."""

    kind: Kind
    name: str
    title: str
    make: Make
    count: Callable[[Store], str]


def _containers(session: Session, jobs: Jobs) -> Section[Any]:
    from dstui.ui.sections.containers import ContainersSection

    return ContainersSection(session, jobs)


def _images(session: Session, jobs: Jobs) -> Section[Any]:
    from dstui.ui.sections.images import ImagesSection

    return ImagesSection(session, jobs)


def _gpus(session: Session, jobs: Jobs) -> Section[Any]:
    from dstui.ui.sections.gpus import GpusSection

    return GpusSection(session, jobs)


def _volumes(session: Session, jobs: Jobs) -> Section[Any]:
    from dstui.ui.sections.volumes import VolumesSection

    return VolumesSection(session, jobs)


def _networks(session: Session, jobs: Jobs) -> Section[Any]:
    from dstui.ui.sections.networks import NetworksSection

    return NetworksSection(session, jobs)


def _cleanup(session: Session, jobs: Jobs) -> Section[Any]:
    from dstui.ui.sections.cleanup import CleanupSection

    return CleanupSection(session, jobs)


def _count(kind: Kind, count: Callable[[Store], int]) -> Callable[[Store], str]:
    """Nothing until the list has come: a zero would be a claim."""
    return lambda store: str(count(store)) if store.listed(kind) else ""


PLACES: tuple[Place, ...] = (
    Place(
        Kind.CONTAINER,
        "containers",
        "Containers",
        _containers,
        _count(Kind.CONTAINER, lambda store: len(store.containers())),
    ),
    Place(
        Kind.IMAGE,
        "images",
        "Images",
        _images,
        _count(Kind.IMAGE, lambda store: len(store.images())),
    ),
    Place(
        Kind.GPU,
        "gpus",
        "GPUs",
        _gpus,
        lambda store: str(len(store.gpu_report.gpus)) if store.gpu_report else "",
    ),
    Place(
        Kind.VOLUME,
        "volumes",
        "Volumes",
        _volumes,
        _count(Kind.VOLUME, lambda store: len(store.volumes())),
    ),
    Place(
        Kind.NETWORK,
        "networks",
        "Networks",
        _networks,
        _count(Kind.NETWORK, lambda store: len(store.networks())),
    ),
    Place(Kind.BUILD_CACHE, "cleanup", "Cleanup", _cleanup, lambda store: ""),
)
