"""The true bytes of images: a layer comes back only when the last image that has it goes.

The engine tells no layer its size. It tells of each image the whole size and, in `system/df`, the
bytes that it shares, which are those of its layers down to the last one that another image has
too. Together they give the size of nearly every run of layers that come and go as one; an image's
history gives the rest, and where even that is missing the least is taken that can be true.
"""

from collections.abc import Iterable, Mapping, Sequence

from dstui.domain.image import Image

_ROOT = -1


class Layers:
    """The layers of all images as a tree: a layer is the same only on the same layers below it."""

    def __init__(
        self,
        images: Iterable[Image],
        shared_bytes: Mapping[str, int],
        layer_bytes: Mapping[str, Sequence[int]] | None = None,
        held: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`layer_bytes` are sizes by image where known; `held` are layers that something else
        than an image uses, by its id.
        """
        self._nodes: dict[tuple[int, str], int] = {}
        self._parent: list[int] = []
        self._children: list[int] = []
        self._holders: list[int] = []
        self._known: list[int | None] = []
        """The bytes of all layers down to this one."""
        self._paths: dict[str, list[int]] = {}
        self._alone: dict[str, int] = {}
        """The bytes of images whose layers are not known, and need not be."""
        self.estimates: list[str] = []
        """Images whose bytes are not exact."""
        listed = list(images)
        for image in listed:
            self._add(image, shared_bytes.get(image.id))
        self._learn(listed, shared_bytes, layer_bytes or {})
        self._held_ends: set[int] = set()
        for identifier, layers in (held or {}).items():
            self._hold(identifier, layers)
            self._held_ends.update(self._paths[identifier][-1:])
        self._open = self._fill()
        self._sizes = self._own_sizes()

    @property
    def untold(self) -> tuple[str, ...]:
        """An image for each run of layers of unknown size: its history would tell it."""
        wanted: dict[int, str] = {}
        for identifier, path in self._paths.items():
            for node in path:
                if node in self._open:
                    wanted.setdefault(node, identifier)
        return tuple(dict.fromkeys(wanted.values()))

    def removal(self) -> "Removal":
        """The start of a removal of any of them, one after the other."""
        return Removal(self._paths, self._alone, self._holders, self._sizes)

    def alone(self, image_id: str) -> int:
        """What comes back when this image alone goes."""
        path = self._paths.get(image_id, ())
        unique = sum(self._sizes[node] for node in path if self._holders[node] == 1)
        return unique + self._alone.get(image_id, 0)

    def count(self, image_id: str) -> int:
        """How many layers it has."""
        return len(self._paths.get(image_id, ()))

    def _add(self, image: Image, shared: int | None) -> None:
        if image.layers:
            self._hold(image.id, image.layers)
        elif shared is None:
            self._alone[image.id] = 0
            self.estimates.append(image.id)
        else:
            self._alone[image.id] = max(0, image.size_bytes - shared)

    def _hold(self, identifier: str, layers: Sequence[str]) -> None:
        node, path = _ROOT, []
        for layer in layers:
            place = node, layer
            if place not in self._nodes:
                self._nodes[place] = len(self._parent)
                self._parent.append(node)
                self._children.append(0)
                self._holders.append(0)
                self._known.append(None)
                if node != _ROOT:
                    self._children[node] += 1
            node = self._nodes[place]
            self._holders[node] += 1
            path.append(node)
        self._paths[identifier] = path

    def _learn(
        self,
        images: Iterable[Image],
        shared_bytes: Mapping[str, int],
        layer_bytes: Mapping[str, Sequence[int]],
    ) -> None:
        for image in images:
            path = self._paths.get(image.id)
            if not path:
                continue
            self._known[path[-1]] = image.size_bytes
            sizes = layer_bytes.get(image.id, ())
            if len(sizes) == len(path) and sum(sizes) == image.size_bytes:
                total = 0
                for node, size in zip(path, sizes, strict=True):
                    total += size
                    self._known[node] = total
            common = [node for node in path if self._holders[node] > 1]
            shared = shared_bytes.get(image.id)
            if common and shared is not None and shared <= image.size_bytes:
                self._known[common[-1]] = shared

    def _fill(self) -> frozenset[int]:
        """Find the forks of unknown size, and give each the most that may be shared: so that no
        more is promised than comes back. Children come after their parents, so go backwards.
        """
        unknown = set()
        least: dict[int, int] = {}
        for node in reversed(range(len(self._parent))):
            forks = self._children[node] > 1 or node in self._held_ends
            if self._known[node] is None and forks:
                unknown.add(node)
                self._known[node] = least.get(node, 0)
            total = self._known[node]
            below = least.get(node) if total is None else total
            parent = self._parent[node]
            if parent != _ROOT and below is not None:
                least[parent] = min(below, least.get(parent, below))
        if unknown:
            self.estimates += [
                name for name, path in self._paths.items() if not unknown.isdisjoint(path)
            ]
        return frozenset(unknown)

    def _own_sizes(self) -> list[int]:
        """What each layer adds to the known sum below it; runs count at their last layer."""
        sizes = [0] * len(self._parent)
        base = [0] * len(self._parent)
        for node, parent in enumerate(self._parent):
            below = 0 if parent == _ROOT else base[parent]
            known = self._known[node]
            base[node] = below if known is None else max(below, known)
            sizes[node] = base[node] - below
        return sizes


class Removal:
    """Images that go one after the other, and what each brings back."""

    def __init__(
        self,
        paths: Mapping[str, Sequence[int]],
        alone: Mapping[str, int],
        holders: Sequence[int],
        sizes: Sequence[int],
    ) -> None:
        self._paths = paths
        self._alone = alone
        self._left = list(holders)
        self._sizes = sizes
        self._gone: set[str] = set()

    def remove(self, identifier: str) -> int:
        """The bytes that come back as this one goes, after those before it."""
        if identifier in self._gone:
            return 0
        self._gone.add(identifier)
        freed = self._alone.get(identifier, 0)
        for node in self._paths.get(identifier, ()):
            self._left[node] -= 1
            if not self._left[node]:
                freed += self._sizes[node]
        return freed

    def helped(self, identifier: str) -> bool:
        """Whether something came back that this one had held."""
        return any(not self._left[node] for node in self._paths.get(identifier, ())) or bool(
            self._alone.get(identifier)
        )
