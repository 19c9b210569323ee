"""What an image is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ImageStore(StrEnum):
    """How an engine keeps images, which decides what their size means (docs/engines.md)."""

    GRAPH_DRIVER = "graph-driver"
    """Docker's classic one: layers are kept unpacked alone."""
    CONTAINERD = "containerd"
    """Layers are kept as they were transferred and, for what runs here, unpacked as well."""
    CONTAINERS_STORAGE = "containers-storage"
    """Podman's: layers are kept unpacked alone."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One of the manifests of an image on the containerd store: of a platform, or an attestation.

    `content_bytes` is what it takes as it was transferred; `unpacked_bytes` its layers unpacked,
    0 where they never were.
    """

    digest: str
    kind: str
    """The engine's word: `image`, `attestation` or `unknown`."""
    platform: str | None
    content_bytes: int
    unpacked_bytes: int


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the engine's store.

    `size_bytes` is what the engine's list says, which docs/engines.md explains for each store.

    `shared_bytes` and `containers` come only with the slow `system/df` answer and are `None`
    until one was read; `architecture` and `os` need an inspect.
    """

    id: str
    references: tuple[str, ...]
    digests: tuple[str, ...]
    created: datetime | None
    """`None` for an image built without a date, as reproducible ones are."""
    size_bytes: int
    shared_bytes: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    architecture: str | None = None
    os: str | None = None
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    user: str | None = None
    working_dir: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    exposed_ports: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    """The layers' diff ids, oldest first (inspect only)."""
    manifests: tuple[Manifest, ...] = ()
    """All that are here, where the engine tells them: containerd store, API 1.47 and newer."""

    @property
    def dangling(self) -> bool:
        """Whether no reference points to it."""
        return not self.references

    @property
    def unique_bytes(self) -> int | None:
        """The bytes that no other image shares."""
        return None if self.shared_bytes is None else max(0, self.size_bytes - self.shared_bytes)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step of the image's history, as `GET /images/ID/history` tells it."""

    id: str | None
    created: datetime | None
    created_by: str
    size_bytes: int
    comment: str = ""
    tags: tuple[str, ...] = ()
