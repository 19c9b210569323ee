"""What the person has allowed once and for all, kept in the state directory."""

from pathlib import Path
from typing import Any

from dstui.statefile import StateFile, state_path

LAYER_RECORDS = "layer-records"
"""Read an engine's records of its layers through a container that is never started."""


class Permissions:
    """Given for one engine, known by its id. A file that cannot be read or written gives none."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = StateFile(path or state_path("permissions.json"))

    def given(self, what: str, engine_id: str) -> bool:
        """Whether it is allowed on an engine."""
        return bool(engine_id) and engine_id in _engines(self._file.read(), what)

    def give(self, what: str, engine_id: str) -> str:
        """Allow it from now on; the answer is why that cannot be remembered, or nothing."""
        known = self._file.read()
        known[what] = sorted({*_engines(known, what), engine_id})
        return self._file.write(known)


def _engines(known: dict[str, Any], what: str) -> list[str]:
    engines = known.get(what)
    if not isinstance(engines, list):
        return []
    return [engine for engine in engines if isinstance(engine, str)]
