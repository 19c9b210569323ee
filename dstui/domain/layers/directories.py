"""The directories of an image, each stored once and known by a number."""

from array import array

ROOT = 0


class Directories:
    """All directories that any layer names. A parent's number is always below its children's."""

    __slots__ = ("_numbers", "parents", "paths")

    def __init__(self) -> None:
        self.paths: list[str] = [""]
        """Relative to the root, which is the empty path; no leading or trailing slash."""
        self.parents = array("i", (-1,))
        self._numbers: dict[str, int] = {"": ROOT}

    def __len__(self) -> int:
        return len(self.paths)

    def find(self, path: str) -> int | None:
        """The number of a directory."""
        return self._numbers.get(path)

    def number(self, path: str) -> int:
        """The number of a directory, which is added with its ancestors where it is new."""
        known = self._numbers.get(path)
        if known is not None:
            return known
        parent = self.number(path.rpartition("/")[0])
        self._numbers[path] = added = len(self.paths)
        self.paths.append(path)
        self.parents.append(parent)
        return added

    def join(self, directory: int, name: str) -> str:
        """The path of something in a directory."""
        path = self.paths[directory]
        return f"{path}/{name}" if path else name

    def child(self, directory: int, name: str) -> int | None:
        """The number of a subdirectory."""
        return self._numbers.get(self.join(directory, name))

    def name(self, directory: int) -> str:
        """The last part of its path."""
        return self.paths[directory].rpartition("/")[2]
