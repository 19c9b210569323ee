"""Labelled lines for a detail pane."""

from collections.abc import Iterable
from dataclasses import dataclass

from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Role


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one property: a cell a line."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under one title."""

    title: str
    facts: tuple[Fact, ...]


def fact(label: str, value: str | None, role: Role = Role.NORMAL) -> Fact:
    """One line; `None` and the empty text are unknown."""
    return Fact(label, (_cell(value, role),))


def facts(label: str, values: Iterable[str], none: str = "none") -> Fact:
    """A line for each value; `none` when there is no value, which is itself something known."""
    cells = tuple(_cell(value, Role.NORMAL) for value in values)
    return Fact(label, cells or (Cell(none, Role.MUTED),))


def yes_no(label: str, value: bool | None, when_true: Role = Role.NORMAL) -> Fact:
    """One line for a switch."""
    if value is None:
        return fact(label, None)
    return fact(label, "yes", when_true) if value else fact(label, "no")


def pairs(title: str, values: Iterable[tuple[str, str]]) -> FactGroup:
    """A group with a fact for each pair, by name."""
    found = tuple(Fact(clean(name), (Cell(clean(value)),)) for name, value in sorted(values))
    return FactGroup(title, found or (Fact("", (Cell("none", Role.MUTED),)),))


def _cell(value: str | None, role: Role) -> Cell:
    return Cell(clean(value), role) if value else Cell(UNKNOWN, Role.MUTED)
