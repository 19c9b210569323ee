"""What is made of an index: trees, kinds, caches, doubles, fixes, the history, the cache."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given

from dstui.domain.image import HistoryEntry
from dstui.domain.layers import extras
from dstui.domain.layers.extras import Extra
from dstui.domain.layers.fixes import extra_fix, waste_fix
from dstui.domain.layers.history import layer_instructions
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.kinds import kind_of
from dstui.domain.layers.losses import Cause, WasteItem
from dstui.domain.layers.sharing import shared_with
from dstui.engine.index.cache import IndexCache
from tests.layer_stacks import Entry, Layer, images
from tests.unit.test_layers_stacking import index_of


def indexed(*layers: Layer) -> IndexedImage:
    return IndexedImage(index_of(layers))


def file(path: str, size: int = 4, **more: object) -> Entry:
    return Entry(path, content=path.encode().ljust(size, b".")[:size], **more)


# Trees


@given(images)
def test_a_trees_sums_are_the_visible_bytes(layers: Sequence[Layer]) -> None:
    image = indexed(*layers)
    assert image.tree.bytes == image.visible_bytes
    assert sum(node.bytes for node in image.tree.children()) == image.visible_bytes
    assert sum(layer.bytes for layer in image.layers) == image.total_bytes
    assert sum(layer.wasted_bytes for layer in image.layers) == image.wasted_bytes
    assert sum(found.bytes for found in image.biggest()) == image.visible_bytes
    assert sum(kind.bytes for kind in image.kinds) == image.visible_bytes


def test_children_come_largest_first_with_the_sums_below_them() -> None:
    image = indexed([file("a/b/x", 30), file("a/y", 1), file("z", 20), Entry("e", "directory")])
    nodes = [
        (node.name, node.bytes, node.files, node.is_directory) for node in image.tree.children()
    ]
    assert nodes == [("a", 31, 2, True), ("z", 20, 1, False), ("e", 0, 0, True)]
    (a, *_) = image.tree.children()
    assert a.directory is not None
    assert [node.name for node in image.tree.children(a.directory)] == ["b", "y"]


def test_a_layers_tree_has_its_own_entries_alone() -> None:
    image = indexed([file("a/x"), file("b")], [file("a/.wh.x", 0), file("c", 9)])
    tree = image.layer_tree(1)
    assert [(node.name, node.bytes) for node in tree.children()] == [("c", 9), ("a", 0)]


def test_a_tree_is_filtered_by_any_part_of_a_path() -> None:
    image = indexed([file("lib/Torch/x", 5), file("lib/torch.py", 2), file("lib/numpy/y", 7)])
    assert image.tree.filtered("torch").bytes == 7
    assert image.tree.filtered("torch/x").bytes == 5
    assert image.tree.filtered("no such").children() == []


def test_an_image_without_layers() -> None:
    image = indexed()
    assert (image.efficiency, image.layers, image.tree.children(), image.extras) == (
        1.0,
        (),
        [],
        (),
    )


def test_a_layers_summary() -> None:
    base = [file("a", 10), file("d/x", 3)]
    image = indexed(base, [file("a", 12), file("b", 1), file(".wh.d", 0)])
    assert image.efficiency == 13 / 26
    layer = image.layers[1]
    assert (layer.added, layer.modified, layer.removed) == ((1, 1), (1, 12), (1, 3))
    assert image.layers[0].wasted_bytes == 13
    assert image.waste_by_cause[Cause.REPLACED] == (1, 10)


# Caches, doubles, models


def found(image: IndexedImage) -> set[tuple[str, str, int, str]]:
    return {(item.cause.value, item.path, item.bytes, item.kind) for item in image.extras}


def test_caches_of_package_managers() -> None:
    image = indexed(
        [file("root/.cache/pip/http/a/b", 50), file("home/u/.cache/uv/x", 40)],
        [file("var/lib/apt/lists/x", 30), file("var/lib/apt/extended_states", 5)],
        [file("opt/conda/pkgs/p/x", 20), file("opt/conda/conda-meta/history", 1)],
        [file("srv/pkgs/x", 8), file("root/.npm/_cacache/x", 6), file("root/.cache/fish/x", 7)],
    )
    assert found(image) == {
        ("cache", "root/.cache/pip", 50, "pip"),
        ("cache", "home/u/.cache/uv", 40, "uv"),
        ("cache", "var/lib/apt/lists", 30, "apt"),
        ("cache", "opt/conda/pkgs", 20, "conda"),
        ("cache", "root/.npm", 6, "npm"),
    }


def test_what_a_cache_shares_with_an_environment_goes_with_neither() -> None:
    image = indexed(
        [file("root/.cache/uv/own", 5), file("root/.cache/uv/shared", 7)],
        [file("x", 1)],
    )
    assert found(image) == {("cache", "root/.cache/uv", 12, "uv")}
    linked = indexed(
        [
            file("root/.cache/uv/own", 5),
            file("root/.cache/uv/shared", 7),
            Entry("venv/x", "hardlink", link="root/.cache/uv/shared"),
        ]
    )
    assert found(linked) == {("cache", "root/.cache/uv", 5, "uv")}


def test_the_same_content_twice() -> None:
    image = indexed([Entry("a", content=b"same"), Entry("b", content=b"same")], [file("c", 4)])
    assert found(image) == {("duplicate", "b", 4, "a")}


def test_model_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "SMALLEST_MODEL", 10)
    monkeypatch.setattr(extras, "SMALLEST_BIN", 20)
    image = indexed(
        [file("m/a.safetensors", 11), file("m/b.bin", 12), file("m/c.bin", 21), file("d.pt", 9)],
        [file("lib/site-packages/x/y.pb", 99), file("root/.cache/torch/hub/z.pth", 98)],
    )
    models = {item.path for item in image.extras if item.cause is Extra.MODEL_WEIGHTS}
    assert models == {"m/a.safetensors", "m/c.bin"}


# Fixes


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (Cause.DELETED, "RUN that writes it (layer 1): && rm -rf /a/x"),
        (Cause.HIDDEN, "COPY it"),
        (Cause.REPLACED, "layer 2 writes it anew"),
        (Cause.METADATA_COPY, "COPY --chown"),
    ],
)
def test_every_cause_has_a_fix(cause: Cause, words: str) -> None:
    item = WasteItem(cause, "a/x", 5, 1, 0, 1)
    assert words in waste_fix(item, ["COPY . /a", "RUN chown -R 1 /a"])


def test_fixes_of_what_is_not_needed() -> None:
    image = indexed([file("root/.cache/pip/x", 50), file("b", 3), Entry("c", content=b"b..")])
    fixes = [extra_fix(item) for item in image.extras]
    assert "--no-cache-dir" in fixes[0]
    assert "same as /b" in fixes[1]


# Kinds


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("libtorch.so", "Shared libraries"),
        ("libcudnn.so.9.1.0", "Shared libraries"),
        ("x.PYC", "Python"),
        ("model.safetensors", "Model weights"),
        ("README", "Other"),
        ("py", "Other"),
    ],
)
def test_kinds_by_name(name: str, kind: str) -> None:
    assert kind_of(name) == kind


# History


def steps(*told: tuple[str, int]) -> tuple[HistoryEntry, ...]:
    """A history, newest first, from steps told oldest first."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return tuple(HistoryEntry(None, moment, words, size) for words, size in reversed(told))


