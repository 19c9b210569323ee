"""The views that are plain tables: directories, types, packages, the biggest files."""

from collections.abc import Sequence

from dstui.domain.layers.folders import FolderTotal, folder_totals
from dstui.domain.layers.indexed import BigFile, IndexedImage
from dstui.domain.layers.kinds import KindTotal
from dstui.domain.packages.package import Package
from dstui.domain.text import clean
from dstui.render.column import Cell, Role
from dstui.render.contents import (
    BIGGEST_COLUMNS,
    FOLDER_COLUMNS,
    KIND_COLUMNS,
    PACKAGE_COLUMNS,
    Part,
)
from dstui.render.layer_facts import counted
from dstui.render.units import decimal_bytes, percent
from dstui.ui.layers.view import TableView

BIGGEST = 1000
"""So many files are listed."""


def directories_view() -> TableView[Part[FolderTotal]]:
    """The directories that hold most."""

    def rows_of(indexed: IndexedImage) -> Sequence[Part[FolderTotal]]:
        return [Part(found, indexed.visible_bytes) for found in folder_totals(indexed.stack)]

    def about(row: Part[FolderTotal]) -> tuple[Cell, ...]:
        folder = row.thing
        told = (
            f"{decimal_bytes(folder.bytes)}, {percent(100 * row.share(folder.bytes))} of what is "
            f"visible, in {counted(folder.files, 'file')}"
        )
        return Cell(f"/{clean(folder.path)}/", Role.STRONG), Cell(told, Role.MUTED)

    return TableView(
        FOLDER_COLUMNS,
        rows_of,
        "No directory holds anything",
        lambda row: row.thing.path,
        about,
    )


def kinds_view() -> TableView[Part[KindTotal]]:
    """The types of files."""
    return TableView(
        KIND_COLUMNS,
        lambda indexed: [Part(found, indexed.visible_bytes) for found in indexed.kinds],
        "There are no files",
    )


def packages_view() -> TableView[Part[Package]]:
    """The packages of pip, conda and dpkg."""

    def about(row: Part[Package]) -> tuple[Cell, ...]:
        package = row.thing
        size = "of unknown size" if package.bytes is None else decimal_bytes(package.bytes)
        named = clean(f"{package.name} {package.version or ''}").strip()
        return (
            Cell(f"{named}  {package.manager}, {size}", Role.STRONG),
            Cell(f"known by /{clean(package.path)}", Role.MUTED),
        )

    return TableView(
        PACKAGE_COLUMNS,
        lambda indexed: [Part(found, indexed.visible_bytes) for found in indexed.packages],
        "No packages of pip, conda or dpkg were found",
        lambda row: row.thing.path,
        about,
    )


def biggest_view() -> TableView[Part[BigFile]]:
    """The largest files."""

    def about(row: Part[BigFile]) -> tuple[Cell, ...]:
        file = row.thing
        told = f"{counted(file.bytes, 'byte')}, from layer {file.layer + 1}"
        return Cell(f"/{clean(file.path)}", Role.STRONG), Cell(told, Role.MUTED)

    return TableView(
        BIGGEST_COLUMNS,
        lambda indexed: [Part(file, indexed.visible_bytes) for file in indexed.biggest(BIGGEST)],
        "There are no files",
        lambda row: row.thing.path,
        about,
    )
