"""What an indexed image holds, as tables: directories, types, packages, its biggest files."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

from dstui.domain.layers.folders import FolderTotal
from dstui.domain.layers.indexed import BigFile
from dstui.domain.layers.kinds import KindTotal
from dstui.domain.packages.package import Package
from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Column, Role, RowT
from dstui.render.layers import bar
from dstui.render.units import decimal_bytes, percent


@dataclass(frozen=True, slots=True)
class Part(Generic[RowT]):
    """Something of an image, and which part of all visible bytes it is."""

    thing: RowT
    whole: int

    def share(self, count: int | None) -> float:
        """From 0 to 1."""
        return (count or 0) / self.whole if self.whole else 0.0


def _size(count: int | None) -> Cell:
    return Cell(decimal_bytes(count), Role.NUMBER if count else Role.MUTED)


def _share(share: float) -> Cell:
    return Cell(percent(100 * share) if share else "")


_SIZE: tuple[Column[Part[Any]], ...] = (
    Column(
        "size",
        "SIZE",
        cell=lambda row: _size(row.thing.bytes),
        sort=lambda row: row.thing.bytes,
        min_width=7,
        max_width=8,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "share",
        "SHARE",
        cell=lambda row: _share(row.share(row.thing.bytes)),
        sort=lambda row: row.thing.bytes,
        min_width=6,
        max_width=6,
        priority=3,
        right=True,
        descending=True,
        searched=False,
        help="Of all visible bytes",
    ),
    Column(
        "bar",
        "",
        cell=lambda row: Cell(bar(row.share(row.thing.bytes)), Role.ACCENT),
        sort=lambda row: row.thing.bytes,
        min_width=12,
        max_width=12,
        priority=2,
        descending=True,
        searched=False,
    ),
)
"""Size, share and bar, which all of them begin with."""


_FILES: Column[Part[Any]] = Column(
    "files",
    "FILES",
    cell=lambda row: Cell(str(row.thing.files)),
    sort=lambda row: row.thing.files,
    min_width=6,
    max_width=9,
    priority=1,
    right=True,
    descending=True,
    searched=False,
)


def _text_column(
    key: str, title: str, text_of: Callable[[RowT], str], role: Role = Role.NORMAL
) -> Column[Part[RowT]]:
    return Column(
        key,
        title,
        cell=lambda row: Cell(clean(text_of(row.thing)), role),
        sort=lambda row: text_of(row.thing).casefold(),
        min_width=20,
        max_width=2000,
        flexible=True,
    )


FOLDER_COLUMNS: tuple[Column[Part[FolderTotal]], ...] = (
    *_SIZE,
    Column(
        "own",
        "ITSELF",
        cell=lambda row: Cell(decimal_bytes(row.thing.own_bytes) if row.thing.own_bytes else ""),
        sort=lambda row: row.thing.own_bytes,
        min_width=7,
        max_width=8,
        priority=1,
        right=True,
        descending=True,
        searched=False,
        help="The files that stand in it, without those of its subdirectories",
    ),
    _FILES,
    _text_column("path", "DIRECTORY", lambda folder: f"/{folder.path}/"),
)

KIND_COLUMNS: tuple[Column[Part[KindTotal]], ...] = (
    *_SIZE,
    _FILES,
    _text_column("kind", "TYPE", lambda kind: kind.kind, Role.STRONG),
)

BIGGEST_COLUMNS: tuple[Column[Part[BigFile]], ...] = (
    *_SIZE,
    Column(
        "layer",
        "LAYER",
        cell=lambda row: Cell(str(row.thing.layer + 1), Role.MUTED),
        sort=lambda row: row.thing.layer,
        min_width=5,
        max_width=5,
        priority=1,
        right=True,
        searched=False,
    ),
    _text_column("path", "FILE", lambda file: f"/{file.path}"),
)

PACKAGE_COLUMNS: tuple[Column[Part[Package]], ...] = (
    *_SIZE,
    Column(
        "manager",
        "MANAGER",
        cell=lambda row: Cell(row.thing.manager, Role.MUTED),
        sort=lambda row: row.thing.manager,
        min_width=7,
        max_width=8,
        priority=1,
    ),
    Column(
        "name",
        "PACKAGE",
        cell=lambda row: Cell(clean(row.thing.name), Role.STRONG),
        sort=lambda row: row.thing.name.casefold(),
        min_width=12,
        max_width=40,
    ),
    Column(
        "version",
        "VERSION",
        cell=lambda row: Cell(clean(row.thing.version or UNKNOWN)),
        sort=lambda row: row.thing.version,
        min_width=8,
        max_width=30,
    ),
    Column(
        "path",
        "KNOWN BY",
        cell=lambda row: Cell(f"/{clean(row.thing.path)}", Role.MUTED),
        sort=lambda row: row.thing.path,
        min_width=12,
        max_width=2000,
        priority=4,
        flexible=True,
        keeps_end=True,
    ),
)