def test_steps_that_only_set_metadata_made_no_layer() -> None:
    history = steps(
        ("/bin/sh -c #(nop) ADD file:1 in /", 10),
        ("/bin/sh -c #(nop)  CMD [x]", 0),
        ("ENV a=b", 0),
        ("/bin/sh -c touch x", 0),
        ("COPY . . # buildkit", 5),
    )
    made = layer_instructions(history, [10, 0, 5])
    assert made == (
        "/bin/sh -c #(nop) ADD file:1 in /",
        "/bin/sh -c touch x",
        "COPY . . # buildkit",
    )


def test_an_unclear_step_is_not_guessed() -> None:
    history = steps(("ADD", 10), ("WORKDIR /x", 0), ("RUN touch", 0), ("COPY", 5))
    assert layer_instructions(history, [10, 0, 5]) == ("ADD", None, "COPY")
    assert layer_instructions(history, [10, 5, 7]) == (None, None, None)


# Sharing


def test_a_layer_is_shared_only_with_all_below_it() -> None:
    shared = shared_with(["a", "b", "c"], {"x": ["a", "b"], "y": ["a", "z", "c"], "z": ["b"]})
    assert shared == (("x", "y"), ("x",), ())


# The cache


@given(images)
def test_the_cache_gives_back_what_it_was_given(layers: Sequence[Layer]) -> None:
    import tempfile

    index = index_of(layers)
    with tempfile.TemporaryDirectory() as folder:
        cache = IndexCache(Path(folder))
        cache.write(index)
        again = cache.read(index.image_id)
    assert again is not None
    assert (again.source, again.diff_ids, again.starts) == (
        index.source,
        index.diff_ids,
        index.starts,
    )
    assert again.entries.names == index.entries.names
    assert again.entries.links == index.entries.links
    assert again.entries.types == index.entries.types
    for column in ("parents", "sizes", "modes", "uids", "gids", "mtimes", "contents"):
        assert getattr(again.entries, column) == getattr(index.entries, column)
    assert IndexedImage(again).waste == IndexedImage(index).waste


