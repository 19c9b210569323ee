"""What the rules look at: everything an engine tells that bears on cleanup, at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dstui.domain.container import Container
from dstui.domain.engine import DiskUse
from dstui.domain.image import Image
from dstui.domain.lineage import Lineage
from dstui.domain.network import Network
from dstui.domain.volume import Volume


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """A record of the build cache, as `system/df` tells it."""

    id: str
    type: str = ""
    """`regular`, `source.local`, `exec.cachemount` …"""
    description: str = ""
    size_bytes: int | None = None
    in_use: bool = False
    shared: bool = False
    """Whether its bytes are also layers of an image."""
    created: datetime | None = None
    last_used: datetime | None = None
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """What a running container does. `None` is "not known"."""

    cpu_ns: int | None = None
    """Since it was started."""
    cpu_percent: float | None = None
    """Just now; 100 is one core."""
    net_rate: float | None = None
    """Bytes a second just now, received and sent."""
    last_log: datetime | None = None
    log_unknown: str = ""
    """Why `last_log` is not known; empty when it is, or when there never was a line."""
    gpu_bytes: Mapping[int, int | None] = field(default_factory=dict)
    """The memory it holds, by the index of the GPU."""
    gpu_percent: float | None = None


@dataclass(frozen=True, slots=True)
class CleanupFacts:
    """One engine at one moment.

    `now` is by the engine's clock. Images have their `layers` where these matter; `lineage` tells
    what the classic builder built an image on, hidden images included.
    """

    engine_id: str
    engine_name: str
    now: datetime
    disk: DiskUse
    containers: tuple[Container, ...] = ()
    images: tuple[Image, ...] = ()
    volumes: tuple[Volume, ...] = ()
    networks: tuple[Network, ...] = ()
    build_cache: tuple[BuildRecord, ...] = ()
    activity: Mapping[str, Activity] = field(default_factory=dict)
    """By the id of a running container."""
    log_bytes: Mapping[str, int] = field(default_factory=dict)
    """The size of a container's log, by its id, where that can be read."""
    tagged: Mapping[str, datetime] = field(default_factory=dict)
    """When an image last got a name here, by a pull, a build or a tag."""
    lineage: Lineage = field(default_factory=Lineage)
    layer_bytes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The size of each layer of an image, oldest first, where its history was asked for."""
    held_layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The layers below a container whose image is not listed (any more), by the container's id."""
    records_removable: bool = True
    """Whether the engine removes single records of the build cache."""
    data_root: str = ""
    estimates: tuple[str, ...] = ()
    """Why sizes are not exact here."""
    notes: tuple[str, ...] = ()
    """What could not be read."""
