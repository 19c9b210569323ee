"""The tree of files and the treemap, each alone in an app."""

from collections.abc import Sequence

from dstui.domain.layers.tree import Tree
from dstui.render.tree import Note, rows_below
from dstui.ui.widgets.file_tree import FileTree
from dstui.ui.widgets.treemap import Treemap
from tests.layer_stacks import Entry
from tests.ui.bare import Repaints, received, screen_lines, shown
from tests.unit.test_layers_views import file, indexed


def tree_of(*entries: Entry) -> Tree:
    return indexed(list(entries)).tree


TREE = tree_of(
    file("opt/conda/lib/torch.so", 900),
    file("opt/conda/pkgs", 40),
    file("etc/passwd", 60),
    Entry("srv", "directory"),
)


def put(view: FileTree, tree: Tree) -> None:
    view.show(tree, rows_below(tree), set(), lambda node: Note(words=f"{node.files} files"))


def names(view: FileTree) -> list[str]:
    """The signs and names on screen, with their indent."""
    found = (line[20:].split("  0 files")[0] for line in screen_lines(view))
    return [line.rsplit("   ", 1)[0].rstrip() for line in found if line.strip()]


async def press(pilot, *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_it_unfolds_folds_and_goes_to_the_outer_directory():
    view = FileTree()
    async with shown(view) as pilot:
        view.focus()
        put(view, TREE)
        assert names(view) == ["▸ opt/", "▸ etc/", "  srv/"]
        await press(pilot, "enter", "j", "right")
        assert names(view)[:4] == ["▾ opt/", "  ▾ conda/", "    ▸ lib/", "      pkgs"]
        await press(pilot, "right", "left", "left", "left")
        assert view.cursor_row == 0
        await press(pilot, "left")
        assert names(view) == ["▸ opt/", "▸ etc/", "  srv/"]
        await press(pilot, "enter")
        assert names(view)[1] == "  ▸ conda/", "what was inside is folded too"


async def test_a_path_is_revealed_and_everything_folds():
    view = FileTree()
    async with shown(view) as pilot:
        view.focus()
        put(view, TREE)
        view.reveal("opt/conda/lib/torch.so")
        await press(pilot)
        assert view.node is not None and view.node.name == "torch.so"
        await press(pilot, "shift+left")
        assert names(view) == ["▸ opt/", "▸ etc/", "  srv/"]
        assert view.node.name == "opt"


async def test_the_cursor_stays_on_its_path_when_the_tree_is_another():
    view = FileTree()
    async with shown(view):
        put(view, TREE)
        view.move_cursor(1)
        put(view, tree_of(file("etc/passwd", 9), file("a", 99), file("b", 50)))
        assert view.node is not None and view.node.name == "etc"


async def test_a_large_directory_is_unfolded_on_a_thread():
    calls: list[object] = []

    async def in_background(call):
        calls.append(call)
        return call()

    view = FileTree(in_background)
    async with shown(view) as pilot:
        view.focus()
        put(view, tree_of(*(file(f"many/f{n:05}", 1) for n in range(2500))))
        await press(pilot, "enter")
        assert len(calls) == 1 and view.line_count == 2501
        await press(pilot, "G")
        assert view.node is not None and view.node.name == "f02499"


async def test_moving_repaints_two_lines_and_tells_the_node(monkeypatch):
    view = FileTree()
    async with shown(view) as pilot:
        view.focus()
        put(view, TREE)
        await pilot.pause()
        repaints = Repaints(view, monkeypatch)
        await press(pilot, "j")
        assert not repaints.everything and len(repaints.regions) == 2
        assert received(pilot, FileTree.Highlighted)


async def test_an_empty_tree_says_so():
    view = FileTree()
    async with shown(view):
        view.empty = "No path contains that"
        put(view, tree_of())
        assert "No path contains that" in "\n".join(screen_lines(view))


# The treemap


def labels(view: Treemap) -> Sequence[str]:
    return [tile.name for tile in view._tiles]


async def test_a_map_goes_into_directories_and_out_again():
    view = Treemap()
    async with shown(view, size=(100, 30)) as pilot:
        view.focus()
        view.show(TREE)
        await press(pilot)
        assert labels(view)[0] == "opt/conda/"
        assert "torch.so" in "\n".join(screen_lines(view))
        await press(pilot, "enter")
        assert view.path == "/opt/conda"
        await press(pilot, "backspace")
        assert view.path == "/"
        assert view.chosen is not None and view.chosen.name == "opt/conda/"
        assert not view.go_out()


async def test_arrows_and_clicks_choose_a_tile():
    view = Treemap()
    async with shown(view, size=(100, 30)) as pilot:
        view.focus()
        view.show(tree_of(file("left", 500), file("right", 400), file("below", 100)))
        await press(pilot, "right")
        assert view.chosen is not None and view.chosen.name in ("right", "below")
        await press(pilot, "left")
        assert view.chosen.name == "left"
        box = next(tile.box for tile in view._tiles if tile.name == "below")
        await pilot.click(view, offset=(box.x, box.y))
        assert view.chosen.name == "below"


async def test_names_in_a_map_are_harmless_and_wide_ones_fit():
    view = Treemap()
    async with shown(view, size=(60, 10)) as pilot:
        view.show(tree_of(file("日本語のとても長い名前のファイル", 500), file("e\x1b[2Jvil", 400)))
        await press(pilot)
        lines = [view.render_line(y) for y in range(view.size.height)]
        assert all(line.cell_length == 60 for line in lines)
        assert "\x1b" not in "".join(line.text for line in lines)