def test_names_of_any_bytes_survive_the_cache(tmp_path: Path) -> None:
    index = index_of([[Entry(b"a\xff\n\x1b/b".decode("utf-8", "surrogateescape"))]])
    cache = IndexCache(tmp_path)
    cache.write(index)
    again = cache.read(index.image_id)
    assert again is not None
    assert again.entries.path(0) == index.entries.path(0)


@pytest.mark.parametrize("damage", ["cut", "noise", "empty", "format"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: str) -> None:
    index = index_of([[file("a")]])
    cache = IndexCache(tmp_path)
    cache.write(index)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    half = len(whole) // 2
    kept.write_bytes(
        {
            "cut": whole[:-3],
            "noise": whole[:half] + b"noise" + whole[half + 5 :],
            "empty": b"",
            "format": whole.replace(b"index 1", b"index 0"),
        }[damage]
    )
    assert cache.read(index.image_id) is None
    assert not kept.exists()
    cache.write(index)
    assert cache.read(index.image_id) is not None


def test_the_cache_makes_room(tmp_path: Path) -> None:
    from dataclasses import replace

    index = index_of([[file("a")]])
    cache = IndexCache(tmp_path)
    cache.write(index)
    size = next(tmp_path.iterdir()).stat().st_size
    small = IndexCache(tmp_path, most_bytes=size + size // 2)
    small.write(replace(index, image_id="sha256:other"))
    assert small.read("sha256:other") is not None
    assert small.read(index.image_id) is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = IndexCache(blocked / "indexes")
    index = index_of([[file("a")]])
    cache.write(index)
    assert cache.read(index.image_id) is None
    assert not cache.has(index.image_id)


# JSON


def test_the_json_of_an_image_is_plain_data_without_escapes() -> None:
    import json

    from dstui.domain.image import Image
    from dstui.render.layers_json import layers_object

    image = indexed([file("a\x1b[31m", 10)], [file("a\x1b[31m", 3), file("b", 1)])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    told = layers_object(Image("sha256:1", ("r:1",), (), moment, 14), image, [["x"], []])
    assert "\\u001b" not in json.dumps(told)
    assert (told["source"], told["visible_bytes"], told["wasted_bytes"]) == ("archive", 4, 10)
    assert [layer["shared_with"] for layer in told["layers"]] == [["x"], []]
    (waste,) = told["waste"]
    assert (waste["cause"], waste["path"]) == ("replaced", "a")
    assert (waste["bytes"], waste["layer"], waste["wasted_by"]) == (10, 1, 2)
