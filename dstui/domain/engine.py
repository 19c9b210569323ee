"""The engine itself: where it was reached, what it is, and why it could not be reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dstui.domain.image import ImageStore
from dstui.domain.kind import Kind


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine may answer, and which setting named it.

    `tls` holds paths (`ca`, `cert`, `key`), `None` without TLS; `verify` false skips the check
    of the server's certificate, as `docker` does for a context made so.
    """

    host: str
    source: str
    context: str | None = None
    tls: Mapping[str, str] | None = None
    verify: bool = True

    @property
    def local(self) -> bool:
        """Whether it is a socket of this machine."""
        return self.host.startswith("unix://")


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What the engine tells of itself (`GET /info` and `/version`)."""

    id: str
    name: str
    """The engine's host name."""
    product: str
    """`Docker` or `Podman`."""
    version: str
    api_version: str
    host: str
    context: str | None = None
    operating_system: str = ""
    kernel: str = ""
    cpus: int = 0
    memory_bytes: int = 0
    storage_driver: str = ""
    image_store: ImageStore = ImageStore.GRAPH_DRIVER
    cgroup_version: str = ""
    cgroup_driver: str = ""
    data_root: str = ""
    runtimes: tuple[str, ...] = ()
    default_runtime: str = ""
    rootless: bool = False
    warnings: tuple[str, ...] = ()


class FailureKind(StrEnum):
    """Why an engine could not be reached."""

    NO_SOCKET = "no-socket"
    PERMISSION = "permission"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_OLD = "too-old"
    SSH = "ssh"
    BAD_ADDRESS = "bad-address"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ConnectionFailure:
    """One endpoint that did not answer: what was tried, why it failed, what to do."""

    endpoint: Endpoint
    kind: FailureKind
    reason: str
    fix: str


class EngineUnreachableError(Exception):
    """No engine answered; `failures` has one entry for each endpoint tried, in order."""

    def __init__(self, failures: tuple[ConnectionFailure, ...]) -> None:
        self.failures = failures
        first = failures[0] if failures else None
        super().__init__(
            f"no engine at {first.endpoint.host}: {first.reason}. {first.fix}"
            if first
            else "no engine found"
        )


class EngineError(Exception):
    """The engine refused a request, in its own words; `status` is the HTTP status, if any."""

    def __init__(self, message: str, status: int | None = None) -> None:
        self.message = message
        self.status = status
        super().__init__(message)

    @property
    def gone(self) -> bool:
        """Whether the object does not exist (any more)."""
        return self.status == 404


class NoShellError(EngineError):
    """A container has none of the shells that were looked for."""

    def __init__(self, image: str) -> None:
        super().__init__(f"{image} has no shell: press x for a debug shell beside it")


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """One line of the event feed."""

    time: datetime
    kind: str
    """The engine's word: container, image, volume, network, daemon …"""
    action: str
    id: str
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DiskUse:
    """The answer of the slow `system/df`: sizes by object id, in bytes."""

    time: float
    layers_bytes: int | None
    """All layers, each counted once: the true size of all images. `None` when it is not told."""
    shared_bytes: Mapping[str, int] = field(default_factory=dict)
    """Bytes an image shares with others, by image id."""
    volume_bytes: Mapping[str, int] = field(default_factory=dict)
    writable_bytes: Mapping[str, int] = field(default_factory=dict)
    build_cache_bytes: int = 0


@dataclass(frozen=True, slots=True)
class DataRootUse:
    """How full the file system is that holds the engine's data."""

    path: str
    free_bytes: int
    """What an unprivileged writer may still use."""
    total_bytes: int


@dataclass(frozen=True, slots=True)
class ProcessTable:
    """The processes of a container, as `docker top` shows them."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """Names one object."""

    kind: Kind
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ShellRequest:
    """What to run interactively in a container. Empty values are the container's own defaults."""

    container_id: str
    command: tuple[str, ...] = ()
    """Empty: the first shell that the container has."""
    user: str = ""
    working_dir: str = ""
    rows: int = 24
    columns: int = 80
