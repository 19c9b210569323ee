"""A fault of dstui itself: one line for the person, the rest in a file."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

from dstui.ownfiles import append


def crash_note(error: BaseException, what: str = "dstui stopped") -> str:
    """Append the traceback to `crash.log` in the state directory and tell of it.

    No values are written: local variables may hold secrets of containers.
    """
    what = f"{what} by a fault of its own: {type(error).__name__}: {error}"
    try:
        path = _write("".join(traceback.format_exception(error)))
    except OSError as failure:
        return f"{what}\nIts details could not be written: {failure}"
    return f"{what}\nThe details are in {path}"


def _write(text: str) -> Path:
    from platformdirs import user_state_path

    path = user_state_path("dstui") / "crash.log"
    entry = f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{text}\n"
    append(path, entry.encode(errors="backslashreplace"))
    return path
