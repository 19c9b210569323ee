"""The Files view: the tree of what a container sees, or of what one layer brought."""

from typing import Any, NamedTuple

from dstui.domain.instruction import read_instruction
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.tree import Tree
from dstui.render.column import Cell, Role
from dstui.render.layer_facts import counted
from dstui.render.tree import (
    Note,
    Notes,
    TreeRow,
    about_node,
    layer_notes,
    merged_notes,
    rows_below,
)
from dstui.render.units import decimal_bytes
from dstui.ui.layers.view import LayerView
from dstui.ui.widgets.file_tree import FileTree

_ALL_UNFOLDED = 500
"""A filter that finds no more files than this shows all of them unfolded."""


class _Loaded(NamedTuple):
    tree: Tree
    rows: list[TreeRow]
    opened: set[int]
    notes: Notes


class FilesView(LayerView, FileTree):
    """Of all layers, or of the one that was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._layer: int | None = None
        self._wanted = ""
        self._indexed: IndexedImage | None = None
        self._target = ""
        """The path to go to as soon as the files are there, and again if they are read again."""

    # What it shows

    def load(self, indexed: IndexedImage) -> Any:
        """The tree, filtered, and its first lines."""
        return _load(indexed, self._layer, self._wanted)

    def put(self, indexed: IndexedImage, loaded: _Loaded) -> None:
        """Show it."""
        self._indexed = indexed
        self.empty = "No path contains that" if self._wanted else "There are no files"
        self.show(*loaded)
        if self._target:
            self.reveal(self._target)

    def clear(self) -> None:
        """Show nothing, and all layers of the next image."""
        self._layer, self._wanted, self._indexed, self._target = None, "", None, ""
        self.empty = ""
        self.show(None, [], set(), lambda node: Note())

    def headline(self) -> tuple[Cell, ...]:
        """Which files these are."""
        if self._indexed is None or self._layer is None:
            return ()
        layer = self._indexed.layers[self._layer]
        made_by = "" if layer.instruction is None else str(read_instruction(layer.instruction))
        return (
            Cell(f"Layer {self._layer + 1} of {len(self._indexed.layers)}", Role.ACCENT),
            Cell(decimal_bytes(layer.bytes), Role.NUMBER),
            Cell(f"A {layer.added.files}", Role.GOOD),
            Cell(f"M {layer.modified.files}", Role.WARNING),
            Cell(f"R {layer.removed.files}", Role.BAD),
            Cell(made_by, Role.MUTED),
        )

    def about(self) -> tuple[Cell, ...]:
        """Path, mode, owner, time, layers."""
        if self._indexed is None or self.node is None or self.shown_tree is None:
            return ()
        return about_node(self._indexed, self.shown_tree, self.node)

    # What is done with it

    @property
    def chosen_layer(self) -> int | None:
        """The layer whose files are shown; `None` for what a container sees."""
        return self._layer

    def show_layer(self, layer: int | None) -> None:
        """Show the files of a layer, or of all."""
        if layer != self._layer:
            self._layer, self._target = layer, ""
            self.post_message(self.Stale(self))

    def show_next_layer(self, by: int) -> None:
        """Of the layer above or below; before the base come all together."""
        if self._indexed is None:
            return
        choices = [None, *range(len(self._indexed.layers))]
        self.show_layer(choices[(choices.index(self._layer) + by) % len(choices)])

    def show_path(self, path: str) -> None:
        """Go to a path among all files, whatever is filtered."""
        if self._layer is None and not self._wanted and self._indexed is not None:
            self.reveal(path)
            return
        self._layer, self._wanted, self._target = None, "", path
        self.post_message(self.Stale(self))

    def filter(self, text: str) -> str:
        """Show the paths that contain a text."""
        if text != self._wanted:
            self._wanted, self._target = text, ""
            self.post_message(self.Stale(self))
        return ""

    @property
    def filter_text(self) -> str:
        """The text that paths must contain."""
        return self._wanted

    def found(self) -> str:
        """How many files match."""
        if not self._wanted or self.shown_tree is None:
            return ""
        files = counted(self.shown_tree.files, "file")
        return f"{files}, {decimal_bytes(self.shown_tree.bytes)}"

    def go_back(self) -> bool:
        """From a filter to all files, from a layer to all layers."""
        if self._wanted:
            self.filter("")
            return True
        if self._layer is not None:
            self.show_layer(None)
            return True
        return False


def _load(indexed: IndexedImage, layer: int | None, wanted: str) -> _Loaded:
    tree = indexed.tree if layer is None else indexed.layer_tree(layer)
    notes = merged_notes(indexed) if layer is None else layer_notes(indexed, layer)
    opened: set[int] = set()
    if wanted:
        tree = tree.filtered(wanted)
        if tree.files <= _ALL_UNFOLDED:
            opened = set(range(len(tree.entries.directories)))
    rows = rows_below(tree, opened=opened)
    if not wanted:
        rows, opened = _unfold_single(tree, rows)
    return _Loaded(tree, rows, opened, notes)


def _unfold_single(tree: Tree, rows: list[TreeRow]) -> tuple[list[TreeRow], set[int]]:
    """Unfold as long as there is only one way to go."""
    opened: set[int] = set()
    inside = rows
    while len(inside) == 1 and inside[0].node.directory is not None:
        opened.add(inside[0].node.directory)
        inside = rows_below(tree, inside[0].node.directory, inside[0].depth + 1)
        rows = [*rows, *inside]
    return rows, opened
