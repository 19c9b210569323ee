"""The filters of the container list."""

import re
from collections.abc import Callable, Mapping, Sequence

from dstui.demo.errors import ApiError
from dstui.demo.model import Container
from dstui.demo.population import image_by_name
from dstui.demo.world import World

Test = Callable[[World, Container, str], bool]


def matches(world: World, container: Container, filters: Mapping[str, Sequence[str]]) -> bool:
    """Whether it passes every filter: one value of each is enough, but all of the labels."""
    for name, values in filters.items():
        test = _TESTS.get(name)
        if test is None:
            raise ApiError(400, f"invalid filter '{name}'")
        enough = all if name == "label" else any
        if not enough(test(world, container, value) for value in values):
            return False
    return True


def has_label(labels: Mapping[str, str] | None, wanted: str) -> bool:
    """Whether a label has this name, or with `name=value` this value."""
    name, equals, value = wanted.partition("=")
    return name in (labels or {}) and (not equals or (labels or {})[name] == value)


def _is_ancestor(world: World, container: Container, name: str) -> bool:
    image = image_by_name(world.images, name)
    return image is not None and image is container.image


def _uses_volume(world: World, container: Container, name: str) -> bool:
    return any(name in (mount.source, mount.destination) for mount in container.mounts)


def _in_network(world: World, container: Container, name: str) -> bool:
    return any(
        network.name == container.network and name in (network.name, network.id)
        for network in world.networks
    )


_TESTS: dict[str, Test] = {
    "id": lambda world, container, value: container.id.startswith(value),
    "name": lambda world, container, value: re.search(value, f"/{container.name}") is not None,
    "status": lambda world, container, value: world.shown_state(container) == value,
    "label": lambda world, container, value: has_label(container.labels, value),
    "exited": lambda world, container, value: (
        container.state == "exited" and str(container.exit_code) == value
    ),
    "health": lambda world, container, value: (container.health or "none") == value,
    "ancestor": _is_ancestor,
    "volume": _uses_volume,
    "network": _in_network,
}
