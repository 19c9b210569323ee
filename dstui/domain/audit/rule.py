"""What a rule is: data, and a small pure function that finds the places where it is broken."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dstui.domain.audit.finding import Finding, Severity
from dstui.domain.text import clean

EvidenceT = TypeVar("EvidenceT", contravariant=True)


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule is broken. What is not said here the rule says."""

    evidence: str
    subject: str = ""
    severity: Severity | None = None
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Generic[EvidenceT]):
    """One check of an image's or a container's evidence."""

    id: str
    severity: Severity
    title: str
    """What is wrong, in a few words."""
    why: str
    fix: str
    find: Callable[[EvidenceT], Iterable[Hit]]
    references: tuple[str, ...] = ()


def findings(
    rules: Sequence[Rule[EvidenceT]], evidence: EvidenceT, target: str
) -> Iterator[Finding]:
    """Everything that the rules find, in their order."""
    for rule in rules:
        for hit in rule.find(evidence):
            yield Finding(
                rule=rule.id,
                severity=hit.severity or rule.severity,
                target=target,
                evidence=clean(hit.evidence),
                why=rule.why,
                fix=hit.fix or rule.fix,
                references=rule.references,
                subject=clean(hit.subject),
            )
