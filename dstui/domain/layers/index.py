"""The index of an image: every entry of every layer, and where they were read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dstui.domain.layers.directories import Directories
from dstui.domain.layers.entries import Entries


class Source(StrEnum):
    """Where an index was read."""

    TAR_SPLIT = "tar-split"
    """The engine's own records of its layers, in its data root."""
    TAR_SPLIT_SOCKET = "tar-split-socket"
    """The same records, through a container that is never started."""
    ARCHIVE = "archive"
    """The image's archive, as `docker save` writes it."""


@dataclass(frozen=True, slots=True)
class ImageIndex:
    """What the layers of one image hold, oldest layer first."""

    image_id: str
    source: Source
    checksum: str
    """Which checksum the entries' contents are told apart by; empty for none."""
    diff_ids: tuple[str, ...]
    instructions: tuple[str | None, ...]
    """What made each layer, in the builder's words; `None` where that is not certain."""
    entries: Entries
    starts: tuple[int, ...]
    """Where the entries of each layer begin, and last where all end."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many entries were left out, by reason."""

    @property
    def directories(self) -> Directories:
        """The directories of all layers."""
        return self.entries.directories


def assemble(
    image_id: str,
    source: Source,
    checksum: str,
    layers: Sequence[tuple[str, Entries]],
    instructions: Sequence[str | None],
    skipped: Counter[str],
) -> ImageIndex:
    """One index from the entries of each layer, given oldest first with their diff ids."""
    directories = layers[0][1].directories if layers else Directories()
    together = Entries(directories)
    starts = [0]
    for _, entries in layers:
        together.extend(entries)
        starts.append(len(together))
    known = tuple(instructions) if len(instructions) == len(layers) else (None,) * len(layers)
    return ImageIndex(
        image_id,
        source,
        checksum,
        tuple(diff_id for diff_id, _ in layers),
        known,
        together,
        tuple(starts),
        dict(skipped),
    )
