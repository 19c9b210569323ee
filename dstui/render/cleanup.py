"""What is stale as table rows: of a plan, worth a look, or protected."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from dstui.domain.cleanup.plan import Plan, Recovery, Row
from dstui.domain.kind import Kind
from dstui.domain.staleness.verdict import Kept, Key, Rule, Stale
from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Column, Role, SortKey
from dstui.render.units import decimal_bytes, duration

KIND_TITLES = {
    Kind.CONTAINER: "Containers",
    Kind.IMAGE: "Images",
    Kind.BUILD_CACHE: "Build cache",
    Kind.VOLUME: "Volumes",
    Kind.NETWORK: "Networks",
}
RULE_TITLES = {
    Rule.EXITED: "exited long ago",
    Rule.CREATED: "created, never started",
    Rule.IDLE: "running, but idle",
    Rule.DANGLING: "dangling image",
    Rule.SUPERSEDED: "superseded image",
    Rule.UNUSED_IMAGE: "unused image",
    Rule.UNUSED_VOLUME: "unused volume",
    Rule.UNUSED_NETWORK: "unused network",
    Rule.BUILD_CACHE: "unused build cache",
    Rule.LARGE_WRITABLE: "large writable layer",
    Rule.LARGE_LOG: "large log",
}
ADVICE = "Worth a look"
PROTECTED = "Protected"
NOBODY = "nobody's"
_RANDOM_LENGTH = 64
"""Of the name that the engine makes up for a volume."""
_SHORT_ID = 12
_IN_A_SHELL = "mount / from exec /bin/sh -c "
"""How the builder begins the name of a step that ran a command."""
_LONGEST_STEP = 23
_RECOVERY = {
    Recovery.PULL: Cell("pull again", Role.GOOD),
    Recovery.MAYBE: Cell("may be in a registry", Role.WARNING),
    Recovery.REMAKE: Cell("make again", Role.MUTED),
    Recovery.LOST: Cell("lost for ever", Role.WARNING),
}
_ONLY_HERE = Cell("only here", Role.WARNING)
"""What a lost image is called, as in the audit."""


class Standing(IntEnum):
    """What can become of a row."""

    PLANNED = 0
    ADVISED = 1
    PROTECTED = 2


@dataclass(frozen=True, slots=True)
class CleanupRow:
    """One object that a rule found. Only a row of the plan can be ticked."""

    standing: Standing
    kind: Kind
    identifier: str
    name: str
    rule: Rule | None
    reason: str
    owner: str | None = None
    bytes: int | None = None
    age_s: float | None = None
    planned: Row | None = None

    @property
    def key(self) -> Key:
        """Which object."""
        return self.kind, self.identifier

    @property
    def id(self) -> str:
        """Unique among the rows: an object may be worth two looks."""
        rule = self.rule.value if self.rule and self.standing is Standing.ADVISED else ""
        return f"{self.kind.value}/{self.identifier}/{rule}"

    @property
    def chosen(self) -> bool:
        """Whether it is going to be removed."""
        return self.planned is not None and self.planned.chosen

    @property
    def others(self) -> bool:
        """Whether it is known to be somebody else's."""
        return self.planned is not None and self.planned.others


def cleanup_rows(plan: Plan) -> list[CleanupRow]:
    """All that the rules found, the plan first."""
    return [
        *map(_planned, plan.rows),
        *map(_advised, plan.advice),
        *map(_protected, plan.kept),
    ]


def _planned(row: Row) -> CleanupRow:
    return CleanupRow(
        Standing.PLANNED,
        row.kind,
        row.id,
        clean(row.label),
        row.rule,
        clean(row.reason),
        row.owner,
        row.bytes,
        row.age_s,
        row,
    )


def _advised(stale: Stale) -> CleanupRow:
    owner = stale.owner.name if stale.owner else None
    return CleanupRow(
        Standing.ADVISED,
        stale.kind,
        stale.id,
        clean(stale.name),
        stale.rule,
        clean(stale.reason),
        owner,
        stale.size_bytes,
    )


def _protected(kept: Kept) -> CleanupRow:
    return CleanupRow(
        Standing.PROTECTED, kept.kind, kept.id, clean(kept.name), kept.rule, clean(kept.why)
    )


# Cells


def _name(row: CleanupRow) -> Cell:
    return Cell(short_name(row.kind, row.name), Role.STRONG if row.chosen else _quiet(row))


def short_name(kind: Kind, name: str) -> str:
    """Without what tells nothing. A column cuts at the beginning, as that tells the least of an
    image; of a step of a build it tells the most, so that is cut here.
    """
    if kind is Kind.BUILD_CACHE:
        return _cut(name.replace(_IN_A_SHELL, ""), _LONGEST_STEP)
    return _cut(name, _SHORT_ID) if len(name) == _RANDOM_LENGTH else name


def _cut(name: str, length: int) -> str:
    return name if len(name) <= length else f"{name[:length]}…"


def _quiet(row: CleanupRow) -> Role:
    return Role.NORMAL if row.standing is Standing.PLANNED else Role.MUTED


