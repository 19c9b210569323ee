"""Conda packages: each environment lists them as the files of its `conda-meta`."""

from dstui.domain.layers.stacking import Stack
from dstui.domain.packages.package import Package
from dstui.domain.packages.python import normalised

_METADATA = "conda-meta"
_END = ".json"


def packages(stack: Stack) -> list[Package]:
    """The packages of all conda environments; their sizes are not in the index."""
    directories = stack.entries.directories
    found = []
    for number, held in enumerate(stack.visible):
        if held is None or directories.name(number) != _METADATA:
            continue
        for file in held:
            parts = file.removesuffix(_END).rsplit("-", 2)
            if file.endswith(_END) and len(parts) == 3:
                path = directories.join(number, file)
                found.append(Package("conda", parts[0], parts[1], None, path))
    return found


def merged(python: list[Package], conda: list[Package]) -> list[Package]:
    """All of them; a Python package that conda installed stands once, as conda's."""
    known = {(_prefix(one), normalised(one.name), one.version): one for one in conda}
    sizes: dict[Package, int | None] = {}
    others = []
    for package in python:
        prefix = package.path.partition("/lib/python")[0]
        of_conda = known.get((prefix, package.name, package.version))
        if of_conda is None:
            others.append(package)
        else:
            sizes[of_conda] = package.bytes
    return [*others, *(one._replace(bytes=sizes.get(one)) for one in conda)]


def _prefix(package: Package) -> str:
    """The environment's directory."""
    return package.path.rpartition("/")[0].removesuffix(_METADATA).rstrip("/")
