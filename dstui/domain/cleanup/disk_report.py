"""How the engine's disk is filled, and what of it could come back."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dstui.domain.cleanup.layer_bytes import Layers
from dstui.domain.engine import DataRootUse
from dstui.domain.staleness.facts import CleanupFacts
from dstui.domain.used_by import by_image, by_volume


class Part(StrEnum):
    """A kind of content of the disk."""

    IMAGES = "images"
    CONTAINERS = "containers"
    VOLUMES = "volumes"
    BUILD_CACHE = "build-cache"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class PartUse:
    """What one kind takes. `None` is "not known"; `reclaimable_bytes` is what nothing uses.

    `unknown` counts objects whose size is missing in the sums.
    """

    part: Part
    count: int
    bytes: int | None
    reclaimable_bytes: int | None
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class DiskReport:
    """The kinds and the file system below; `data_root` is `None` where that cannot be seen.

    `time` is when the engine measured, in seconds since the epoch.
    """

    time: float
    parts: tuple[PartUse, ...]
    data_root: DataRootUse | None = None
    notes: tuple[str, ...] = ()


def disk_report(facts: CleanupFacts, data_root: DataRootUse | None = None) -> DiskReport:
    """Shared layers count once; layers that the build cache shares count with the images."""
    parts = (_images(facts), _containers(facts), _volumes(facts), _cache(facts), _logs(facts))
    return DiskReport(facts.disk.time, parts, data_root, (*facts.notes, *facts.estimates))


def _images(facts: CleanupFacts) -> PartUse:
    layers = Layers(facts.images, facts.disk.shared_bytes, facts.layer_bytes, facts.held_layers)
    used, removal = by_image(facts.containers), layers.removal()
    unused = sum(removal.remove(image.id) for image in facts.images if image.id not in used)
    total = facts.disk.layers_bytes
    return PartUse(Part.IMAGES, len(facts.images), total, unused)


def _containers(facts: CleanupFacts) -> PartUse:
    sizes = facts.disk.writable_bytes
    stopped = [found.id for found in facts.containers if not found.alive]
    return _sums(
        Part.CONTAINERS,
        [sizes.get(found.id) for found in facts.containers],
        [sizes.get(identifier) for identifier in stopped],
    )


def _volumes(facts: CleanupFacts) -> PartUse:
    sizes, used = facts.disk.volume_bytes, by_volume(facts.containers)
    every = [sizes.get(volume.name) for volume in facts.volumes]
    unused = [sizes.get(volume.name) for volume in facts.volumes if volume.name not in used]
    return _sums(Part.VOLUMES, every, unused)


def _cache(facts: CleanupFacts) -> PartUse:
    own = [record for record in facts.build_cache if not record.shared]
    idle = [record.size_bytes for record in own if not record.in_use]
    found = _sums(Part.BUILD_CACHE, [record.size_bytes for record in own], idle)
    return PartUse(
        found.part, len(facts.build_cache), found.bytes, found.reclaimable_bytes, found.unknown
    )


def _logs(facts: CleanupFacts) -> PartUse:
    sizes = facts.log_bytes
    stopped = [sizes.get(found.id) for found in facts.containers if not found.alive]
    return _sums(Part.LOGS, [sizes.get(found.id) for found in facts.containers], stopped)


def _sums(part: Part, every: list[int | None], idle: Iterable[int | None]) -> PartUse:
    """Sums of what is known; unknown when there is something, and nothing of it is."""
    known = [size for size in every if size is not None]
    reclaimable = [size for size in idle if size is not None]
    if every and not known:
        return PartUse(part, len(every), None, None, len(every))
    return PartUse(part, len(every), sum(known), sum(reclaimable), len(every) - len(known))
