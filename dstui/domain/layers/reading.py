"""How the reading of an image goes: its progress, its cost, and how it can fail."""

from collections.abc import Callable
from dataclasses import dataclass

from dstui.domain.engine import EngineError
from dstui.domain.layers.index import Source

Progress = Callable[[float | None, str], None]
"""Told how much is done, from 0 to 1 (`None`: nobody knows), and in words what goes on."""


class IndexCancelledError(Exception):
    """The reading was cancelled."""


class UnreadableImageError(EngineError):
    """What the engine has of the image is damaged, incomplete or of no known format."""


@dataclass(frozen=True, slots=True)
class IndexCost:
    """What it takes to index one image.

    `source` is the one used without any permission; `socket_command` is what the engine would be
    asked for with permission, in the words of `docker`, and empty where that is not possible or
    not needed.
    """

    cached: bool
    source: Source
    seconds: float
    """A rough estimate for `source`."""
    temp_bytes: int = 0
    """Room that the engine takes on its own disk meanwhile."""
    runs_on_after_cancel: bool = False
    """Whether the engine goes on packing when nobody reads any more: Docker before 27."""
    socket_command: str = ""
