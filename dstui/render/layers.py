"""An image's history as rows: the size of each step, its share, and the Dockerfile instruction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from dstui.domain.image import HistoryEntry
from dstui.domain.instruction import METADATA, Instruction, read_instruction
from dstui.domain.layers.indexed import LayerSummary
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.units import decimal_bytes, percent

BAR_WIDTH = 12
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One step. `number` counts from the base up, `share` is of the whole image (0 to 1).

    `empty` is a step that only sets metadata. The API does not say which steps made a layer: a
    step of size 0 that could have made one counts as one.
    """

    number: int
    entry: HistoryEntry
    instruction: Instruction
    share: float
    empty: bool
    layer: int | None = None
    """The layer that it made, 0 is the base; `None` where it made none, or it is not certain."""
    shared_with: tuple[str, ...] | None = None
    """The other images that have the layer; `None` until they were asked for."""
    summary: LayerSummary | None = None
    """What the layer holds, once it was read."""


@dataclass(frozen=True, slots=True)
class EmptySteps:
    """Steps beside one another that made no layer, shown as one line."""

    rows: tuple[LayerRow, ...]

    @property
    def id(self) -> str:
        """Of its first step: the same as long as the order is."""
        return f"empty-{self.rows[0].number}"

    def __str__(self) -> str:
        counts: dict[str, int] = {}
        for row in self.rows:
            word = row.instruction.keyword
            counts[word] = counts.get(word, 0) + 1
        words = (f"{word} ×{count}" if count > 1 else word for word, count in counts.items())
        return ", ".join(words)


def layer_rows(
    history: Sequence[HistoryEntry],
    layers: Sequence[LayerSummary] | int = 0,
    shared_with: Sequence[tuple[str, ...]] | None = None,
) -> tuple[LayerRow, ...]:
    """The steps, newest first, as the engine tells them.

    `layers` are those of the image, oldest first, or how many it has as long as they are not
    read; `shared_with` names the other images that have each of them.
    """
    total = sum(entry.size_bytes for entry in history)
    rows = []
    for place, entry in enumerate(history):
        instruction = read_instruction(entry.created_by)
        rows.append(
            LayerRow(
                number=len(history) - place,
                entry=entry,
                instruction=instruction,
                share=entry.size_bytes / total if total else 0.0,
                empty=entry.size_bytes == 0 and instruction.keyword in METADATA,
            )
        )
    made = _made(rows, layers)
    return tuple(_with_layer(row, made.get(row.number), layers, shared_with) for row in rows)


def _made(rows: Sequence[LayerRow], layers: Sequence[LayerSummary] | int) -> dict[int, int]:
    """The layers of the steps that made them, as far as the numbers leave no doubt."""
    count = layers if isinstance(layers, int) else len(layers)
    steps = [row.number for row in reversed(rows) if not row.empty]
    if len(steps) == count:
        return dict(zip(steps, range(count), strict=True))
    filled = [row.number for row in reversed(rows) if row.entry.size_bytes]
    numbers = list(range(count))
    if not isinstance(layers, int):
        numbers = [layer.number for layer in layers if layer.bytes]
    return dict(zip(filled, numbers, strict=True)) if len(filled) == len(numbers) else {}


def _with_layer(
    row: LayerRow,
    layer: int | None,
    layers: Sequence[LayerSummary] | int,
    shared_with: Sequence[tuple[str, ...]] | None,
) -> LayerRow:
    if layer is None:
        return row
    sharing = shared_with[layer] if shared_with is not None and layer < len(shared_with) else None
    summary = None if isinstance(layers, int) else layers[layer]
    return replace(row, layer=layer, shared_with=sharing, summary=summary)


def with_empty_steps_together(rows: Sequence[LayerRow]) -> list[LayerRow | EmptySteps]:
    """The rows, with a heading before those beside one another that made no layer."""
    found: list[LayerRow | EmptySteps] = []
    for empty, beside in groupby(rows, key=lambda row: row.empty):
        steps = tuple(beside)
        if empty and len(steps) > 1:
            found.append(EmptySteps(steps))
        found.extend(steps)
    return found


