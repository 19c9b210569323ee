"""The Treemap view: what is large is large on screen."""

from typing import Any

from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.tree import Tree
from dstui.render.column import Cell, Role
from dstui.render.units import decimal_bytes, percent
from dstui.ui.layers.view import LayerView
from dstui.ui.widgets.treemap import Treemap


class TreemapView(LayerView, Treemap):
    """Of what a container sees."""

    def load(self, indexed: IndexedImage) -> Any:
        """The tree."""
        return indexed.tree

    def put(self, indexed: IndexedImage, loaded: Tree) -> None:
        """Show it."""
        self.show(loaded)

    def clear(self) -> None:
        """Show nothing."""
        self.show(None)

    def headline(self) -> tuple[Cell, ...]:
        """The directory that is shown, unless it is the whole."""
        return (Cell(self.path, Role.ACCENT),) if len(self.path) > 1 else ()

    def about(self) -> tuple[Cell, ...]:
        """The chosen tile."""
        chosen = self.chosen
        if chosen is None or self.whole is None:
            return ()
        path = f"{self.path.rstrip('/')}/{chosen.name}"
        share = percent(100 * chosen.bytes / self.whole)
        told = f"{decimal_bytes(chosen.bytes)}, {share} of all that is visible"
        return Cell(path, Role.STRONG), Cell(told, Role.MUTED)

    def go_back(self) -> bool:
        """To the directory around this one."""
        return self.go_out()
