"""What the simulated world is made of."""

import hashlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dstui.demo.curve import FLAT_ZERO, Curve

Clock = Callable[[], float]
"""Tells the time in seconds since the epoch."""

NEVER = "0001-01-01T00:00:00Z"
NETWORKS_OF_THE_ENGINE = ("bridge", "host", "none")


def digest(*words: object) -> str:
    """64 hexadecimal digits that depend on the words alone."""
    return hashlib.sha256("\0".join(map(str, words)).encode("utf-8", "replace")).hexdigest()


def iso(time: float | None) -> str:
    """The engine's RFC 3339 text, to the nanosecond."""
    if time is None:
        return NEVER
    whole = datetime.fromtimestamp(time, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{whole.microsecond:06d}000Z"


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of an image's history. `diff_id` is empty where the step made no layer."""

    created_by: str
    size: int
    comment: str
    diff_id: str
    days_old: float


@dataclass(slots=True)
class Image:
    """An image; `layers` are oldest first."""

    id: str
    tags: list[str]
    digests: list[str]
    layers: tuple[Layer, ...]
    created: float
    entrypoint: list[str] | None
    cmd: list[str] | None
    env: list[str]
    user: str = ""
    workdir: str = ""
    ports: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    labels: dict[str, str] | None = None
    shells: tuple[str, ...] = ("sh", "bash")
    built_here: bool = False
    """Built by the classic builder on this engine: its history has ids, and it has a parent."""

    @property
    def size(self) -> int:
        return sum(layer.size for layer in self.layers)

    @property
    def diff_ids(self) -> list[str]:
        return [layer.diff_id for layer in self.layers if layer.diff_id]


@dataclass(frozen=True, slots=True)
class Mount:
    """A bind (`source` is a path) or a volume (`source` is its name)."""

    type: str
    source: str
    destination: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Port:
    container_port: int
    host_port: int | None = None
    host_ip: str = "0.0.0.0"
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class Load:
    """How a container uses the machine, as curves: rates a second, and memory in bytes."""

    cpu_ns: Curve = FLAT_ZERO
    memory: Curve = FLAT_ZERO
    net_rx: Curve = FLAT_ZERO
    net_tx: Curve = FLAT_ZERO
    block_read: Curve = FLAT_ZERO
    block_write: Curve = FLAT_ZERO
    gpu_percent: Curve = FLAT_ZERO
    gpu_memory: Curve = FLAT_ZERO
    """On each of the container's GPUs."""


@dataclass(slots=True)
class Container:
    """A container. Times are seconds since the epoch."""

    id: str
    name: str
    image: Image
    image_name: str
    path: str
    args: list[str]
    created: float
    env: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = ""
    tty: bool = False
    open_stdin: bool = False
    entrypoint: list[str] | None = None
    mounts: list[Mount] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    network: str = "bridge"
    host_config: dict[str, object] = field(default_factory=dict)
    """What differs from the engine's defaults, in the API's own words."""
    gpus: tuple[int, ...] = ()
    """The indices of the GPUs it may use."""
    load: Load = field(default_factory=Load)
    processes: tuple[str, ...] = ()
    logs: str = "plain"
    """The kind of its log, see `loglines`."""
    log_every_s: float = 5.0
    batch: bool = False
    """A job that ends by itself."""
    has_health: bool = False
    seed: int = 0
    pid: int = 0
    state: str = "created"
    health: str = ""
    exit_code: int = 0
    oom_killed: bool = False
    error: str = ""
    started: float | None = None
    finished: float | None = None
    paused_at: float | None = None
    paused_s: float = 0.0
    restarts: int = 0
    writable: int = 0
    revision: int = 0
    """Counts its changes, for caches."""
    sessions: set[socket.socket] = field(default_factory=set)
    """Hijacked connections (shells), which end with it."""

    @property
    def alive(self) -> bool:
        return self.state in ("running", "paused", "restarting")

    @property
    def memory_limit(self) -> int:
        limit = self.host_config.get("Memory", 0)
        return limit if isinstance(limit, int) else 0

    def active_span(self, now: float) -> tuple[float, float]:
        """The time in which it used the machine, as start and end; pauses do not count."""
        if self.started is None:
            return now, now
        end = self.paused_at if self.paused_at is not None else now
        return self.started, max(self.started, end - self.paused_s)


@dataclass(slots=True)
class Volume:
    name: str
    created: float
    size: int
    labels: dict[str, str] | None = None
    anonymous: bool = False


@dataclass(slots=True)
class Network:
    id: str
    name: str
    driver: str
    created: float
    number: int
    """The second byte of its subnet, 172.NUMBER.0.0/16."""
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def predefined(self) -> bool:
        return self.name in NETWORKS_OF_THE_ENGINE
