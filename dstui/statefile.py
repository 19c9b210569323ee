"""A small JSON file in the state directory, for what a person said once."""

import json
from pathlib import Path
from typing import Any

from dstui.domain.foreign_json import read_json
from dstui.ownfiles import read_file, replace


def state_path(name: str) -> Path:
    """Where a file of that name belongs (`$XDG_STATE_HOME/dstui`)."""
    from platformdirs import user_state_path

    return user_state_path("dstui") / name


class StateFile:
    """One JSON object. A file that is missing or makes no sense is an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any]:
        """What stands in it."""
        try:
            found = read_json(read_file(self._path))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, known: dict[str, Any]) -> str:
        """Replace it whole; the answer is why that failed, or nothing."""
        try:
            replace(self._path, json.dumps(known, indent=2).encode() + b"\n")
        except OSError as error:
            return f"{self._path}: {error.strerror}"
        return ""
