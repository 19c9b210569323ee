"""Which containers use an image, a volume or a network."""

from collections.abc import Callable, Iterable, Mapping

from dstui.domain.container import Container

UsedBy = Mapping[str, tuple[Container, ...]]


def by_image(containers: Iterable[Container]) -> UsedBy:
    """The containers made from each image, by image id."""
    return _group(containers, lambda container: (container.image_id,))


def by_volume(containers: Iterable[Container]) -> UsedBy:
    """The containers that mount each volume, by volume name."""
    return _group(containers, lambda container: {m.volume for m in container.mounts if m.volume})


def by_network(containers: Iterable[Container]) -> UsedBy:
    """The containers attached to each network, by network name."""
    return _group(containers, lambda container: container.networks)


def _group(
    containers: Iterable[Container], used: Callable[[Container], Iterable[str]]
) -> dict[str, tuple[Container, ...]]:
    users: dict[str, list[Container]] = {}
    for container in containers:
        for name in used(container):
            users.setdefault(name, []).append(container)
    return {name: tuple(found) for name, found in users.items()}
