"""What can be made to go wrong, while the server runs."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(slots=True)
class Faults:
    """The faults that are switched on. Those of answers hit only paths that match `path`."""

    path: str = ""
    """A regular expression, searched in the path without its version; empty hits every path."""
    delay_s: float = 0.0
    """Answers come this late."""
    error_status: int = 0
    """Answers are this error (500, 503 …) instead."""
    malformed: bool = False
    """Answers are the first half of their JSON."""
    cut: bool = False
    """The connection is closed in the middle of an answer that promised more."""
    hang: bool = False
    """Accepts, and never answers."""
    drop_streams_after: int | None = None
    """Streams break in mid-frame after so many bytes."""
    storm_per_s: int = 0
    """So many needless events a second."""
    strange_events: bool = False
    """Now and then an event of an unknown type, without its fields, or that is not JSON at all."""
    flood: bool = False
    """Followed logs write as fast as they are read."""
    stale_list_s: float = 0.0
    """How long lists and inspects show the state from before a `die`, as Docker 20.10 does."""
    hostile: bool = False
    """Objects and logs with text that means harm exist."""
    lost_gpus: tuple[int, ...] = ()
    """The indices of the GPUs that have fallen off the bus."""

    def hits(self, path: str) -> bool:
        """Whether answers to this path are disturbed."""
        return re.search(self.path, path) is not None

    def update(self, changes: Mapping[str, Any]) -> None:
        """Switch faults on or off by name; raises `ValueError` for a name that is none."""
        known = {field.name for field in fields(self)}
        if unknown := changes.keys() - known:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(self, name, tuple(value) if isinstance(value, list) else value)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
