"""An indexed image in one line, and the index's sources in words."""

from dstui.domain.layers.index import Source
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.reading import IndexCost
from dstui.render.column import Cell, Role
from dstui.render.units import decimal_bytes, percent

SOURCE_WORDS = {
    Source.TAR_SPLIT: "read from the engine's own records (tar-split)",
    Source.TAR_SPLIT_SOCKET: "read from the engine's records over its socket (tar-split)",
    Source.ARCHIVE: "read from the image's archive",
}

_GOOD, _POOR = 0.95, 0.85
"""The efficiency from which on an image is fine, and below which it should be looked into."""


def totals(indexed: IndexedImage) -> tuple[Cell, ...]:
    """Layer bytes, visible bytes, waste: the last is the difference of the others."""
    layers = len(indexed.index.diff_ids)
    efficiency = indexed.efficiency
    role = Role.GOOD if efficiency >= _GOOD else Role.WARNING
    role = Role.BAD if efficiency < _POOR else role
    return (
        Cell(f"{decimal_bytes(indexed.total_bytes)} in {counted(layers, 'layer')}", Role.STRONG),
        Cell(f"- {decimal_bytes(indexed.visible_bytes)} visible"),
        Cell(f"= {decimal_bytes(indexed.wasted_bytes)} waste", role),
        Cell(f"efficiency {percent(100 * efficiency)}", role),
    )


def source_cell(source: Source) -> Cell:
    """Where the index was read."""
    return Cell(source.value, Role.MUTED)


def cost_words(cost: IndexCost) -> str:
    """What it takes to read an image's archive, told beforehand."""
    about = f"about {minutes(cost.seconds)}"
    return f"{about}, {decimal_bytes(cost.temp_bytes)} of disk" if cost.temp_bytes else about


def minutes(seconds: float) -> str:
    """A rough time, never more exact than it is."""
    if seconds < 50:
        return f"{max(1, round(seconds))} s"
    return f"{max(1, round(seconds / 60))} min"


def counted(number: int, noun: str) -> str:
    """`1 layer`, `2 layers`, `12 345 files`."""
    digits = f"{number:,}".replace(",", " ")
    return f"{digits} {noun}{'' if number == 1 else 's'}"
