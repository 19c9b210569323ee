"""The allow-list: findings that someone looked at and accepted."""

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from dstui.domain.audit.finding import AuditReport, Finding


def allowed(report: AuditReport, allow_list: Iterable[str]) -> AuditReport:
    """The report without what the list accepts; the report tells how many that were.

    An entry is a rule's id, or `rule:pattern` where the pattern (`*`, `?`, `[…]`) must match the
    target or what of it is concerned: `image-root`, `every-address:jupyter-*`,
    `secret-file:/app/tests/*`.
    """
    entries = tuple(allow_list)
    taken = tuple(found for found in report.findings if _accepts(entries, found))
    if not taken:
        return report
    kept = tuple(found for found in report.findings if found not in taken)
    accepted = (*report.accepted, *taken)
    return replace(report, findings=kept, allowed=report.allowed + len(taken), accepted=accepted)


def _accepts(entries: Iterable[str], found: Finding) -> bool:
    for entry in entries:
        rule, colon, pattern = entry.partition(":")
        if not fnmatchcase(found.rule, rule):
            continue
        if not colon or fnmatchcase(found.target, pattern) or fnmatchcase(found.subject, pattern):
            return True
    return False
