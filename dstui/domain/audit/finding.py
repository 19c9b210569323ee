"""What a check found, and how bad it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is.

    Fatal: a credential or the host is in the hands of whoever has the target. High: very likely
    so. Medium: a fault that will bite. Low: good practice missed. Info: worth knowing.
    """

    FATAL = "fatal"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return _RANKS[self]

    def at_least(self, other: "Severity") -> bool:
        """Whether it is as bad as the other, or worse."""
        return self.rank <= other.rank


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one target. Secrets in `evidence` are masked."""

    rule: str
    severity: Severity
    target: str
    """The image's reference or the container's name."""
    evidence: str
    why: str
    fix: str
    references: tuple[str, ...] = ()
    """Ids that others have for it: `CIS 4.1`, `CIS-DI-0001` (dockle), `DL3002` (hadolint)."""
    subject: str = ""
    """What of the target it concerns: a path, a variable, a port; empty for all of it."""
    source: str = "dstui"
    """Who found it."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All that was found of one target, the worst first."""

    target: str
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[str, ...] = ()
    """What could not be looked at, and why: nothing found there means nothing."""
    allowed: int = 0
    """How many findings the allow-list took out."""
    accepted: tuple[Finding, ...] = ()
    """Those findings."""

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings that are as bad, or worse."""
        return tuple(found for found in self.findings if found.severity.at_least(severity))


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order in which they are shown; the same finding only once."""
    unique = {(f.rule, f.target, f.subject, f.evidence): f for f in findings}
    return tuple(
        sorted(unique.values(), key=lambda f: (f.severity.rank, f.rule, f.subject, f.evidence))
    )


def count_by_severity(findings: Sequence[Finding]) -> dict[Severity, int]:
    """How many there are of each severity, the worst first; those without any are left out."""
    counts = dict.fromkeys(Severity, 0)
    for found in findings:
        counts[found.severity] += 1
    return {severity: count for severity, count in counts.items() if count}
