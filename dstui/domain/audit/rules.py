"""The registry of all rules. A new rule goes into the file of its family; it needs nothing else."""

from typing import Any

from dstui.domain.audit import (
    caches,
    container_access,
    container_limits,
    container_service,
    files,
    history,
    image_config,
    secret_files,
    secrets,
)
from dstui.domain.audit.evidence import ContainerEvidence, ImageEvidence
from dstui.domain.audit.finding import AuditReport, worst_first
from dstui.domain.audit.rule import Rule, findings

IMAGE_RULES: tuple[Rule[ImageEvidence], ...] = (
    *image_config.RULES,
    *history.RULES,
    *secrets.RULES,
    *secret_files.RULES,
    *files.RULES,
    *caches.RULES,
)
CONTAINER_RULES: tuple[Rule[ContainerEvidence], ...] = (
    *container_access.RULES,
    *container_limits.RULES,
    *container_service.RULES,
)
RULES: dict[str, Rule[Any]] = {
    **{rule.id: rule for rule in IMAGE_RULES},
    **{rule.id: rule for rule in CONTAINER_RULES},
}
"""All of them, by id."""


def audit_image(
    evidence: ImageEvidence, target: str, not_checked: tuple[str, ...] = ()
) -> AuditReport:
    """Check an image by every rule."""
    found = worst_first(findings(IMAGE_RULES, evidence, target))
    return AuditReport(target, found, not_checked)


def audit_container(
    evidence: ContainerEvidence, target: str, not_checked: tuple[str, ...] = ()
) -> AuditReport:
    """Check a container by every rule."""
    found = worst_first(findings(CONTAINER_RULES, evidence, target))
    return AuditReport(target, found, not_checked)
