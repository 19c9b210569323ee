"""The Layers view: one row a step of the image's history, known at once."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from textual.message import Message

from dstui.domain.image import HistoryEntry
from dstui.domain.layers.indexed import IndexedImage, LayerSummary
from dstui.render.column import Cell, Role
from dstui.render.layer_facts import counted
from dstui.render.layers import (
    LAYER_COLUMNS,
    EmptySteps,
    LayerRow,
    layer_rows,
    with_empty_steps_together,
)
from dstui.render.units import decimal_bytes
from dstui.ui.layers.view import TableView
from dstui.ui.widgets.live_table import LazyTableLine
from dstui.ui.widgets.table_line import AnyLine

_KNOWN_AT_ONCE = tuple(
    column for column in LAYER_COLUMNS if column.key not in ("wasted", "changes")
)


class HistoryView(TableView[LayerRow]):
    """Steps without content stand together and fold; Enter on a layer shows its files."""

    NEEDS_INDEX = False

    class Chosen(Message):
        """Show the files of this layer; 0 is the base."""

        def __init__(self, layer: int) -> None:
            super().__init__()
            self.layer = layer

    def __init__(self) -> None:
        super().__init__(LAYER_COLUMNS, lambda indexed: (), "", about_row=about_layer, sort="layer")
        self._history: Sequence[HistoryEntry] = ()
        self._layers: Sequence[LayerSummary] | int = 0
        self._shared_with: Sequence[tuple[str, ...]] | None = None
        self._unfolded: set[str] = set()
        self._steps: dict[str, EmptySteps] = {}

    # What becomes known, one after the other

    def put_history(self, history: Sequence[HistoryEntry], layers: int) -> None:
        """The steps, and how many layers the image has."""
        self._history, self._layers = history, layers
        self.empty = "The image has no history"
        self._show_known()

    def put_sharing(self, shared_with: Sequence[tuple[str, ...]]) -> None:
        """Which other images have each layer."""
        self._shared_with = shared_with
        self._show_known()

    def load(self, indexed: IndexedImage) -> Any:
        """What each layer holds."""
        return indexed.layers

    def put(self, indexed: IndexedImage, loaded: Sequence[LayerSummary]) -> None:
        """Show that too."""
        self._layers = loaded
        self.use_columns(LAYER_COLUMNS)
        self._show_known()

    def clear(self) -> None:
        """Show nothing."""
        self._history, self._layers, self._shared_with = (), 0, None
        self._unfolded = set()
        self.use_columns(_KNOWN_AT_ONCE)
        super().clear()

    def _show_known(self) -> None:
        rows = layer_rows(self._history, self._layers, self._shared_with)
        self.put_rows((f"step-{row.number}", row) for row in rows)

    # Lines

    def lines_of(self, rows: Sequence[tuple[str, LayerRow]]) -> Sequence[AnyLine]:
        """The rows; steps beside one another that made no layer are one line."""
        lines = self.listing.lines(rows)
        by_id = {line.id: line for line in lines}
        kept = [row for line in lines if (row := self.listing.row(line.id)) is not None]
        self._steps = {}
        found: list[AnyLine] = []
        folded = False
        for item in with_empty_steps_together(kept):
            if isinstance(item, EmptySteps):
                self._steps[item.id] = item
                folded = item.id not in self._unfolded
                found.append(LazyTableLine(item.id, partial(_heading, item, folded), group=True))
            elif not (item.empty and folded):
                found.append(by_id[f"step-{item.number}"])
            folded = folded and (isinstance(item, EmptySteps) or item.empty)
        return found

    def open_line(self, identifier: str) -> None:
        """Fold or unfold steps without content, or show the files of a layer."""
        if identifier in self._steps:
            self._unfolded ^= {identifier}
            self.show_again()
            return
        row = self.listing.row(identifier)
        if row is not None and row.layer is not None:
            self.post_message(self.Chosen(row.layer))


def _heading(steps: EmptySteps, folded: bool) -> tuple[Cell, ...]:
    count = counted(len(steps.rows), "step")
    sign = "▸" if folded else "▾"
    return Cell(f"{sign} {count} without content", Role.MUTED), Cell(str(steps), Role.MUTED)


def about_layer(row: LayerRow) -> tuple[Cell, ...]:
    """The whole instruction, what it could see, what it did, who shares it."""
    lines = [Cell(str(row.instruction), Role.STRONG)]
    told = []
    if row.summary is not None:
        found = row.summary
        told.append(
            f"{counted(found.added.files, 'file')} added, {found.modified.files} modified, "
            f"{found.removed.files} removed"
        )
        if found.wasted_bytes:
            told.append(f"{decimal_bytes(found.wasted_bytes)} hidden by later layers")
    if row.instruction.build_args:
        told.append("build args " + " ".join(row.instruction.build_args))
    if row.shared_with:
        told.append("shared with " + ", ".join(row.shared_with))
    elif row.shared_with is not None:
        told.append("in no other image here")
    lines.append(Cell("; ".join(told), Role.MUTED))
    return tuple(lines)