def bar(share: float, width: int = BAR_WIDTH) -> str:
    """A bar of eighth blocks; anything above nothing shows at least a sliver."""
    eighths = round(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, part = divmod(min(eighths, width * 8), 8)
    return "█" * full + (_EIGHTHS[part] if part else "")


def _number(row: LayerRow) -> Cell:
    if row.layer is not None:
        return Cell(str(row.layer + 1), Role.STRONG)
    return Cell("" if row.empty else UNKNOWN, Role.MUTED)


def _shared(row: LayerRow) -> Cell:
    if row.shared_with is None:
        return Cell("" if row.layer is None else UNKNOWN, Role.MUTED)
    if len(row.shared_with) > 1:
        return Cell(f"{len(row.shared_with)} images", Role.GOOD)
    return Cell(row.shared_with[0] if row.shared_with else "", Role.GOOD)


def _changes(row: LayerRow) -> Cell:
    found = row.summary
    if found is None:
        return Cell("")
    signs = (("+", found.added.files), ("~", found.modified.files), ("-", found.removed.files))
    return Cell(" ".join(f"{sign}{files}" for sign, files in signs if files))


def _wasted(row: LayerRow) -> Cell:
    wasted = row.summary.wasted_bytes if row.summary else 0
    return Cell(decimal_bytes(wasted) if wasted else "", Role.WARNING)


LAYER_COLUMNS: tuple[Column[LayerRow], ...] = (
    Column(
        "layer",
        "#",
        cell=_number,
        sort=lambda row: row.number,
        min_width=2,
        max_width=4,
        right=True,
        descending=True,
        searched=False,
        help="The layer that the step made, counted from the base",
    ),
    Column(
        "size",
        "SIZE",
        cell=lambda row: Cell(
            decimal_bytes(row.entry.size_bytes), Role.NUMBER if row.entry.size_bytes else Role.MUTED
        ),
        sort=lambda row: row.entry.size_bytes,
        min_width=7,
        max_width=8,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "share",
        "SHARE",
        cell=lambda row: Cell(percent(100 * row.share) if row.share else ""),
        sort=lambda row: row.share,
        min_width=6,
        max_width=6,
        priority=4,
        right=True,
        descending=True,
        searched=False,
        help="Of the sum of all layers of this image",
    ),
    Column(
        "bar",
        "",
        cell=lambda row: Cell(bar(row.share), Role.ACCENT),
        sort=lambda row: row.share,
        min_width=BAR_WIDTH,
        max_width=BAR_WIDTH,
        priority=1,
        descending=True,
        searched=False,
    ),
    Column(
        "wasted",
        "WASTED",
        cell=_wasted,
        sort=lambda row: row.summary.wasted_bytes if row.summary else None,
        min_width=7,
        max_width=8,
        priority=2,
        right=True,
        descending=True,
        searched=False,
        help="Of its bytes, those that a later layer hides",
    ),
    Column(
        "changes",
        "FILES",
        cell=_changes,
        sort=lambda row: row.summary.files if row.summary else None,
        min_width=8,
        max_width=20,
        priority=5,
        right=True,
        descending=True,
        searched=False,
        help="Added, modified and removed",
    ),
    Column(
        "instruction",
        "INSTRUCTION",
        cell=lambda row: Cell(str(row.instruction), Role.MUTED if row.empty else Role.NORMAL),
        sort=lambda row: str(row.instruction),
        min_width=24,
        max_width=2000,
        flexible=True,
    ),
    Column(
        "shared",
        "SHARED WITH",
        cell=_shared,
        sort=lambda row: len(row.shared_with or ()) if row.layer is not None else None,
        min_width=9,
        max_width=20,
        priority=3,
        keeps_end=True,
        descending=True,
        filter=lambda row: " ".join(row.shared_with or ()),
        help="Other images here that have the layer too: it is stored once",
    ),
)
