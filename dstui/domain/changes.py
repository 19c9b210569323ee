"""What the watchers announce: each change is applied to the store in one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from dstui.domain.container import Container
from dstui.domain.engine import ConnectionFailure, DiskUse, EngineEvent, EngineInfo
from dstui.domain.gpu import GpuReport
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.network import Network
from dstui.domain.usage import Usage
from dstui.domain.volume import Volume

Listable = Container | Image | Volume | Network


@dataclass(frozen=True, slots=True)
class Listed:
    """The full list of one kind: what is not in it is gone."""

    kind: Kind
    objects: tuple[Listable, ...]


@dataclass(frozen=True, slots=True)
class Updated:
    """One object is new or has changed."""

    kind: Kind
    object: Listable


@dataclass(frozen=True, slots=True)
class Removed:
    """One object is gone."""

    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """New usage, by container id."""

    usage: Mapping[str, Usage]


@dataclass(frozen=True, slots=True)
class GpusSampled:
    """A new round of the GPU sampler."""

    report: GpuReport


@dataclass(frozen=True, slots=True)
class DiskMeasured:
    """A new `system/df` answer."""

    use: DiskUse


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the engine, for the feed."""

    event: EngineEvent


@dataclass(frozen=True, slots=True)
class Connected:
    """The engine answers."""

    info: EngineInfo


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The engine does not answer any more; what is known of it grows old from `time` (epoch)."""

    time: float
    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No engine was found at the start."""

    failures: tuple[ConnectionFailure, ...]


Change = (
    Listed
    | Updated
    | Removed
    | Sampled
    | GpusSampled
    | DiskMeasured
    | Happened
    | Connected
    | Disconnected
    | Unreachable
)
