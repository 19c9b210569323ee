"""What fills the engine's disk, as rows."""

from dataclasses import dataclass

from dstui.domain.cleanup.disk_report import DiskReport, Part, PartUse
from dstui.domain.engine import DataRootUse
from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.units import decimal_bytes

_LOW, _VERY_LOW = 0.10, 0.03
"""From which free share on the file system is nearly full."""
_BAR = 12
_PARTS = {
    Part.IMAGES: ("Images", Role.ACCENT, "of images without a container, shared layers once"),
    Part.CONTAINERS: (
        "Writable layers",
        Role.WARNING,
        "of containers that do not run: lost with them",
    ),
    Part.VOLUMES: ("Volumes", Role.PAUSED, "of no container: data that is lost with them"),
    Part.BUILD_CACHE: ("Build cache", Role.GOOD, "of no build, without what images share with it"),
    Part.LOGS: ("Logs", Role.NUMBER, "of containers that do not run, rotated ones too"),
}
_UNKNOWN = {
    Part.LOGS: "only root on the engine's own machine can read their sizes",
    Part.VOLUMES: "this engine does not tell the sizes of volumes",
}


@dataclass(frozen=True, slots=True)
class DiskRow:
    """One kind. `note` says what is behind the numbers, or why there is none."""

    id: str
    title: str
    role: Role
    count: int | None
    bytes: int | None
    back_bytes: int | None
    note: str = ""


def _share(row: DiskRow) -> float | None:
    if row.bytes is None or row.back_bytes is None:
        return None
    return row.back_bytes / row.bytes if row.bytes else 0.0


def _bar(row: DiskRow) -> Cell:
    share = _share(row)
    if share is None:
        return Cell("")
    full = min(_BAR, round(share * _BAR)) or (1 if share else 0)
    return Cell("━" * full + "─" * (_BAR - full), Role.MUTED if not full else row.role)


def _bytes(count: int | None, role: Role) -> Cell:
    return Cell(decimal_bytes(count), Role.MUTED if not count else role)


COLUMNS: tuple[Column[DiskRow], ...] = (
    Column(
        "color",
        "",
        cell=lambda row: Cell("■", row.role),
        sort=lambda row: None,
        min_width=1,
        max_width=1,
    ),
    Column(
        "kind",
        "DISK",
        cell=lambda row: Cell(row.title, Role.STRONG),
        sort=lambda row: row.title,
        min_width=15,
        max_width=15,
    ),
    Column(
        "count",
        "COUNT",
        cell=lambda row: Cell(UNKNOWN if row.count is None else str(row.count)),
        sort=lambda row: row.count,
        min_width=5,
        max_width=7,
        priority=2,
        right=True,
    ),
    Column(
        "bytes",
        "SIZE",
        cell=lambda row: _bytes(row.bytes, Role.NUMBER),
        sort=lambda row: row.bytes,
        min_width=7,
        max_width=7,
        right=True,
        descending=True,
    ),
    Column(
        "back",
        "RECLAIMABLE",
        cell=lambda row: _bytes(row.back_bytes, Role.GOOD),
        sort=lambda row: row.back_bytes,
        min_width=13,
        max_width=13,
        right=True,
        descending=True,
    ),
    Column(
        "share",
        "",
        cell=_bar,
        sort=_share,
        min_width=_BAR,
        max_width=_BAR,
        priority=3,
    ),
    Column(
        "note",
        "",
        cell=lambda row: Cell(clean(row.note), Role.MUTED),
        sort=lambda row: row.note,
        min_width=10,
        max_width=200,
        priority=1,
        flexible=True,
    ),
)


def root_words(root: DataRootUse) -> str:
    """How full the file system is."""
    free = decimal_bytes(root.free_bytes)
    return f"{clean(root.path)}   {free} free of {decimal_bytes(root.total_bytes)}"


def root_role(root: DataRootUse) -> Role:
    """How bad that is."""
    free = root.free_bytes / root.total_bytes if root.total_bytes else 1.0
    if free < _VERY_LOW:
        return Role.BAD
    return Role.WARNING if free < _LOW else Role.ACCENT


def disk_rows(report: DiskReport) -> tuple[DiskRow, ...]:
    """A row for each kind, that with most to come back first."""
    found = [_row(use) for use in report.parts]
    return tuple(sorted(found, key=_back, reverse=True))


def _back(row: DiskRow) -> tuple[int, int]:
    """What is not known comes last."""
    return -1 if row.back_bytes is None else row.back_bytes, row.bytes or 0


def _row(use: PartUse) -> DiskRow:
    title, role, note = _PARTS[use.part]
    if use.bytes is None and use.count:
        note = _UNKNOWN.get(use.part, "this engine does not tell")
    elif use.unknown:
        note = f"{use.unknown} of unknown size are left out"
    return DiskRow(use.part.value, title, role, use.count, use.bytes, use.reclaimable_bytes, note)
