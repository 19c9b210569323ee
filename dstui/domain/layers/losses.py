"""What is lost when layers lie on each other: bytes that the image carries and nobody sees."""

from enum import StrEnum
from typing import NamedTuple


class Cause(StrEnum):
    """Why bytes of a layer are not visible in the image."""

    REPLACED = "replaced"
    """A later layer has other content at the same path."""
    DELETED = "deleted"
    """A later layer deletes it."""
    HIDDEN = "hidden"
    """A later layer replaces the whole directory."""
    METADATA_COPY = "metadata-copy"
    """A later layer has the same content again, for another mode, owner or time."""


class WasteItem(NamedTuple):
    """Bytes that one layer wrote at (or below) a path and a later one made invisible.

    Their sum over all items is that of all layers less what is visible.
    """

    cause: Cause
    path: str
    bytes: int
    files: int
    written_by: int
    """The layer that carries the bytes; layers count from 0, the base."""
    wasted_by: int
    """The layer that made them invisible."""


class Removal(NamedTuple):
    """What a layer takes away at (or below) a path; `bytes` are those that no name reaches then."""

    layer: int
    cause: Cause
    path: str
    files: int
    bytes: int
