"""The action log: one JSON line for each mutation, in the user's state directory."""

import getpass
import json
from datetime import UTC, datetime
from pathlib import Path

from dstui.domain.action import Outcome, docker_command
from dstui.domain.engine import EngineInfo
from dstui.ownfiles import append


def default_path() -> Path:
    """`actions.jsonl` in the state directory (`$XDG_STATE_HOME/dstui`)."""
    from platformdirs import user_state_path

    return user_state_path("dstui") / "actions.jsonl"


class ActionLog:
    """Appends a line an outcome; a log that cannot be written never stops an action."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.error: str | None = None
        """Why the last line could not be written."""

    def write(self, engine: EngineInfo, outcome: Outcome) -> None:
        """Append one line, whole even when several dstui write at once."""
        action = outcome.action
        line = json.dumps(
            {
                "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "user": getpass.getuser(),
                "engine": {"id": engine.id, "name": engine.name, "host": engine.host},
                "action": action.verb.value,
                "kind": action.kind.value,
                "id": action.id,
                "name": action.name,
                "command": docker_command(action),
                "outcome": _word(outcome),
                "message": outcome.message,
                "seconds": round(outcome.seconds, 3),
                **({} if outcome.freed_bytes is None else {"freed_bytes": outcome.freed_bytes}),
            }
        )
        try:
            self._append(line + "\n")
        except OSError as error:
            self.error = f"{self._path}: {error.strerror}"
        else:
            self.error = None

    def _append(self, line: str) -> None:
        self._path = self._path or default_path()
        append(self._path, line.encode())


def _word(outcome: Outcome) -> str:
    if outcome.skipped:
        return "skipped"
    return "done" if outcome.ok else "failed"
