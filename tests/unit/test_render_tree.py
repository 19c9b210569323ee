"""Trees and treemaps of an image's files: lines, letters, rectangles."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.layers.tree import Node, Tree
from dstui.domain.text import clean
from dstui.render.tree import (
    about_node,
    layer_notes,
    merged_notes,
    name_cell,
    path_of,
    rows_below,
    share_bar,
    size_cell,
)
from dstui.render.treemap import Box, squarified, tiles
from tests.layer_stacks import Entry, Layer, images
from tests.unit.test_layers_views import file, indexed


def node_at(tree: Tree, path: str) -> Node:
    """The node of a path, found by walking down."""
    *folders, name = path.split("/")
    directory = 0
    for folder in folders:
        number = next(n for n in tree.children(directory) if n.name == folder).directory
        assert number is not None
        directory = number
    return next(node for node in tree.children(directory) if node.name == name)


def named(tree: Tree, opened: Sequence[str] = ()) -> list[str]:
    numbers = {tree.entries.directories.find(path) for path in opened}
    rows = rows_below(tree, opened={n for n in numbers if n is not None})
    return [f"{'  ' * row.depth}{name_cell(tree, row.node).text}" for row in rows]


# Lines


def test_rows_show_what_is_unfolded_the_largest_first():
    tree = indexed([file("a/b/x", 30), file("a/y", 1), file("z", 20)]).tree
    assert named(tree) == ["a/", "z"]
    assert named(tree, ["a"]) == ["a/", "  b/", "  y", "z"]
    assert named(tree, ["a", "a/b"]) == ["a/", "  b/", "    x", "  y", "z"]
    assert named(tree, ["a/b"]) == ["a/", "z"]


def test_names_are_harmless_and_links_tell_where_they_lead():
    tree = indexed(
        [
            file("evil\x1b[2J\n", 9),
            Entry("link", "symlink", link="/some/\x1b]0;where"),
            Entry("empty", "directory"),
        ]
    ).tree
    shown = named(tree)
    assert all(clean(text) == text for text in shown)
    assert shown == ["evil ", "empty/", "link → /some/"]


def test_small_parts_have_no_bar():
    tree = indexed([file("large", 9999), file("small", 1)]).tree
    large, small = tree.children()
    assert share_bar(large, tree.bytes) == "█" * 8
    assert share_bar(small, tree.bytes) == ""
    assert size_cell(small).text == "1B"


# Letters


LAYERS: list[Layer] = [
    [file("app/old", 8), file("app/kept", 3), file("app/gone", 5), file("d/x", 7)],
    [
        file("app/new", 6),
        file("app/old", 4),
        Entry("app/.wh.gone"),
        Entry("d", "directory"),
        Entry("d/.wh..wh..opq"),
        file("d/y", 2),
    ],
]


def test_a_layer_tells_what_it_adds_modifies_and_removes():
    image = indexed(*LAYERS)
    tree, note = image.layer_tree(1), layer_notes(image, 1)
    told = {
        path: (note(node_at(tree, path)).letter, note(node_at(tree, path)).words)
        for path in ("app/new", "app/old", "app/.wh.gone", "d/.wh..wh..opq", "d/y")
    }
    assert told == {
        "app/new": ("A", ""),
        "app/old": ("M", ""),
        "app/.wh.gone": ("R", "5B in 1 file hidden"),
        "d/.wh..wh..opq": ("R", "7B in 1 file hidden"),
        "d/y": ("A", ""),
    }
    assert name_cell(tree, node_at(tree, "app/.wh.gone")).text == "gone"
    assert name_cell(tree, node_at(tree, "d/.wh..wh..opq")).text == "all that was in here"


def test_the_layer_below_tells_what_is_hidden_later():
    image = indexed(*LAYERS)
    tree, note = image.layer_tree(0), layer_notes(image, 0)
    assert note(node_at(tree, "app/gone")).words == "hidden by layer 2"
    assert note(node_at(tree, "app/kept")).words == ""


def test_the_merged_tree_tells_which_layer_a_file_is_from():
    image = indexed(*LAYERS)
    note = merged_notes(image)
    assert note(node_at(image.tree, "app/kept")).words == "layer 1"
    assert note(node_at(image.tree, "app/old")).words == "layer 2"
    assert note(node_at(image.tree, "app")).words == "3 files"


def test_all_that_is_known_of_a_file():
    image = indexed([Entry("app/x", content=b"123", mode=0o4755, uid=7)])
    node = node_at(image.tree, "app/x")
    path, facts = about_node(image, image.tree, node)
    assert path.text == path_of(image.tree, node) == "/app/x"
    assert facts.text == "3 bytes  file -rwsr-xr-x  7:7  2023-11-14 22:13:20Z  layer 1"


@given(images)
def test_every_node_of_any_image_can_be_shown(layers: Sequence[Layer]):
    image = indexed(*layers)
    for tree, note in [
        (image.tree, merged_notes(image)),
        *((image.layer_tree(n), layer_notes(image, n)) for n in range(len(layers))),
    ]:
        everything = set(range(len(tree.entries.directories)))
        for row in rows_below(tree, opened=everything):
            name_cell(tree, row.node)
            note(row.node)
            about_node(image, tree, row.node)


# Treemaps


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=40),
    st.integers(1, 200),
    st.integers(1, 60),
)
def test_rectangles_fill_the_box_and_never_overlap(sizes, width, height):
    boxes = squarified(sorted(sizes, reverse=True), Box(3, 5, width, height))
    assert len(boxes) == len(sizes)
    cells = [
        (x, y)
        for box in boxes
        for x in range(box.x, box.x + box.width)
        for y in range(box.y, box.y + box.height)
    ]
    assert len(cells) == len(set(cells)) == width * height
    assert all(3 <= x < 3 + width and 5 <= y < 5 + height for x, y in cells)


def test_areas_are_sizes():
    first, second = squarified([300, 100], Box(0, 0, 80, 20))
    assert first.width * first.height == pytest.approx(1200, rel=0.05)
    assert second.width * second.height == pytest.approx(400, rel=0.1)


def test_nothing_has_no_rectangles():
    assert squarified([], Box(0, 0, 10, 10)) == []
    assert tiles(indexed([Entry("e", "directory")]).tree, 0, 80, 20) == []


def test_a_map_nests_directories_and_names_what_leads_to_one():
    tree = indexed([file("opt/conda/lib/torch.so", 700), file("opt/conda/x", 100), file("z", 200)])
    found = tiles(tree.tree, 0, 120, 30)
    assert [(tile.name, tile.level) for tile in found] == [
        ("opt/conda/", 0),
        ("lib/", 1),
        ("torch.so", 2),
        ("x", 1),
        ("z", 0),
    ]
    outer, inner = found[0].box, found[1].box
    assert outer.x < inner.x and inner.x + inner.width < outer.x + outer.width


def test_the_many_small_ones_are_one_rectangle():
    tree = indexed([file("large", 9000), *(file(f"s{n}", 20) for n in range(50))]).tree
    found = tiles(tree, 0, 40, 10)
    assert [tile.name for tile in found] == ["large", "50 more"]
    assert sum(tile.bytes for tile in found) == tree.bytes
