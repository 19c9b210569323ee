"""Volumes as table rows and details."""

from dataclasses import dataclass

from dstui.domain.volume import Volume
from dstui.render.column import Cell, Column, Role
from dstui.render.facts import FactGroup, fact, facts, pairs
from dstui.render.units import age, decimal_bytes, moment

_SHORT_NAME = 12


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """A volume, the names of the containers that mount it, and its size once it was measured."""

    volume: Volume
    containers: tuple[str, ...] = ()
    now: float = 0.0
    stale: bool = False
    size_bytes: int | None = None

    @property
    def size(self) -> int | None:
        """Bytes on disk, `None` when not measured."""
        return self.volume.size_bytes if self.size_bytes is None else self.size_bytes


def _name(row: VolumeRow) -> Cell:
    name = row.volume.name
    if row.volume.anonymous:
        return Cell(f"{name[:_SHORT_NAME]}…" if len(name) > _SHORT_NAME else name, Role.MUTED)
    return Cell(name, Role.STRONG if row.containers else Role.NORMAL)


def _marks(row: VolumeRow) -> Cell:
    marks = [
        word
        for word, holds in (("anonymous", row.volume.anonymous), ("unused", not row.containers))
        if holds
    ]
    return Cell(" ".join(marks), Role.MUTED)


COLUMNS: tuple[Column[VolumeRow], ...] = (
    Column(
        "name",
        "NAME",
        cell=_name,
        sort=lambda row: row.volume.name.casefold(),
        filter=lambda row: row.volume.name,
        min_width=14,
        max_width=48,
        flexible=True,
    ),
    Column(
        "driver",
        "DRIVER",
        cell=lambda row: Cell(row.volume.driver),
        sort=lambda row: row.volume.driver,
        min_width=6,
        max_width=16,
        priority=4,
    ),
    Column(
        "size",
        "SIZE",
        cell=lambda row: Cell(
            decimal_bytes(row.size), Role.MUTED if row.size is None else Role.NUMBER
        ),
        sort=lambda row: row.size,
        min_width=7,
        max_width=8,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "containers",
        "USED BY",
        cell=lambda row: Cell(", ".join(row.containers)),
        sort=lambda row: len(row.containers),
        min_width=10,
        max_width=40,
        priority=1,
        flexible=True,
        descending=True,
    ),
    Column(
        "use",
        "NOTE",
        cell=_marks,
        sort=lambda row: _marks(row).text,
        min_width=6,
        max_width=16,
        priority=2,
    ),
    Column(
        "age",
        "CREATED",
        cell=lambda row: Cell(age(row.volume.created, row.now), Role.MUTED),
        sort=lambda row: -row.volume.created.timestamp() if row.volume.created else None,
        min_width=7,
        max_width=7,
        priority=3,
        right=True,
        searched=False,
    ),
    Column(
        "mountpoint",
        "MOUNT POINT",
        cell=lambda row: Cell(row.volume.mountpoint, Role.MUTED),
        sort=lambda row: row.volume.mountpoint,
        min_width=12,
        max_width=60,
        priority=6,
        shown=False,
        searched=False,
    ),
    Column(
        "label",
        "LABELS",
        cell=lambda row: Cell(" ".join(f"{k}={v}" for k, v in row.volume.labels.items())),
        sort=lambda row: len(row.volume.labels),
        max_width=48,
        priority=11,
        shown=False,
        searched=False,
    ),
)


def overview(row: VolumeRow) -> tuple[FactGroup, ...]:
    """All that matters of a volume."""
    volume = row.volume
    return (
        FactGroup(
            "Volume",
            (
                fact("Name", volume.name, Role.STRONG),
                fact("Kind", "anonymous" if volume.anonymous else "named"),
                fact("Driver", volume.driver),
                fact("Scope", volume.scope),
                fact("Mount point", volume.mountpoint),
                fact("Size", decimal_bytes(row.size)),
                fact("Created", moment(volume.created, row.now)),
            ),
        ),
        FactGroup("Use", (facts("Containers", row.containers),)),
        pairs("Options", volume.options.items()),
        pairs("Labels", volume.labels.items()),
    )
