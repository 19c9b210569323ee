"""Findings as SARIF 2.1.0, which code hosts and editors read."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from dstui import __version__
from dstui.domain.audit.finding import AuditReport, Finding, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {
    Severity.FATAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.FATAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.0",
    Severity.LOW: "3.0",
    Severity.INFO: "0.0",
}

Json = dict[str, Any]


def sarif_document(reports: Sequence[AuditReport]) -> Json:
    """The whole log: one run for each program that found something, ours always."""
    found = [finding for report in reports for finding in report.findings]
    sources = dict.fromkeys(("dstui", *(finding.source for finding in found)))
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            _run(source, [finding for finding in found if finding.source == source])
            for source in sources
        ],
    }


def _run(source: str, found: Sequence[Finding]) -> Json:
    rules = {finding.rule: finding for finding in reversed(found)}
    order = {rule: place for place, rule in enumerate(rules)}
    driver: Json = {"name": source, "rules": [_rule(finding) for finding in rules.values()]}
    if source == "dstui":
        driver["version"] = __version__
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, order[finding.rule]) for finding in found],
    }


def _rule(finding: Finding) -> Json:
    return {
        "id": finding.rule,
        "shortDescription": {"text": finding.why},
        "help": {"text": finding.fix},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {
            "tags": ["security", *finding.references],
            "security-severity": _SCORES[finding.severity],
        },
    }


def _result(finding: Finding, rule: int) -> Json:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.evidence}. {finding.why}. Fix: {finding.fix}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": _uri(finding)}},
                "logicalLocations": [
                    {"fullyQualifiedName": " ".join(filter(None, _where(finding)))}
                ],
            }
        ],
        "partialFingerprints": {"dstui/v1": _fingerprint(finding)},
    }


def _where(finding: Finding) -> Iterable[str]:
    return (finding.target, finding.subject)


def _uri(finding: Finding) -> str:
    """Relative, as the target is no file: the object and the path within it."""
    path = finding.subject if finding.subject.startswith("/") else ""
    return "dstui/" + quote(finding.target, safe="/@.-_") + quote(path)


def _fingerprint(finding: Finding) -> str:
    words = "\0".join((finding.source, finding.rule, *_where(finding)))
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]
