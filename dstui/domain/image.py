"""What an image is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the engine's store. Sizes in bytes, uncompressed.

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
