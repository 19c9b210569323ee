"""Checks an object of the engine: gathers the evidence, applies the rules."""

import threading
from dataclasses import replace

from dstui.domain.audit.evidence import FileList
from dstui.domain.audit.finding import AuditReport
from dstui.domain.audit.indexed import file_list
from dstui.domain.audit.rules import audit_container, audit_image
from dstui.domain.facts.collect import image_facts
from dstui.domain.facts.fact import ImageFact
from dstui.domain.image import Image
from dstui.domain.layers.index import Source
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.reading import Progress, UnreadableImageError
from dstui.domain.registry_answer import RegistryAnswer
from dstui.engine.client import Engine
from dstui.engine.evidence import container_evidence, image_evidence
from dstui.engine.index.indexing import index_cost, index_image
from dstui.engine.registry_questions import RegistryQuestions

NO_INDEX = "files: the index of its layers was not read, only the usual paths were looked at"
NO_READING = "contents of files: dstui is read-only here, and reading takes a throwaway container"

_REGISTRY_TIMEOUT_S = 10.0


def layer_files(
    engine: Engine, reference: str, deep: bool, progress: Progress, cancel: threading.Event
) -> FileList | None:
    """The files of every layer of an image; `None` where they cannot be had.

    Unless it is to be `deep` this is so too where they would have to be read from the image's
    archive: that takes minutes. Raises `IndexCancelledError`.
    """
    cost = index_cost(engine, reference)
    if not (deep or cost.cached or cost.source is Source.TAR_SPLIT):
        return None
    try:
        return file_list(IndexedImage(index_image(engine, reference, progress, cancel)))
    except UnreadableImageError:
        return None


def check_image(
    engine: Engine, reference: str, files: FileList | None = None, may_read: bool = True
) -> AuditReport:
    """The findings of an image; `files` is the index of its layers, if it was read."""
    evidence = image_evidence(engine, reference, files, may_read)
    registry = _in_registry(engine, evidence.image)
    not_checked = (() if files else (NO_INDEX,)) + (() if may_read else (NO_READING,))
    if registry is not None and registry.has is None:
        not_checked += (f"whether a registry has it: {registry.why}",)
    return audit_image(replace(evidence, registry=registry), reference, not_checked)


def _in_registry(engine: Engine, image: Image) -> RegistryAnswer | None:
    """Whether it could be pulled again, if that is known soon; `None` without a digest."""
    if not image.digests:
        return None
    try:
        return RegistryQuestions(engine).ask(image.digests).result(_REGISTRY_TIMEOUT_S)
    except TimeoutError:
        return RegistryAnswer(None, image.digests[0], "the registry does not answer")


def check_container(engine: Engine, name: str) -> AuditReport:
    """The findings of a container; its image is checked apart."""
    evidence = container_evidence(engine, name)
    return audit_container(evidence, evidence.container.name or name)


def facts_of_image(
    engine: Engine, reference: str, files: FileList | None = None, may_read: bool = True
) -> tuple[ImageFact, ...]:
    """What is in an image, as far as it can be told."""
    return image_facts(image_evidence(engine, reference, files, may_read))
