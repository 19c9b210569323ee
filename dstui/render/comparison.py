"""Two images beside each other: what the second has that the first has not, and the other way."""

from collections import Counter
from collections.abc import Iterable

from dstui.domain.audit.secret_words import in_setting
from dstui.domain.comparison import (
    Difference,
    FileChange,
    ImageComparison,
    PackageChange,
    SettingChange,
)
from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.facts import Fact, FactGroup
from dstui.render.layer_facts import counted
from dstui.render.units import decimal_bytes

_SIGNS = {
    Difference.ADDED: ("+", Role.GOOD),
    Difference.REMOVED: ("-", Role.BAD),
    Difference.CHANGED: ("~", Role.WARNING),
}


def signed_bytes(count: int | None) -> str:
    """`+1.2GB`, `-30MB`."""
    if count is None:
        return UNKNOWN
    sign = "+" if count > 0 else "-" if count < 0 else ""
    return sign + decimal_bytes(abs(count))


def sign_cell(difference: Difference) -> Cell:
    """One character: `+` is in the second alone, `-` in the first alone, `~` in both."""
    return Cell(*_SIGNS[difference])


def _grown(count: int | None) -> Cell:
    role = Role.NORMAL if not count else Role.BAD if count > 0 else Role.GOOD
    return Cell(signed_bytes(count), role if count is not None else Role.MUTED)


def _shown(value: str | None) -> str:
    return clean(value) if value is not None else ""


def _masked(name: str, value: str | None) -> str:
    """A value, unless it is a secret."""
    secret = in_setting(name, value) if value else None
    return secret.masked if secret is not None else _shown(value)


PACKAGE_COLUMNS: tuple[Column[PackageChange], ...] = (
    Column(
        "difference",
        "",
        cell=lambda row: sign_cell(row.difference),
        sort=lambda row: row.difference,
        min_width=1,
        max_width=1,
        filter=lambda row: row.difference,
    ),
    Column(
        "bytes",
        "SIZE",
        cell=lambda row: _grown(row.bytes),
        sort=lambda row: None if row.bytes is None else abs(row.bytes),
        min_width=7,
        max_width=8,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "manager",
        "MANAGER",
        cell=lambda row: Cell(row.manager, Role.MUTED),
        sort=lambda row: row.manager,
        min_width=7,
        max_width=8,
        priority=1,
    ),
    Column(
        "name",
        "PACKAGE",
        cell=lambda row: Cell(clean(row.name), Role.STRONG),
        sort=lambda row: row.name.casefold(),
        min_width=12,
        max_width=40,
        flexible=True,
    ),
    Column(
        "before",
        "FIRST",
        cell=lambda row: Cell(_shown(row.before)),
        sort=lambda row: row.before,
        min_width=8,
        max_width=28,
    ),
    Column(
        "after",
        "SECOND",
        cell=lambda row: Cell(_shown(row.after)),
        sort=lambda row: row.after,
        min_width=8,
        max_width=28,
    ),
)

FILE_COLUMNS: tuple[Column[FileChange], ...] = (
    Column(
        "difference",
        "",
        cell=lambda row: sign_cell(row.difference),
        sort=lambda row: row.difference,
        min_width=1,
        max_width=1,
        filter=lambda row: row.difference,
    ),
    Column(
        "bytes",
        "SIZE",
        cell=lambda row: _grown(row.after_bytes - row.before_bytes),
        sort=lambda row: abs(row.after_bytes - row.before_bytes),
        min_width=7,
        max_width=8,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "before",
        "FIRST",
        cell=lambda row: Cell(
            "" if row.difference is Difference.ADDED else decimal_bytes(row.before_bytes)
        ),
        sort=lambda row: row.before_bytes,
        min_width=7,
        max_width=8,
        priority=2,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "after",
        "SECOND",
        cell=lambda row: Cell(
            "" if row.difference is Difference.REMOVED else decimal_bytes(row.after_bytes)
        ),
        sort=lambda row: row.after_bytes,
        min_width=7,
        max_width=8,
        priority=1,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "path",
        "FILE",
        cell=lambda row: Cell(f"/{clean(row.path)}"),
        sort=lambda row: row.path,
        min_width=20,
        max_width=2000,
        flexible=True,
        keeps_end=True,
    ),
)

SETTING_COLUMNS: tuple[Column[SettingChange], ...] = (
    Column(
        "difference",
        "",
        cell=lambda row: sign_cell(row.difference),
        sort=lambda row: row.difference,
        min_width=1,
        max_width=1,
        filter=lambda row: row.difference,
    ),
    Column(
        "name",
        "NAME",
        cell=lambda row: Cell(clean(row.name), Role.STRONG),
        sort=lambda row: row.name.casefold(),
        min_width=10,
        max_width=40,
    ),
    Column(
        "before",
        "FIRST",
        cell=lambda row: Cell(_masked(row.name, row.before)),
        sort=lambda row: row.before,
        min_width=14,
        max_width=2000,
        flexible=True,
    ),
    Column(
        "after",
        "SECOND",
        cell=lambda row: Cell(_masked(row.name, row.after)),
        sort=lambda row: row.after,
        min_width=14,
        max_width=2000,
        flexible=True,
    ),
)


def comparison_facts(found: ImageComparison, first: str, second: str) -> tuple[FactGroup, ...]:
    """The differences in numbers."""
    ours, theirs = found.own_layers
    return (
        FactGroup(
            "",
            (
                Fact("First", (Cell(clean(first), Role.STRONG),)),
                Fact("Second", (Cell(clean(second), Role.STRONG),)),
                Fact("Size", (_size_change(found.size_change),)),
            ),
        ),
        FactGroup(
            "Layers",
            (
                Fact("In common", (_in_common(found),)),
                Fact("First alone", (Cell(counted(ours, "layer")),)),
                Fact("Second alone", (Cell(counted(theirs, "layer")),)),
            ),
        ),
        FactGroup(
            "Differences",
            (
                Fact("Packages", _counts(change.difference for change in found.packages)),
                Fact("Files", _counts(change.difference for change in found.files)),
                Fact("Environment", _counts(change.difference for change in found.environment)),
                Fact("Labels", _counts(change.difference for change in found.labels)),
                Fact("Config", _counts(change.difference for change in found.settings)),
            ),
        ),
    )


def _size_change(count: int) -> Cell:
    if not count:
        return Cell("the same sum of layers")
    than = "larger" if count > 0 else "smaller"
    return Cell(f"the second is {decimal_bytes(abs(count))} {than}")


def _in_common(found: ImageComparison) -> Cell:
    if not found.shared_layers:
        return Cell("none", Role.MUTED)
    size = decimal_bytes(found.shared_bytes)
    return Cell(f"{counted(found.shared_layers, 'layer')}, {size}: stored once", Role.GOOD)


def _counts(differences: Iterable[Difference]) -> tuple[Cell, ...]:
    found = Counter(differences)
    if not found:
        return (Cell("none", Role.MUTED),)
    words = (f"{found[kind]} {kind.value}" for kind in Difference if found[kind])
    return (Cell(", ".join(words)),)
