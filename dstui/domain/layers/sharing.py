"""Which images have which layers in common."""

from collections.abc import Mapping, Sequence


def shared_with(
    layers: Sequence[str], others: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    """For each layer (oldest first, by diff id) the images that it is stored once with.

    A layer is shared only where all layers below it are the same too.
    """
    common = {name: common_start(layers, theirs) for name, theirs in others.items()}
    return tuple(
        tuple(name for name, count in common.items() if count > place)
        for place in range(len(layers))
    )


def common_start(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many layers two images have in common, from the base on."""
    count = 0
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            break
        count += 1
    return count
