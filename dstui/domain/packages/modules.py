"""Which modules of a `site-packages` belong to which package, told by names alone.

The metadata's `RECORD` would tell exactly, but its content is not in the index.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from dstui.domain.layers.tree import Node, Tree
from dstui.domain.packages.import_names import IMPORT_NAMES, NVIDIA_LIBRARIES

_CUDA_SUFFIX = re.compile(r"_cu\d+$")
_SHARED_CUDA = re.compile(r"cu\d+$")
_NVIDIA = "nvidia"
_COMPILED = "__pycache__"


def _stem(file: str) -> str:
    return file.partition(".")[0].lower().replace("-", "_")


def _spellings(name: str) -> Iterator[str]:
    yield name.replace("_", "")
    for affix in ("py", "python"):
        yield name.removesuffix(f"_{affix}")
        yield name.removeprefix(f"{affix}_")
    if name.startswith("types_"):
        yield name.removeprefix("types_") + "_stubs"


class Site:
    """One `site-packages`; `metadata` has the metadata's name of each package in it."""

    def __init__(self, tree: Tree, directory: int, metadata: Mapping[str, str]) -> None:
        self._tree = tree
        self._directory = directory
        self._metadata = metadata
        self._by_stem: dict[str, list[Node]] = {}
        self._folders = {"": {node.name: node for node in tree.children(directory)}}
        for node in self._folders[""].values():
            if not node.name.endswith((".dist-info", ".egg-info")):
                self._by_stem.setdefault(_stem(node.name), []).append(node)
        for node in self._inside(_COMPILED).values():
            compiled = node._replace(name=f"{_COMPILED}/{node.name}")
            self._by_stem.setdefault(_stem(node.name), []).append(compiled)

    def bytes(self, package: str) -> int | None:
        """What the modules of a package take; `None` when none can be told to be its own."""
        nodes = {node.name: node for node in self._own(package)}
        if not nodes:
            return None
        metadata = self._find(self._metadata[package])
        return sum(node.bytes for node in [*nodes.values(), *metadata])

    def _own(self, package: str) -> Iterator[Node]:
        name = package.replace("-", "_")
        for path in IMPORT_NAMES.get(package, ()):
            yield from self._find(path)
        if name.startswith(f"{_NVIDIA}_"):
            yield from self._of_nvidia(_CUDA_SUFFIX.sub("", name.removeprefix(f"{_NVIDIA}_")))
        elif spelled := self._spelled(name):
            for spelling in (spelled, f"_{spelled}"):
                yield from self._by_stem.get(spelling, ())
        else:
            yield from self._in_namespace(name)

    def _spelled(self, name: str) -> str | None:
        """The module that is named like the package, or nearly so and like no other package."""
        if name in self._by_stem:
            return name
        for spelling in _spellings(name):
            if spelling in self._by_stem and spelling.replace("_", "-") not in self._metadata:
                return spelling
        return None

    def _find(self, path: str) -> Iterator[Node]:
        """What stands at a path below; a single name stands for a module of any form."""
        folder, _, name = path.rpartition("/")
        if not folder and (found := self._by_stem.get(name.lower())):
            yield from found
            return
        node = self._inside(folder).get(name)
        if node is not None:
            yield node._replace(name=path)

    def _inside(self, folder: str) -> Mapping[str, Node]:
        known = self._folders.get(folder)
        if known is None:
            number = self._tree.entries.directories.child(self._directory, folder)
            nodes = () if number is None else self._tree.children(number)
            self._folders[folder] = known = {node.name: node for node in nodes}
        return known

    def _in_namespace(self, name: str) -> Iterator[Node]:
        """`google_cloud_storage` as `google/cloud/storage`, where `google` is no package itself."""
        parts = name.split("_")
        if len(parts) < 2 or parts[0] in self._metadata:
            return
        for end in range(1, len(parts)):
            first, rest = parts[:end], parts[end:]
            for path in {
                "/".join([*first, "_".join(rest)]),
                "_".join(first) + "/" + "_".join(rest),
            }:
                if found := list(self._find(path)):
                    yield from found
                    return

    def _of_nvidia(self, library: str) -> Iterator[Node]:
        """A directory of its own, or its files among those that CUDA's packages share."""
        if own := [*self._find(f"{_NVIDIA}/{library}"), *self._find(library)]:
            yield from own
            return
        starts = tuple(f"lib{start}" for start in NVIDIA_LIBRARIES.get(library, (library,)))
        for shared in self._shared_cuda:
            for node in self._inside(f"{shared}/lib").values():
                if node.name.lower().startswith(starts):
                    yield node._replace(name=f"{shared}/lib/{node.name}")

    @cached_property
    def _shared_cuda(self) -> list[str]:
        names = list(self._inside(_NVIDIA))
        return [f"{_NVIDIA}/{name}" for name in names if _SHARED_CUDA.match(name)]
