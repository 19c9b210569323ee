"""Where the lines of a log go: a file, the clipboard."""

import errno
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from dstui.domain.logring import Entry
from dstui.render.logtext import LineFormat, as_text

CLIPBOARD_BYTES = 56_000
"""What terminals take through OSC 52: xterm and tmux stop near 75,000 characters of base64."""


def default_path(names: Sequence[str], now: datetime) -> str:
    """`~/NAME-DATE.log`."""
    name = names[0] if len(names) == 1 else f"{names[0]}-and-others" if names else "log"
    return f"~/{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}-{now:%Y%m%d-%H%M%S}.log"


def write_log(entries: Sequence[Entry], form: LineFormat, path: Path, replace: bool) -> None:
    """Write cleaned lines. Raises `FileExistsError` unless it may replace what is there, and for
    what is no file.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "it is no regular file", str(path))
    with path.open("w" if replace else "x", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in as_text(entries, form))


def copyable(entries: Sequence[Entry], form: LineFormat) -> tuple[str, int]:
    """The newest lines that the clipboard takes, and how many they are."""
    lines: list[str] = []
    left = CLIPBOARD_BYTES
    for line in as_text(reversed(entries), form):
        left -= len(line.encode()) + 1
        if left < 0:
            break
        lines.append(line)
    return "\n".join(reversed(lines)), len(lines)
