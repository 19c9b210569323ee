"""Takes entries from a source: normalises paths, and counts what must be left out."""

from collections import Counter
from dataclasses import dataclass, field

from dstui.domain.layers.directories import Directories
from dstui.domain.layers.entries import DIRECTORY, FILE, HARD_LINK, SYMLINK, Entries

MOST_ENTRIES = 3_000_000
MOST_TEXT_BYTES = 400_000_000
"""Of all different names and paths together."""
LONGEST_PATH = 4096
DEEPEST_PATH = 200

ESCAPES = "a path with '..'"
TOO_LONG = "a path of absurd length"
UNKNOWN_TYPE = "an unknown type of entry"

Owner = tuple[int, int, int]
"""Mode, uid and gid."""

_ALSO_FILES = b"\x007S"
"""Old, contiguous and sparse files."""
_TYPES = frozenset(b"0123456" + _ALSO_FILES)
_LARGEST_ID = 2**32 - 1
_LARGEST_SIZE = 2**60
_LATEST = 2**63 - 1
_NO_NAMES = frozenset((b"", b".", b".."))


class ImageTooLargeError(Exception):
    """An image with more entries or names than any real one: refused, to bound the memory."""


@dataclass(slots=True)
class Recording:
    """What the layers of one image share while they are read."""

    directories: Directories = field(default_factory=Directories)
    skipped: Counter[str] = field(default_factory=Counter)
    """How many entries were left out, by reason."""
    entries: int = 0
    text_bytes: int = 0
    names: dict[bytes, str] = field(default_factory=dict)
    parents: dict[bytes, int | str] = field(default_factory=dict)
    """Of a directory as an archive writes it: its number, or why it must not be used."""

    def parent(self, raw: bytes) -> int | str:
        """The number of a directory, or why entries in it are left out."""
        known = self.parents.get(raw)
        if known is None:
            self.spend(len(raw))
            self.parents[raw] = known = self._new_parent(raw)
        return known

    def _new_parent(self, raw: bytes) -> int | str:
        parts = [part for part in raw.split(b"/") if part not in (b"", b".")]
        if b".." in parts:
            return ESCAPES
        if len(parts) > DEEPEST_PATH:
            return TOO_LONG
        before = len(self.directories)
        number = self.directories.number("/".join(map(_text, parts)))
        self.spend(len(raw) * (len(self.directories) - before))
        return number

    def name(self, raw: bytes) -> str:
        """A name, shared by all entries that bear it."""
        known = self.names.get(raw)
        if known is None:
            self.spend(2 * len(raw))
            self.names[raw] = known = _text(raw)
        return known

    def spend(self, text_bytes: int) -> None:
        """Account for memory; raises `ImageTooLargeError`."""
        self.text_bytes += text_bytes
        if self.text_bytes > MOST_TEXT_BYTES:
            raise ImageTooLargeError(f"its file names alone take {MOST_TEXT_BYTES // 10**6} MB")


class LayerRecorder:
    """Records the entries of one layer, in the order of its archive."""

    __slots__ = ("_last_parent", "_last_raw", "_recording", "entries")

    def __init__(self, recording: Recording) -> None:
        self.entries = Entries(recording.directories)
        self._recording = recording
        self._last_raw: bytes | None = None
        self._last_parent: int | str = 0

    def add(
        self,
        path: bytes,
        kind: int,
        size: int,
        owner: Owner,
        mtime: int,
        link: bytes = b"",
        content: int = 0,
    ) -> None:
        """Record one entry. Raises `ImageTooLargeError`."""
        raw, _, name = path.rstrip(b"/").rpartition(b"/")
        if len(path) > LONGEST_PATH:
            self._recording.skipped[TOO_LONG] += 1
            return
        if raw != self._last_raw:
            self._last_raw = raw
            self._last_parent = self._recording.parent(raw)
        parent = self._last_parent
        if isinstance(parent, str) or name in _NO_NAMES or kind not in _TYPES:
            self._leave_out(parent, name)
            return
        entries = self.entries
        if kind in _ALSO_FILES:
            kind = DIRECTORY if path.endswith(b"/") else FILE
        if kind in (HARD_LINK, SYMLINK):
            self._link(link, kind)
        entries.parents.append(parent)
        entries.names.append(self._recording.name(name))
        entries.types.append(kind)
        entries.sizes.append(size if kind == FILE and 0 <= size < _LARGEST_SIZE else 0)
        mode, uid, gid = owner
        entries.modes.append(mode & 0o7777)
        entries.uids.append(uid if 0 <= uid <= _LARGEST_ID else _LARGEST_ID)
        entries.gids.append(gid if 0 <= gid <= _LARGEST_ID else _LARGEST_ID)
        entries.mtimes.append(mtime if -_LATEST <= mtime <= _LATEST else _LATEST)
        entries.contents.append(content)
        self._recording.entries += 1
        if self._recording.entries > MOST_ENTRIES:
            raise ImageTooLargeError(f"it has more than {MOST_ENTRIES:,} files")

    def mark_capable(self) -> None:
        """Note that the last entry carries file capabilities."""
        if self.entries.names:
            self.entries.capabilities.add(len(self.entries) - 1)

    def _link(self, target: bytes, kind: int) -> None:
        """Keep the target of the entry that is about to be added."""
        text = _text(target[:LONGEST_PATH])
        if kind == HARD_LINK:
            parts = [part for part in text.split("/") if part not in ("", ".")]
            text = "/".join(parts)
        self._recording.spend(len(text))
        self.entries.links[len(self.entries)] = text

    def _leave_out(self, parent: int | str, name: bytes) -> None:
        if isinstance(parent, str):
            self._recording.skipped[parent] += 1
        elif name == b"..":
            self._recording.skipped[ESCAPES] += 1
        elif name not in _NO_NAMES:
            self._recording.skipped[UNKNOWN_TYPE] += 1


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape").replace("\0", "\N{REPLACEMENT CHARACTER}")
