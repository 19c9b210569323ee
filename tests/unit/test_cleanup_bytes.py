"""Bytes that come back, against a disk that is counted layer by layer."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.cleanup.layer_bytes import Layers
from tests.cleanup_facts import image

Graph = dict[str, tuple[tuple[str, int], ...]]
"""The layers of each image, each with its size: the same layer has the same size."""


@st.composite
def graphs(draw) -> Graph:
    """Images built on one another, as a builder makes them."""
    images: Graph = {}
    for number in range(draw(st.integers(1, 8))):
        base: tuple[tuple[str, int], ...] = ()
        if images and draw(st.booleans()):
            parent = images[draw(st.sampled_from(sorted(images)))]
            base = parent[: draw(st.integers(0, len(parent)))]
        sizes = draw(st.lists(st.integers(0, 1000), min_size=0 if base else 1, max_size=4))
        own = tuple((f"{number}.{place}", size) for place, size in enumerate(sizes))
        images[f"sha256:i{number}"] = base + own
    return images


def chains(layers) -> list[str]:
    return list(accumulate((name for name, _ in layers), lambda below, name: f"{below} {name}"))


def disk(graph: Graph) -> dict[str, int]:
    """What is stored: each layer on the same layers below it, once."""
    return {
        chain: size
        for layers in graph.values()
        for chain, (_, size) in zip(chains(layers), layers, strict=True)
    }


def shared(graph: Graph) -> dict[str, int]:
    """What `system/df` tells of each image."""
    uses: dict[str, int] = {}
    for layers in graph.values():
        for chain in chains(layers):
            uses[chain] = uses.get(chain, 0) + 1
    return {
        name: sum(
            size for chain, (_, size) in zip(chains(layers), layers, strict=True) if uses[chain] > 1
        )
        for name, layers in graph.items()
    }


def images_of(graph: Graph):
    return [
        image(
            name.removeprefix("sha256:"), [layer for layer, _ in layers], sum(s for _, s in layers)
        )
        for name, layers in graph.items()
    ]


def freed(graph: Graph, gone: list[str]) -> int:
    left = {name: layers for name, layers in graph.items() if name not in gone}
    return sum(disk(graph).values()) - sum(disk(left).values())


def history(graph: Graph) -> dict[str, tuple[int, ...]]:
    return {name: tuple(size for _, size in layers) for name, layers in graph.items()}


@given(graphs(), st.data())
def test_with_every_history_the_bytes_are_exact(graph, data):
    gone = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    layers = Layers(images_of(graph), shared(graph), history(graph))
    assert not layers.estimates
    removal = layers.removal()
    assert sum(removal.remove(name) for name in gone) == freed(graph, gone)
    for name in graph:
        assert layers.alone(name) == freed(graph, [name])


@given(graphs(), st.data())
def test_sizes_alone_tell_it_or_say_that_they_do_not(graph, data):
    gone = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    layers = Layers(images_of(graph), shared(graph))
    removal = layers.removal()
    total = sum(removal.remove(name) for name in gone)
    if layers.estimates:
        assert total <= freed(graph, gone)
        assert layers.untold
    else:
        assert total == freed(graph, gone)


@given(graphs(), st.data())
def test_the_histories_that_are_asked_for_are_enough(graph, data):
    gone = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    asked = Layers(images_of(graph), shared(graph)).untold
    known = {name: sizes for name, sizes in history(graph).items() if name in asked}
    layers = Layers(images_of(graph), shared(graph), known)
    assert not layers.untold
    removal = layers.removal()
    assert sum(removal.remove(name) for name in gone) == freed(graph, gone)


@given(graphs(), st.permutations(range(8)))
def test_removing_everything_empties_the_disk_in_any_order(graph, order):
    names = sorted(graph)
    removal = Layers(images_of(graph), shared(graph), history(graph)).removal()
    gone = [names[place] for place in order if place < len(names)]
    assert sum(removal.remove(name) for name in gone) == sum(disk(graph).values())
    assert all(removal.remove(name) == 0 for name in gone)


def test_an_image_that_shares_nothing_needs_no_layers():
    layers = Layers([image("a", size=70)], {"sha256:a": 0})
    assert layers.alone("sha256:a") == 70
    assert not layers.estimates


def test_an_image_of_which_nothing_is_known_promises_nothing():
    layers = Layers([image("a", size=70)], {})
    assert layers.alone("sha256:a") == 0
    assert layers.estimates == ["sha256:a"]


def test_sizes_that_contradict_each_other_never_free_less_than_nothing():
    images = [image("a", ["x"], 100), image("b", ["x", "y"], 50)]
    removal = Layers(images, {"sha256:a": 100, "sha256:b": 100}).removal()
    assert removal.remove("sha256:b") == 0
    assert removal.remove("sha256:a") >= 0


def test_a_container_holds_the_layers_of_an_image_that_is_gone():
    images, held = [image("a", ["x", "y"], 100)], {"job": ["x"]}
    unsure = Layers(images, {"sha256:a": 0}, held=held)
    assert unsure.untold == ("sha256:a",)
    assert unsure.removal().remove("sha256:a") == 0
    removal = Layers(images, {"sha256:a": 0}, {"sha256:a": (70, 30)}, held).removal()
    assert removal.remove("sha256:a") == 30
    assert removal.remove("job") == 70