def _owner(row: CleanupRow) -> Cell:
    if row.owner is None:
        return Cell(UNKNOWN, Role.MUTED)
    if row.others:
        return Cell(f"! {clean(row.owner)}", Role.WARNING)
    return Cell(clean(row.owner), Role.NORMAL)


def _reason(row: CleanupRow) -> Cell:
    planned = row.planned
    if planned is not None and planned.blocked:
        return Cell(f"stays: {clean(planned.blocked)} · {row.reason}", Role.WARNING)
    if planned is not None and planned.chosen and planned.needs_force:
        return Cell(f"is stopped first · {row.reason}", Role.WARNING)
    return Cell(row.reason, Role.NORMAL if row.chosen else Role.MUTED)


def _size(row: CleanupRow) -> Cell:
    if row.standing is Standing.PROTECTED:
        return Cell("")
    counts = row.chosen and row.bytes
    return Cell(decimal_bytes(row.bytes), Role.NUMBER if counts else Role.MUTED)


def _recovery(row: CleanupRow) -> Cell:
    if row.planned is None:
        return Cell("")
    if row.kind is Kind.IMAGE and row.planned.recovery is Recovery.LOST:
        return _ONLY_HERE
    return _RECOVERY[row.planned.recovery]


def _age(row: CleanupRow) -> Cell:
    return Cell(UNKNOWN if row.age_s is None else duration(row.age_s), Role.MUTED)


def _if_planned(row: CleanupRow, key: SortKey) -> SortKey:
    """What is not of the plan comes last, whatever the order."""
    return key if row.standing is Standing.PLANNED else None


COLUMNS: tuple[Column[CleanupRow], ...] = (
    Column(
        "name",
        "NAME",
        cell=_name,
        sort=lambda row: _if_planned(row, row.name.casefold()),
        min_width=14,
        max_width=44,
        flexible=True,
        comfortable=26,
        keeps_end=True,
    ),
    Column(
        "bytes",
        "COMES BACK",
        cell=_size,
        sort=lambda row: _if_planned(row, row.bytes),
        min_width=12,
        max_width=12,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "owner",
        "OWNER",
        cell=_owner,
        sort=lambda row: _if_planned(row, (row.owner or "~").casefold()),
        filter=lambda row: row.owner or "",
        min_width=6,
        max_width=16,
        priority=1,
    ),
    Column(
        "kind",
        "KIND",
        cell=lambda row: Cell(row.kind.value, Role.MUTED),
        sort=lambda row: _if_planned(row, row.kind.value),
        min_width=9,
        max_width=11,
        priority=2,
    ),
    Column(
        "reason",
        "WHY",
        cell=_reason,
        sort=lambda row: _if_planned(row, row.reason),
        min_width=16,
        max_width=200,
        flexible=True,
        comfortable=40,
    ),
    Column(
        "recovery",
        "IF REMOVED",
        cell=_recovery,
        sort=lambda row: _if_planned(row, _recovery(row).text),
        min_width=10,
        max_width=20,
        priority=6,
    ),
    Column(
        "age",
        "AGE",
        cell=_age,
        sort=lambda row: _if_planned(row, row.age_s),
        min_width=5,
        max_width=6,
        priority=7,
        right=True,
        descending=True,
        searched=False,
        shown=False,
    ),
    Column(
        "rule",
        "RULE",
        cell=lambda row: Cell(row.rule.value if row.rule else "", Role.MUTED),
        sort=lambda row: _if_planned(row, row.rule.value if row.rule else ""),
        min_width=8,
        max_width=20,
        priority=8,
        shown=False,
    ),
    Column(
        "id",
        "ID",
        cell=lambda row: Cell(clean(row.identifier), Role.MUTED),
        sort=lambda row: _if_planned(row, row.identifier),
        min_width=12,
        max_width=20,
        priority=9,
        shown=False,
    ),
)


# Groups


def group_by_kind(row: CleanupRow) -> str:
    """The kinds; what is not of the plan stands apart."""
    return _apart(row) or KIND_TITLES[row.kind]


def group_by_owner(row: CleanupRow) -> str:
    """The owners; what is not of the plan stands apart."""
    return _apart(row) or clean(row.owner or "") or NOBODY


def _apart(row: CleanupRow) -> str:
    return {Standing.ADVISED: ADVICE, Standing.PROTECTED: PROTECTED}.get(row.standing, "")


def heading(title: str, rows: Sequence[CleanupRow]) -> tuple[Cell, ...]:
    """A group's name, how much of it goes, and what comes back."""
    planned = [row for row in rows if row.standing is Standing.PLANNED]
    if not planned:
        return Cell(title), Cell(str(len(rows)), Role.MUTED)
    chosen = [row for row in planned if row.chosen]
    cells = [Cell(title), Cell(f"{len(chosen)} of {len(planned)}", Role.MUTED)]
    if chosen:
        cells.append(Cell(decimal_bytes(sum(row.bytes or 0 for row in chosen)), Role.GOOD))
    if all(row.others for row in planned):
        words = "not yours" if chosen else "not yours: off unless ticked"
        cells.append(Cell(words, Role.WARNING))
    return tuple(cells)
