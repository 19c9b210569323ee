"""The size of a container's log, where the engine's files can be read."""

from pathlib import Path


def log_size(path: str) -> int | None:
    """The bytes of a log file and of what was rotated away from it; `None` if it is not readable.

    `path` is the `LogPath` of an inspect, on the engine's machine: of a local engine.
    """
    if not path:
        return None
    log = Path(path)
    try:
        total = _stored(log)
        for rotated in log.parent.iterdir():
            if rotated.name.startswith(f"{log.name}."):
                total += _stored(rotated)
    except OSError:
        return None
    return total


def _stored(path: Path) -> int:
    """What it takes of the disk."""
    return path.stat().st_blocks * 512
