"""The JSON of trivy and grype, as findings."""

from collections.abc import Iterator
from typing import Any

from dstui.domain.audit.finding import Finding, Severity
from dstui.engine.convert.read import Json, mapping, rows, text, texts

_SEVERITIES = {
    "CRITICAL": Severity.FATAL,
    "HIGH": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
}
_CVE_REFERENCES = ("CIS 4.4", "CIS-DI-0004")
_NO_FIX = "there is no fixed version yet"


def of_trivy(answer: Any, target: str) -> Iterator[Finding]:
    """The findings of `trivy image --format json`."""
    for result in map(mapping, rows(mapping(answer).get("Results"))):
        where = text(result.get("Target"))
        for found in map(mapping, rows(result.get("Vulnerabilities"))):
            fixed = text(found.get("FixedVersion"))
            package = f"{text(found.get('PkgName'))} {text(found.get('InstalledVersion'))}"
            yield Finding(
                rule=text(found.get("VulnerabilityID")),
                severity=_severity(found),
                target=target,
                evidence=f"{package}{f', fixed in {fixed}' if fixed else ''}",
                why=text(found.get("Title")) or "a known vulnerability",
                fix=f"upgrade to {fixed}" if fixed else _NO_FIX,
                references=_CVE_REFERENCES,
                subject=package,
                source="trivy",
            )
        for found in map(mapping, rows(result.get("Secrets"))):
            yield Finding(
                rule=f"secret-{text(found.get('RuleID'))}",
                severity=_severity(found),
                target=target,
                evidence=f"{where}:{text(found.get('StartLine'))}: {text(found.get('Title'))}",
                why="whoever has the image can read every file of every layer",
                fix="leave it out of the image, and revoke it",
                subject=where,
                source="trivy",
            )
        for found in map(mapping, rows(result.get("Misconfigurations"))):
            yield Finding(
                rule=text(found.get("ID")),
                severity=_severity(found),
                target=target,
                evidence=text(found.get("Message")) or text(found.get("Title")),
                why=text(found.get("Description")),
                fix=text(found.get("Resolution")),
                subject=where,
                source="trivy",
            )


def of_grype(answer: Any, target: str) -> Iterator[Finding]:
    """The findings of `grype -o json`."""
    for match in map(mapping, rows(mapping(answer).get("matches"))):
        found, artifact = mapping(match.get("vulnerability")), mapping(match.get("artifact"))
        fixed = ", ".join(texts(mapping(found.get("fix")).get("versions")))
        package = f"{text(artifact.get('name'))} {text(artifact.get('version'))}"
        yield Finding(
            rule=text(found.get("id")),
            severity=_severity(found, "severity"),
            target=target,
            evidence=f"{package}{f', fixed in {fixed}' if fixed else ''}",
            why=text(found.get("description")) or "a known vulnerability",
            fix=f"upgrade to {fixed}" if fixed else _NO_FIX,
            references=_CVE_REFERENCES,
            subject=package,
            source="grype",
        )


def _severity(found: Json, key: str = "Severity") -> Severity:
    return _SEVERITIES.get(text(found.get(key)).upper(), Severity.INFO)
