"""The packages that are installed in an image, told by the names of its files."""

from dstui.domain.layers.stacking import Stack
from dstui.domain.layers.tree import Tree
from dstui.domain.packages import conda, debian, python
from dstui.domain.packages.package import Package


def packages(stack: Stack, tree: Tree) -> tuple[Package, ...]:
    """All that are visible, the largest first, those of unknown size last.

    `tree` is that of the visible files.
    """
    found = conda.merged(python.packages(stack, tree), conda.packages(stack))
    found += debian.packages(stack)
    return tuple(sorted(found, key=lambda one: (-(one.bytes or -1), one.manager, one.name)))
