"""Completes a path as it is typed; the right arrow takes what is suggested."""

import asyncio
import os
from itertools import islice
from pathlib import Path

from textual.suggester import Suggester

from dstui.background import Background

_LOOKED_AT = 5000
"""Entries of a directory; in one that has more the rest is not suggested."""


class PathSuggester(Suggester):
    """Reads directories on a thread: one on a network may take its time."""

    def __init__(self, background: Background, directories_only: bool = False) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._background = background
        self._directories_only = directories_only

    async def get_suggestion(self, value: str) -> str | None:
        """The whole path, when the text is the beginning of one."""
        future = self._background.submit(completed, value, self._directories_only)
        return await asyncio.wrap_future(future)


def completed(text: str, directories_only: bool = False) -> str | None:
    """The first path in the order of names that goes on from this one; `None` when none does."""
    head, slash, start = text.rpartition("/")
    if not slash or not start:
        return None
    try:
        with os.scandir(Path(head + slash).expanduser()) as entries:
            found = [
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in islice(entries, _LOOKED_AT)
                if entry.name.startswith(start) and (entry.is_dir() or not directories_only)
            ]
    except (OSError, RuntimeError, ValueError):
        return None
    harmless = [name for name in found if name.isprintable()]
    return f"{head}{slash}{min(harmless)}" if harmless else None
