"""Findings of checks as table rows, as lines of text and as the objects of `--json`."""

from collections.abc import Sequence
from typing import Any

from dstui.domain.audit.finding import AuditReport, Finding, Severity, count_by_severity
from dstui.domain.facts.fact import ImageFact
from dstui.render.column import Cell, Column, Role
from dstui.render.text import styled

SEVERITY_ROLES = {
    Severity.FATAL: Role.BAD,
    Severity.HIGH: Role.BAD,
    Severity.MEDIUM: Role.WARNING,
    Severity.LOW: Role.NORMAL,
    Severity.INFO: Role.MUTED,
}

COLUMNS: tuple[Column[Finding], ...] = (
    Column(
        "severity",
        "SEVERITY",
        cell=lambda found: Cell(found.severity.value, SEVERITY_ROLES[found.severity]),
        sort=lambda found: found.severity.rank,
        min_width=8,
        max_width=8,
    ),
    Column(
        "rule",
        "RULE",
        cell=lambda found: Cell(found.rule),
        sort=lambda found: found.rule,
        min_width=12,
        max_width=24,
        priority=1,
    ),
    Column(
        "target",
        "TARGET",
        cell=lambda found: Cell(found.target),
        sort=lambda found: found.target.casefold(),
        min_width=12,
        max_width=40,
        priority=3,
        shown=False,
    ),
    Column(
        "evidence",
        "EVIDENCE",
        cell=lambda found: Cell(found.evidence, Role.STRONG),
        sort=lambda found: found.evidence.casefold(),
        min_width=20,
        max_width=2000,
        flexible=True,
    ),
    Column(
        "fix",
        "FIX",
        cell=lambda found: Cell(found.fix, Role.MUTED),
        sort=lambda found: found.fix,
        min_width=20,
        max_width=120,
        flexible=True,
        priority=4,
    ),
    Column(
        "references",
        "IDS",
        cell=lambda found: Cell(", ".join(found.references), Role.MUTED),
        sort=lambda found: found.references,
        min_width=8,
        max_width=40,
        priority=5,
        shown=False,
    ),
    Column(
        "source",
        "BY",
        cell=lambda found: Cell(found.source, Role.MUTED),
        sort=lambda found: found.source,
        min_width=5,
        max_width=8,
        priority=6,
        shown=False,
    ),
)
"""The table of findings; `target` is for a list of several objects."""

FACT_COLUMNS: tuple[Column[ImageFact], ...] = (
    Column(
        "name",
        "FACT",
        cell=lambda fact: Cell(fact.name, Role.MUTED),
        sort=lambda fact: fact.name,
        min_width=8,
        max_width=20,
    ),
    Column(
        "value",
        "VALUE",
        cell=lambda fact: Cell(fact.value, Role.MUTED if fact.hint else Role.STRONG),
        sort=lambda fact: fact.value,
        min_width=12,
        max_width=200,
        flexible=True,
    ),
    Column(
        "evidence",
        "READ FROM",
        cell=lambda fact: Cell(
            f"{fact.evidence} (a hint)" if fact.hint else fact.evidence, Role.MUTED
        ),
        sort=lambda fact: fact.evidence,
        min_width=12,
        max_width=200,
        flexible=True,
        priority=1,
    ),
)
"""The table of an image's facts."""


def summary(report: AuditReport) -> str:
    """`1 fatal, 2 high`, or that nothing was found; and how many were allowed."""
    counts = count_by_severity(report.findings)
    words = ", ".join(f"{count} {severity.value}" for severity, count in counts.items())
    allowed = f" ({report.allowed} allowed)" if report.allowed else ""
    return (words or "nothing found") + allowed


def report_lines(report: AuditReport, color: bool = False) -> list[str]:
    """A report for a terminal: each finding with its reason and its fix."""
    lines = [f"{report.target}: {summary(report)}"]
    for found in report.findings:
        ids = f"  [{', '.join(found.references)}]" if found.references else ""
        severity = styled(f"{found.severity.value:<6}", SEVERITY_ROLES[found.severity], color)
        lines.append(f"  {severity} {found.rule}: {found.evidence}{ids}")
        lines.append(styled(f"         why: {found.why}", Role.MUTED, color))
        lines.append(styled(f"         fix: {found.fix}", Role.MUTED, color))
    lines.extend(f"  not checked: {what}" for what in report.not_checked)
    return lines


def details(found: Finding) -> tuple[tuple[str, str], ...]:
    """A finding in full, as labels and texts."""
    return (
        ("Rule", found.rule),
        ("Severity", found.severity.value),
        ("Target", found.target),
        ("Evidence", found.evidence),
        ("Why", found.why),
        ("Fix", found.fix),
        ("Ids", ", ".join(found.references) or "none"),
        ("Found by", found.source),
    )


def finding_object(found: Finding) -> dict[str, Any]:
    """A finding of `dstui audit --json`."""
    return {
        "rule": found.rule,
        "severity": found.severity.value,
        "target": found.target,
        "object": found.subject or None,
        "evidence": found.evidence,
        "why": found.why,
        "fix": found.fix,
        "references": list(found.references),
        "source": found.source,
    }


def audit_content(reports: Sequence[AuditReport]) -> dict[str, Any]:
    """The content of `dstui audit --json`."""
    return {
        "findings": [finding_object(found) for report in reports for found in report.findings],
        "targets": [
            {
                "target": report.target,
                "not_checked": list(report.not_checked),
                "allowed": report.allowed,
            }
            for report in reports
        ],
    }


def fact_object(fact: ImageFact) -> dict[str, Any]:
    """A fact of `dstui show --json`."""
    return {
        "name": fact.name,
        "value": fact.value,
        "evidence": fact.evidence,
        "hint": fact.hint,
    }
