"""Python packages: the names of metadata directories, and the modules that lie beside them."""

import re
from collections.abc import Iterator

from dstui.domain.layers.stacking import Stack
from dstui.domain.layers.tree import Tree
from dstui.domain.packages.modules import Site
from dstui.domain.packages.package import Package

_METADATA = (".dist-info", ".egg-info")
_NAMED = re.compile(r"(?P<name>.+?)-(?P<version>\d[^-]*|[^-]*\d[^-]*)(?:-py\d.*)?")
_SEPARATORS = re.compile(r"[-_.]+")
_OF_THE_SYSTEM = "usr/lib/python3/dist-packages"
_INSTALLER_BYTES = {2: "uv", 3: "uv"}
"""The file `INSTALLER` holds the installer's name and a line break or none."""


def normalised(name: str) -> str:
    """A name as packages are compared by (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def packages(stack: Stack, tree: Tree) -> list[Package]:
    """The Python packages of all environments."""
    found: list[Package] = []
    for directory, held in enumerate(stack.visible):
        if held is None:
            continue
        metadata = [name for name in held if name.endswith(_METADATA)]
        if metadata:
            found += _of_site(stack, tree, directory, metadata)
    return found


def _of_site(stack: Stack, tree: Tree, directory: int, metadata: list[str]) -> Iterator[Package]:
    directories = stack.entries.directories
    read = [(*_name_and_version(name), name) for name in metadata]
    site = Site(tree, directory, {normalised(name): info for name, _, info in read})
    in_system = directories.paths[directory] == _OF_THE_SYSTEM
    for name, version, info in read:
        known = normalised(name)
        manager = "system" if in_system else _installer(stack, directories.child(directory, info))
        yield Package(manager, known, version, site.bytes(known), directories.join(directory, info))


def _name_and_version(metadata: str) -> tuple[str, str | None]:
    stem = metadata.rpartition(".")[0]
    named = _NAMED.fullmatch(stem)
    return (named["name"], named["version"]) if named else (stem, None)


def _installer(stack: Stack, metadata: int | None) -> str:
    held = None if metadata is None else stack.visible[metadata]
    entry = held.get("INSTALLER", -1) if held else -1
    return _INSTALLER_BYTES.get(stack.entries.sizes[entry], "pip") if entry >= 0 else "pip"
