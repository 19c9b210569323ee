"""A small JSON file in the state directory, for what a person said once."""

import json
import os
from pathlib import Path
from typing import Any

from dstui.domain.foreign_json import read_json


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
            found = read_json(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, known: dict[str, Any]) -> str:
        """Replace it whole; the answer is why that failed, or nothing."""
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(new, "w", encoding="utf-8", opener=_for_its_owner) as file:
                file.write(json.dumps(known, indent=2) + "\n")
            new.replace(self._path)
        except OSError as error:
            return f"{self._path}: {error.strerror}"
        return ""


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
