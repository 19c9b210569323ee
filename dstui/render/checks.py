"""The findings of one object for the Checks tab: what is wrong, where, why, and the fix."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dstui.domain.audit.finding import AuditReport, Finding, count_by_severity, worst_first
from dstui.domain.audit.rules import RULES
from dstui.render.column import Cell, Column, Role
from dstui.render.facts import Fact, FactGroup, fact
from dstui.render.findings import SEVERITY_ROLES

ACCEPTED = "accepted in the config"
"""The heading of what the allow-list takes out."""

_SHAPES = ("✖", "▲", "◆", "·", " ")
"""From fatal to info, so that colour is never needed."""


class CheckRow(NamedTuple):
    """A finding, and whether the config accepts it."""

    finding: Finding
    accepted: bool = False


def title_of(found: Finding) -> str:
    """What is wrong, in a few words; of a scanner's finding its id."""
    rule = RULES.get(found.rule)
    return rule.title if rule else found.rule


def check_rows(reports: Iterable[AuditReport]) -> list[tuple[str, CheckRow]]:
    """Everything that was found, the worst first; what is accepted last."""
    every = list(reports)
    found = worst_first(found for report in every for found in report.findings)
    accepted = worst_first(found for report in every for found in report.accepted)
    rows = [*map(CheckRow, found), *(CheckRow(one, accepted=True) for one in accepted)]
    return [(f"finding-{number}", row) for number, row in enumerate(rows)]


def group_of(row: CheckRow) -> str | None:
    """What is accepted stands under a heading of its own."""
    return ACCEPTED if row.accepted else None


def _severity(row: CheckRow) -> Cell:
    severity = row.finding.severity
    role = Role.MUTED if row.accepted else SEVERITY_ROLES[severity]
    return Cell(f"{_SHAPES[severity.rank]} {severity.value}", role)


COLUMNS: tuple[Column[CheckRow], ...] = (
    Column(
        "severity",
        "SEVERITY",
        cell=_severity,
        sort=lambda row: (row.accepted, row.finding.severity.rank),
        min_width=8,
        max_width=9,
    ),
    Column(
        "what",
        "WHAT",
        cell=lambda row: Cell(title_of(row.finding), Role.MUTED if row.accepted else Role.STRONG),
        sort=lambda row: title_of(row.finding).casefold(),
        min_width=24,
        max_width=60,
        flexible=True,
    ),
    Column(
        "evidence",
        "EVIDENCE",
        cell=lambda row: Cell(row.finding.evidence, Role.MUTED),
        sort=lambda row: row.finding.evidence.casefold(),
        min_width=16,
        max_width=400,
        flexible=True,
        priority=1,
    ),
)


def details(row: CheckRow) -> tuple[FactGroup, ...]:
    """One finding in full."""
    found = row.finding
    ids = ", ".join(found.references)
    facts = [
        Fact("Severity", (_severity(row),)),
        fact("Evidence", found.evidence, Role.STRONG),
        *([fact("Why", found.why)] if found.why else []),
        *([fact("Fix", found.fix, Role.GOOD)] if found.fix else []),
        fact("Target", found.target, Role.MUTED),
        fact("Rule", f"{found.rule} ({ids})" if ids else found.rule, Role.MUTED),
    ]
    if found.source != "dstui":
        facts.append(fact("Found by", found.source, Role.MUTED))
    if row.accepted:
        facts.append(fact("Accepted", "audit_allow in config.toml takes it out", Role.MUTED))
    return (FactGroup(title_of(found), tuple(facts)),)


def summary_cells(reports: Sequence[AuditReport]) -> Iterator[Cell]:
    """`1 fatal  2 high …`, or that there is nothing."""
    counts = count_by_severity(
        worst_first(found for report in reports for found in report.findings)
    )
    for severity, count in counts.items():
        shape = _SHAPES[severity.rank]
        yield Cell(f"{shape} {count} {severity.value}".strip(), SEVERITY_ROLES[severity])
    if not counts:
        yield Cell("✓ nothing found", Role.GOOD)
    if accepted := sum(report.allowed for report in reports):
        yield Cell(f"{accepted} accepted", Role.MUTED)


def text_of(row: CheckRow) -> str:
    """A finding for the clipboard."""
    found = row.finding
    lines = [f"{found.severity.value}: {title_of(found)} [{found.rule}] in {found.target}"]
    parts = (("evidence", found.evidence), ("why", found.why), ("fix", found.fix))
    lines += [f"{label}: {text}" for label, text in parts if text]
    return "\n".join(lines)
