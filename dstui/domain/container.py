"""What a container is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dstui.domain.gpu import GpuGrant

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"


class State(StrEnum):
    """The engine's own states; `UNKNOWN` stands for a word this version does not know."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    REMOVING = "removing"
    EXITED = "exited"
    DEAD = "dead"
    UNKNOWN = "unknown"


class Health(StrEnum):
    """The result of the health check; `NONE` when the container has no check."""

    NONE = "none"
    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the container and, when published, where on the host."""

    container_port: int
    protocol: str = "tcp"
    host_ip: str | None = None
    host_port: int | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """A bind mount, a volume or a tmpfs inside the container."""

    type: str
    source: str
    destination: str
    read_only: bool = False
    volume: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What the container may use; `None` is "no limit"."""

    memory_bytes: int | None = None
    cpus: float | None = None
    pids: int | None = None
    shm_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A container as the engine describes it.

    A list answer fills the first group. The second group needs an inspect answer and keeps its
    defaults until one came (`inspected`); a default there means "not known yet", never "none".
    """

    id: str
    name: str
    image: str
    image_id: str
    state: State
    created: datetime | None
    """`None` when the engine does not say."""
    command: str = ""
    health: Health = Health.NONE
    exit_code: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    networks: tuple[str, ...] = ()
    network_mode: str = ""
    """`default`, `host`, `none`, `container:ID` or a network's name."""

    inspected: bool = False
    started: datetime | None = None
    finished: datetime | None = None
    oom_killed: bool | None = None
    error: str = ""
    pid: int | None = None
    user: str | None = None
    """The configured user, `""` for the image's default (root)."""
    tty: bool | None = None
    auto_remove: bool | None = None
    restart_policy: str | None = None
    restarts: int | None = None
    """How often that has started it again since a person did."""
    runtime: str | None = None
    gpus: GpuGrant | None = None
    limits: Limits | None = None
    privileged: bool | None = None
    security_options: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    stop_timeout_s: int | None = None
    ip_addresses: tuple[tuple[str, str], ...] = ()
    """Pairs of network name and address."""

    @property
    def project(self) -> str | None:
        """The compose project."""
        return self.labels.get(PROJECT_LABEL) or None

    @property
    def service(self) -> str | None:
        """The compose service."""
        return self.labels.get(SERVICE_LABEL) or None

    @property
    def alive(self) -> bool:
        """Whether it has processes: running, paused or restarting."""
        return self.state in (State.RUNNING, State.PAUSED, State.RESTARTING)
