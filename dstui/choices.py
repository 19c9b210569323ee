"""What the person chose last, engine by engine, kept in the state directory."""

from pathlib import Path

from dstui.statefile import StateFile, state_path

DEBUG_IMAGE = "debug-image"
"""The image of debug shells."""


class Choices:
    """Each is for one engine, known by its id, as what is on one is not on another."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = StateFile(path or state_path("choices.json"))

    def last(self, what: str, engine_id: str) -> str:
        """What was chosen on an engine; empty when nothing was."""
        chosen = self._file.read().get(what)
        found = chosen.get(engine_id) if isinstance(chosen, dict) else None
        return found if isinstance(found, str) else ""

    def remember(self, what: str, engine_id: str, value: str) -> str:
        """Choose it from now on; the answer is why that cannot be remembered, or nothing."""
        if not engine_id:
            return ""
        known = self._file.read()
        before = known.get(what)
        known[what] = {**(before if isinstance(before, dict) else {}), engine_id: value}
        return self._file.write(known)
