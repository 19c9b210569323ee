"""Checks an object of the engine: gathers the evidence, applies the rules."""

from dstui.domain.audit.evidence import FileList
from dstui.domain.audit.finding import AuditReport
from dstui.domain.audit.rules import audit_container, audit_image
from dstui.domain.facts.collect import image_facts
from dstui.domain.facts.fact import ImageFact
from dstui.engine.client import Engine
from dstui.engine.evidence import container_evidence, image_evidence

NO_INDEX = "files: the index of its layers was not read, only the usual paths were looked at"
NO_READING = "contents of files: dstui is read-only here, and reading takes a throwaway container"


def check_image(
    engine: Engine, reference: str, files: FileList | None = None, may_read: bool = True
) -> AuditReport:
    """The findings of an image; `files` is the index of its layers, if it was read."""
    evidence = image_evidence(engine, reference, files, may_read)
    not_checked = (() if files else (NO_INDEX,)) + (() if may_read else (NO_READING,))
    return audit_image(evidence, reference, not_checked)


def check_container(engine: Engine, name: str) -> AuditReport:
    """The findings of a container; its image is checked apart."""
    evidence = container_evidence(engine, name)
    return audit_container(evidence, evidence.container.name or name)


def facts_of_image(
    engine: Engine, reference: str, files: FileList | None = None, may_read: bool = True
) -> tuple[ImageFact, ...]:
    """What is in an image, as far as it can be told."""
    return image_facts(image_evidence(engine, reference, files, may_read))
