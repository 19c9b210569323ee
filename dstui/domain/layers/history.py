"""Which step of an image's history made which layer: the engine's API does not say."""

from collections.abc import Sequence

from dstui.domain.image import HistoryEntry
from dstui.domain.instruction import METADATA, read_instruction


def layer_instructions(
    history: Sequence[HistoryEntry], layer_bytes: Sequence[int]
) -> tuple[str | None, ...]:
    """What made each layer, oldest first; all `None` where the history does not fit the layers.

    `history` is newest first, as the engine tells it. A step of no bytes that could have made a
    layer is taken for one only where that is the one way to make the numbers fit.
    """
    steps = [
        (entry.created_by, entry.size_bytes)
        for entry in reversed(history)
        if entry.size_bytes or not _only_metadata(entry.created_by)
    ]
    if len(steps) == len(layer_bytes):
        return tuple(created_by for created_by, _ in steps)
    filled = [created_by for created_by, size in steps if size]
    if len(filled) != sum(1 for size in layer_bytes if size):
        return (None,) * len(layer_bytes)
    certain = iter(filled)
    return tuple(next(certain) if size else None for size in layer_bytes)


def _only_metadata(created_by: str) -> bool:
    return read_instruction(created_by).keyword in METADATA
