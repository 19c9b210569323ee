"""What an installed package is."""

from typing import NamedTuple


class Package(NamedTuple):
    """A package that is visible in an image."""

    manager: str
    """`pip`, `uv`, `conda`, `dpkg`, or `system` for a Python package of the distribution."""
    name: str
    """Python packages by their normalised name: lower case, with hyphens."""
    version: str | None
    bytes: int | None
    """Of the files that are known to be its own; `None` where none can be told."""
    path: str
    """The metadata that it is known by."""
