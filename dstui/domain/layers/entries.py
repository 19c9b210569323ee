"""The entries of layers in columns: a row an entry, 50 bytes a row besides the name."""

from array import array
from collections.abc import Iterator

from dstui.domain.layers.directories import Directories

FILE, HARD_LINK, SYMLINK, CHARACTER, BLOCK, DIRECTORY, FIFO = b"0123456"
"""The types of entries are tar's own."""

WHITEOUT = ".wh."
"""Marks a name as deleted from the layers below."""
OPAQUE = ".wh..wh..opq"
"""Marks a directory as hiding all that the layers below have in it."""
LEFTOVER = ".wh..wh."
"""Begins the names of AUFS's own files, which mean nothing to an image."""


class Entries:
    """Entries of one layer, or of all layers one after another."""

    __slots__ = (
        "capabilities",
        "contents",
        "directories",
        "gids",
        "links",
        "modes",
        "mtimes",
        "names",
        "parents",
        "sizes",
        "types",
        "uids",
    )

    def __init__(self, directories: Directories) -> None:
        self.directories = directories
        self.parents = array("I")
        """The number of the directory an entry stands in."""
        self.names: list[str] = []
        """As in the archive: may hold anything but a slash and NUL; `clean` before showing."""
        self.types = bytearray()
        self.sizes = array("Q")
        """Bytes of content; 0 for all but files."""
        self.modes = array("H")
        """Permission bits, with setuid, setgid and sticky."""
        self.uids = array("I")
        self.gids = array("I")
        self.mtimes = array("q")
        """Seconds since the epoch."""
        self.contents = array("Q")
        """A checksum of the content, 0 where none is known."""
        self.links: dict[int, str] = {}
        """The targets of links; a hard link's is a path within the image."""
        self.capabilities: set[int] = set()
        """The entries that carry file capabilities."""

    def __len__(self) -> int:
        return len(self.names)

    def path(self, entry: int) -> str:
        """The path of an entry, without a leading slash."""
        return self.directories.join(self.parents[entry], self.names[entry])

    def extend(self, other: "Entries") -> None:
        """Append the entries of another layer of the same image."""
        start = len(self)
        self.parents.extend(other.parents)
        self.names.extend(other.names)
        self.types.extend(other.types)
        self.sizes.extend(other.sizes)
        self.modes.extend(other.modes)
        self.uids.extend(other.uids)
        self.gids.extend(other.gids)
        self.mtimes.extend(other.mtimes)
        self.contents.extend(other.contents)
        self.links.update((start + entry, target) for entry, target in other.links.items())
        self.capabilities.update(start + entry for entry in other.capabilities)

    def whiteouts(self, first: int, end: int) -> Iterator[int]:
        """The entries of this range whose names are marks of any kind."""
        names = self.names
        return (entry for entry in range(first, end) if names[entry].startswith(WHITEOUT))
