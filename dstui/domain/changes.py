"""What the watchers announce: each change is applied to the store in one place.

Named tuples, unlike the other facts: ten more dataclasses would add 7 ms to every start.
"""

from collections.abc import Mapping
from typing import NamedTuple

from dstui.domain.container import Container
from dstui.domain.engine import ConnectionFailure, DiskUse, EngineEvent, EngineInfo
from dstui.domain.gpu import GpuReport
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.network import Network
from dstui.domain.usage import Usage
from dstui.domain.volume import Volume

Listable = Container | Image | Volume | Network


class Listed(NamedTuple):
    """The full list of one kind: what is not in it is gone.

    `unreadable` has a reason for each row that is on the engine but made no sense.
    """

    kind: Kind
    objects: tuple[Listable, ...]
    unreadable: tuple[str, ...] = ()


class Updated(NamedTuple):
    """One object is new or has changed."""

    kind: Kind
    object: Listable


class Removed(NamedTuple):
    """One object is gone."""

    kind: Kind
    id: str


class Sampled(NamedTuple):
    """New usage, by container id."""

    usage: Mapping[str, Usage]


class GpusSampled(NamedTuple):
    """A new round of the GPU sampler."""

    report: GpuReport


class DiskMeasured(NamedTuple):
    """A new `system/df` answer."""

    use: DiskUse


class Happened(NamedTuple):
    """An event of the engine, for the feed."""

    event: EngineEvent


class Connected(NamedTuple):
    """The engine answers."""

    info: EngineInfo


class Disconnected(NamedTuple):
    """The engine does not answer any more; what is known of it grows old from `time` (epoch)."""

    time: float
    reason: str


class Halted(NamedTuple):
    """A part of what follows the engine stands still; an empty reason says that it goes on."""

    part: str
    """What is not live, such as `usage` or `containers`."""
    reason: str


class Unreachable(NamedTuple):
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
    | Halted
    | Unreachable
)
