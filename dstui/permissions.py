"""What the person has allowed once and for all, kept in the state directory."""

import json
from pathlib import Path
from typing import Any

LAYER_RECORDS = "layer-records"
"""Read an engine's records of its layers through a container that is never started."""


def default_path() -> Path:
    """`permissions.json` in the state directory (`$XDG_STATE_HOME/dstui`)."""
    from platformdirs import user_state_path

    return user_state_path("dstui") / "permissions.json"


class Permissions:
    """Given for one engine, known by its id. A file that cannot be read or written gives none."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or default_path()

    def given(self, what: str, engine_id: str) -> bool:
        """Whether it is allowed on an engine."""
        return bool(engine_id) and engine_id in self._engines(self._read(), what)

    def give(self, what: str, engine_id: str) -> str:
        """Allow it from now on; the answer is why that cannot be remembered, or nothing."""
        known = self._read()
        known[what] = sorted({*self._engines(known, what), engine_id})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = self._path.with_suffix(".new")
            new.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
            new.replace(self._path)
        except OSError as error:
            return f"{self._path}: {error.strerror}"
        return ""

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @staticmethod
    def _engines(known: dict[str, Any], what: str) -> list[str]:
        engines = known.get(what)
        if not isinstance(engines, list):
            return []
        return [engine for engine in engines if isinstance(engine, str)]
