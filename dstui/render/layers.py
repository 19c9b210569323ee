"""An image's history as rows: the size of each step, its share, and the Dockerfile instruction."""

from collections.abc import Sequence
from dataclasses import dataclass

from dstui.domain.image import HistoryEntry
from dstui.domain.instruction import METADATA, Instruction, read_instruction
from dstui.render.column import Cell, Column, Role
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


def layer_rows(history: Sequence[HistoryEntry]) -> tuple[LayerRow, ...]:
    """The steps, newest first, as the engine tells them."""
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
    return tuple(rows)


def bar(share: float, width: int = BAR_WIDTH) -> str:
    """A bar of eighth blocks; anything above nothing shows at least a sliver."""
    eighths = round(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, part = divmod(min(eighths, width * 8), 8)
    return "█" * full + (_EIGHTHS[part] if part else "")


LAYER_COLUMNS: tuple[Column[LayerRow], ...] = (
    Column(
        "number",
        "#",
        cell=lambda row: Cell(str(row.number), Role.MUTED),
        sort=lambda row: row.number,
        min_width=2,
        max_width=4,
        right=True,
        descending=True,
        searched=False,
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
        priority=2,
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
        "instruction",
        "INSTRUCTION",
        cell=lambda row: Cell(str(row.instruction), Role.MUTED if row.empty else Role.NORMAL),
        sort=lambda row: str(row.instruction),
        min_width=20,
        max_width=2000,
        flexible=True,
    ),
)
