"""What `dstui layers` and `dstui diff` print for people."""

from collections.abc import Iterator, Sequence
from typing import Any

from dstui.domain.comparison import ImageComparison
from dstui.domain.layers.indexed import IndexedImage
from dstui.render.column import Cell, Column, Role
from dstui.render.comparison import (
    FILE_COLUMNS,
    PACKAGE_COLUMNS,
    SETTING_COLUMNS,
    comparison_facts,
)
from dstui.render.contents import PACKAGE_COLUMNS as INSTALLED_COLUMNS
from dstui.render.contents import Part
from dstui.render.layer_facts import SOURCE_WORDS, totals
from dstui.render.layers import LAYER_COLUMNS, LayerRow
from dstui.render.text import styled, table
from dstui.render.waste import NOT_NEEDED, WASTE_COLUMNS, WASTED, WasteRow, waste_rows

_FIX: Column[WasteRow] = Column(
    "fix",
    "FIX",
    cell=lambda row: Cell(row.fix, Role.GOOD),
    sort=lambda row: row.fix,
    min_width=24,
    max_width=2000,
    flexible=True,
)
_WASTE_COLUMNS = (
    *(column for column in WASTE_COLUMNS if column.key not in ("files", "instruction")),
    _FIX,
)
_INSTALLED_COLUMNS = tuple(column for column in INSTALLED_COLUMNS if column.key != "path")


class Page:
    """Collects headings and tables; of long tables the first `top` rows."""

    def __init__(self, top: int, width: int | None, color: bool) -> None:
        self.lines: list[str] = []
        self._top = top
        self._width = width
        self._color = color

    def heading(self, cells: Sequence[Cell]) -> None:
        """A line of its own, after a blank one."""
        if self.lines:
            self.lines.append("")
        texts = (styled(cell.text, cell.role, self._color) for cell in cells if cell.text)
        self.lines.append("  ".join(texts))

    def table(
        self, title: str, columns: Sequence[Column[Any]], rows: Sequence[Any], whole: bool = False
    ) -> None:
        """A title and rows; nothing where there are none."""
        if not rows:
            return
        shown = rows if whole else rows[: self._top]
        count = "" if len(shown) == len(rows) else f"the largest {len(shown)} of {len(rows)}"
        self.heading((Cell(title, Role.STRONG), Cell(count, Role.MUTED)))
        self.lines.extend(table(columns, shown, self._width, self._color))


def layers_lines(
    name: str, indexed: IndexedImage, rows: Sequence[LayerRow], page: Page
) -> list[str]:
    """The sums, the layers, the waste with its fixes, the packages."""
    page.heading((Cell(name, Role.STRONG), *totals(indexed)))
    page.lines.append(f"{SOURCE_WORDS[indexed.source]}{_skipped(indexed)}")
    columns = tuple(column for column in LAYER_COLUMNS if column.key != "share")
    page.table("Layers", columns, [row for row in rows if not row.empty], whole=True)
    wasted = waste_rows(indexed)
    for title in (WASTED, NOT_NEEDED):
        page.table(title, _WASTE_COLUMNS, [row for row in wasted if row.group == title])
    installed = [Part(package, indexed.visible_bytes) for package in indexed.packages]
    page.table("Packages", _INSTALLED_COLUMNS, installed)
    return page.lines


def _skipped(indexed: IndexedImage) -> str:
    found = indexed.index.skipped
    if not found:
        return ""
    return "; left out: " + ", ".join(f"{count} × {why}" for why, count in found.items())


def comparison_lines(found: ImageComparison, first: str, second: str, page: Page) -> list[str]:
    """The sums, then every difference."""
    for group in comparison_facts(found, first, second):
        if group.title:
            page.heading((Cell(group.title, Role.STRONG),))
        page.lines.extend(_fact_lines(group.facts))
    page.table("Packages", PACKAGE_COLUMNS, found.packages)
    page.table("Files", FILE_COLUMNS, found.files)
    page.table("Environment", SETTING_COLUMNS, found.environment, whole=True)
    page.table("Labels", SETTING_COLUMNS, found.labels, whole=True)
    page.table("Config", SETTING_COLUMNS, found.settings, whole=True)
    return page.lines


def _fact_lines(facts: Sequence[Any]) -> Iterator[str]:
    for fact in facts:
        words = ", ".join(cell.text for cell in fact.cells)
        yield f"{fact.label:<14}{words}"
