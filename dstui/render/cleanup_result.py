"""A cleanup as it goes on, and what came of it: a row an object."""

from collections.abc import Sequence
from dataclasses import dataclass

from dstui.domain.cleanup.plan import Row
from dstui.domain.cleanup.report import CleanReport, Fate, RowResult
from dstui.domain.text import clean
from dstui.render.cleanup import short_name
from dstui.render.column import Cell, Column, Role
from dstui.render.units import decimal_bytes

_FATES = {
    Fate.REMOVED: ("✓", Role.GOOD),
    Fate.SKIPPED: ("–", Role.WARNING),
    Fate.FAILED: ("✗", Role.BAD),
    Fate.NOT_DONE: ("·", Role.MUTED),
}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One object; without a result it waits, or is `begun`."""

    row: Row
    result: RowResult | None = None
    begun: bool = False


def _sign(row: ResultRow) -> Cell:
    if row.result is not None:
        return Cell(*_FATES[row.result.fate])
    return Cell("▸", Role.ACCENT) if row.begun else Cell("·", Role.MUTED)


def _name(row: ResultRow) -> Cell:
    waits = row.result is None and not row.begun
    name = short_name(row.row.kind, clean(row.row.label))
    return Cell(name, Role.MUTED if waits else Role.NORMAL)


def _what(row: ResultRow) -> Cell:
    if row.result is None:
        return Cell("removing…", Role.ACCENT) if row.begun else Cell("waits", Role.MUTED)
    result = row.result
    word = result.fate.value.replace("-", " ")
    text = f"{word}: {clean(result.reason)}" if result.reason else word
    return Cell(text, Role.NORMAL if result.fate is Fate.REMOVED else _FATES[result.fate][1])


def _freed(row: ResultRow) -> Cell:
    if row.result is None or row.result.fate is not Fate.REMOVED:
        return Cell("")
    known = row.result.bytes is not None
    return Cell(decimal_bytes(row.result.bytes), Role.NUMBER if known else Role.MUTED)


RESULT_COLUMNS: tuple[Column[ResultRow], ...] = (
    Column("sign", "", cell=_sign, sort=lambda row: _sign(row).text, min_width=1, max_width=1),
    Column(
        "kind",
        "KIND",
        cell=lambda row: Cell(row.row.kind.value, Role.MUTED),
        sort=lambda row: row.row.kind.value,
        min_width=9,
        max_width=11,
        priority=1,
    ),
    Column(
        "name",
        "NAME",
        cell=_name,
        sort=lambda row: row.row.label,
        min_width=14,
        max_width=44,
        flexible=True,
        comfortable=24,
        keeps_end=True,
    ),
    Column(
        "expected",
        "EXPECTED",
        cell=lambda row: Cell(decimal_bytes(row.row.bytes), Role.MUTED),
        sort=lambda row: row.row.bytes,
        min_width=8,
        max_width=8,
        right=True,
    ),
    Column("freed", "FREED", cell=_freed, sort=lambda row: 0, min_width=7, max_width=8, right=True),
    Column(
        "what",
        "RESULT",
        cell=_what,
        sort=lambda row: _what(row).text,
        min_width=14,
        max_width=120,
        flexible=True,
        comfortable=30,
    ),
)


def progress_cells(done: int, total: int, freed: int, expected: int) -> tuple[Cell, ...]:
    """How far it is."""
    return (
        Cell(f"{done} of {total}", Role.STRONG),
        Cell(f"{decimal_bytes(freed)} of {decimal_bytes(expected)} freed", Role.GOOD),
    )


def report_cells(report: CleanReport) -> tuple[Cell, ...]:
    """What came of it, in order of weight."""
    removed = report.of(Fate.REMOVED)
    cells = [
        Cell(f"{len(removed)} of {len(report.results)} removed", Role.STRONG),
        Cell(
            f"{decimal_bytes(report.freed_bytes)} freed of "
            f"{decimal_bytes(report.expected_bytes)} expected",
            Role.GOOD if removed else Role.MUTED,
        ),
    ]
    others = (
        Cell(f"{found} {fate.value.replace('-', ' ')}", _FATES[fate][1])
        for fate in (Fate.FAILED, Fate.SKIPPED, Fate.NOT_DONE)
        if (found := len(report.of(fate)))
    )
    return (*cells, *others)


def ending(report: CleanReport) -> str:
    """Why it ended early, and what the disk says; empty when there is nothing to add."""
    words: list[str] = []
    if report.lost:
        words.append(f"The engine was lost: {clean(report.lost)}. The rest was not done.")
    elif report.cancelled:
        words.append("Cancelled: the rest was not done.")
    if report.measured_bytes is not None:
        words.append(_measured(report.measured_bytes))
    return " ".join(words)


def _measured(count: int) -> str:
    if count < 0:
        return f"The disk has {decimal_bytes(-count)} less free than before: others write to it."
    return f"The disk has {decimal_bytes(count)} more free than before."


def in_order(rows: Sequence[Row], results: Sequence[RowResult]) -> list[ResultRow]:
    """A row for each of the plan; the results are looked up by object."""
    known = {result.row.key: result for result in results}
    return [ResultRow(row, known.get(row.key)) for row in rows]
