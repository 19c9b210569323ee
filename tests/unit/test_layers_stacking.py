"""Layers laid on each other: what is visible, what is wasted, and why."""

import io
from collections.abc import Sequence

from hypothesis import given, settings

from dstui.domain.layers.index import ImageIndex, Source, assemble
from dstui.domain.layers.losses import Cause
from dstui.domain.layers.recording import LayerRecorder, Recording
from dstui.domain.layers.stacking import (
    AUFS_LEFTOVER,
    BARE_MARK,
    BROKEN_LINK,
    IMPLIED,
    Change,
    Stack,
)
from dstui.engine.index import layertar
from dstui.engine.index.bytestream import ByteStream
from tests.layer_stacks import Entry, Layer, images, layer_tar, visible, visible_bytes


def index_of(layers: Sequence[Layer]) -> ImageIndex:
    recording = Recording()
    recorded = []
    for number, layer in enumerate(layers):
        recorder = LayerRecorder(recording)
        packed = io.BytesIO(layer_tar(layer))
        layertar.record(ByteStream(lambda packed=packed: packed.read(1000)), recorder)
        recorded.append((f"sha256:{number}", recorder.entries))
    return assemble("sha256:0", Source.ARCHIVE, "crc32", recorded, [], recording.skipped)


def stack_of(*layers: Layer) -> Stack:
    index = index_of(layers)
    return Stack(index.entries, index.starts)


def shown(stack: Stack) -> dict[str, int]:
    """Every visible path and its entry."""
    return {
        stack.entries.directories.join(directory, name): entry
        for directory, held in enumerate(stack.visible)
        for name, entry in (held or {}).items()
    }


def wasted(stack: Stack) -> dict[tuple[str, str], int]:
    return {(item.cause.value, item.path): item.bytes for item in stack.waste}


def file(path: str, content: bytes = b"1234", **more: object) -> Entry:
    return Entry(path, content=content, **more)


@settings(max_examples=300)
@given(images)
def test_what_is_visible_and_what_is_wasted_are_exact(layers: list[Layer]) -> None:
    stack = stack_of(*layers)
    expected = visible(layers)
    assert shown(stack).keys() == expected.keys()
    for path, entry in shown(stack).items():
        is_directory = entry == IMPLIED or stack.entries.types[entry] == ord("5")
        assert is_directory == (expected[path][0] == "directory")
    assert stack.visible_bytes == visible_bytes(layers)
    assert stack.total_bytes == sum(len(entry.content) for layer in layers for entry in layer)
    assert sum(item.bytes for item in stack.waste) == stack.total_bytes - stack.visible_bytes


def test_a_file_written_again_wastes_the_first_one() -> None:
    stack = stack_of([file("a/x", b"old")], [file("a/x", b"newer")])
    assert wasted(stack) == {("replaced", "a/x"): 3}
    assert (stack.waste[0].written_by, stack.waste[0].wasted_by) == (0, 1)


def test_a_changed_owner_copies_the_content() -> None:
    stack = stack_of([file("x")], [file("x", uid=1000)])
    assert wasted(stack) == {("metadata-copy", "x"): 4}


def test_a_deleted_directory_is_one_loss_for_each_layer_that_wrote_in_it() -> None:
    stack = stack_of([file("d/x")], [file("d/y", b"12")], [file(".wh.d", b"")])
    losses = [(item.cause, item.path, item.bytes, item.written_by) for item in stack.waste]
    assert sorted(losses) == [(Cause.DELETED, "d", 2, 1), (Cause.DELETED, "d", 4, 0)]
    assert [(gone.path, gone.files, gone.bytes) for gone in stack.removals] == [("d", 2, 6)]
    assert shown(stack) == {}


def test_a_whiteout_leaves_the_same_layer_alone_whatever_the_order() -> None:
    below, mark, above = [file("d/x")], file(".wh.d", b""), file("d/y")
    for layer in ([mark, above], [above, mark]):
        assert shown(stack_of(below, layer)).keys() == {"d", "d/y"}


def test_an_opaque_directory_hides_what_is_below_it_and_nothing_beside_it() -> None:
    layers = [file("d/x"), file("d/e/x"), file("z")], [file("d/y"), file("d/.wh..wh..opq", b"")]
    stack = stack_of(*layers)
    assert shown(stack).keys() == {"d", "d/y", "z"}
    assert wasted(stack) == {("hidden", "d"): 8}


def test_a_hard_link_keeps_a_content_that_its_other_name_lost() -> None:
    pair = [file("x"), Entry("y", "hardlink", link="x")]
    kept = stack_of(pair, [file("x", b"new")])
    assert (kept.visible_bytes, kept.waste) == (7, [])
    lost = stack_of(pair, [file("x", b"new")], [file(".wh.y", b"")])
    assert wasted(lost) == {("deleted", "y"): 4}


def test_a_hard_link_may_name_a_file_of_a_lower_layer() -> None:
    stack = stack_of([file("x")], [Entry("y", "hardlink", link="x")], [file(".wh.x", b"")])
    assert (stack.visible_bytes, stack.waste) == (4, [])


def test_a_hard_link_to_nothing_is_counted() -> None:
    stack = stack_of([Entry("y", "hardlink", link="gone")])
    assert stack.oddities == {BROKEN_LINK: 1}


def test_marks_without_a_meaning_are_counted_and_hide_nothing() -> None:
    odd = [file(".wh.", b""), file("d/.wh..wh.aufs", b""), file(".wh..wh.plnk/1.2", b"123")]
    stack = stack_of([file("d/x")], odd)
    assert shown(stack).keys() == {"d", "d/x"}
    assert stack.oddities == {BARE_MARK: 1, AUFS_LEFTOVER: 2}
    assert wasted(stack) == {("hidden", ".wh..wh.plnk/1.2"): 3}


def test_a_content_that_aufs_kept_aside_is_visible_through_its_link() -> None:
    linked = [file(".wh..wh.plnk/1.2", b"123"), Entry("x", "hardlink", link=".wh..wh.plnk/1.2")]
    stack = stack_of(linked)
    assert (stack.visible_bytes, stack.waste) == (3, [])
    assert stack_of(linked, [file(".wh.x", b"")]).waste[0].bytes == 3


def test_files_and_directories_replace_each_other() -> None:
    to_file = stack_of([file("d/x")], [file("d", b"1")])
    assert shown(to_file).keys() == {"d"}
    assert wasted(to_file) == {("replaced", "d"): 4}
    to_directory = stack_of([file("d")], [file("d/x", b"1")])
    assert shown(to_directory).keys() == {"d", "d/x"}
    assert wasted(to_directory) == {("replaced", "d"): 4}


def test_a_directory_named_again_is_no_change() -> None:
    folder = Entry("d", "directory", mode=0o755)
    opened = Entry("d", "directory", mode=0o777)
    stack = stack_of([folder, file("d/x")], [folder], [opened])
    changes = [Change(change) for change in stack.changes]
    assert changes == [Change.ADDED, Change.ADDED, Change.REPEATED, Change.MODIFIED]


def test_a_layer_that_comes_twice_wastes_its_first_copy() -> None:
    layer = [file("x"), file("d/y")]
    stack = stack_of(layer, layer)
    assert stack.visible_bytes == stack.total_bytes / 2
    assert {item.path for item in stack.waste} == {"x", "d/y"}
