"""What a session tells of the inside of images."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from dstui.session.core import SessionCore

if TYPE_CHECKING:
    from collections.abc import Callable

    from dstui.domain.audit.evidence import FileList
    from dstui.domain.audit.finding import AuditReport
    from dstui.domain.facts.fact import ImageFact
    from dstui.domain.layers.index import Source
    from dstui.domain.layers.indexed import IndexedImage
    from dstui.domain.layers.reading import IndexCost, Progress


class ImageQuestions(SessionCore):
    """Checks, facts, and the files of the layers."""

    # Checks and facts

    def layer_files(
        self,
        reference: str,
        deep: bool = False,
        progress: Progress = lambda done, words: None,
        cancel: threading.Event | None = None,
    ) -> FileList | None:
        """The files of an image's layers, for checks and facts; `None` where that takes minutes
        and is not to be `deep`. Raises `IndexCancelledError` once `cancel` is set.
        """
        from dstui.engine.checks import layer_files

        return layer_files(self.engine, reference, deep, progress, cancel or threading.Event())

    def image_facts(self, reference: str, files: FileList | None = None) -> tuple[ImageFact, ...]:
        """What is in an image, each fact with its evidence; more with the files of its layers."""
        from dstui.engine.checks import facts_of_image

        return facts_of_image(self.engine, reference, files, may_read=not self.read_only)

    def audit_image(self, reference: str, files: FileList | None = None) -> AuditReport:
        """The findings of an image, without the allowed ones."""
        from dstui.domain.audit.allow import allowed
        from dstui.engine.checks import check_image

        report = check_image(self.engine, reference, files, may_read=not self.read_only)
        return allowed(report, self.config.audit_allow)

    def audit_container(self, name: str) -> AuditReport:
        """The findings of a container, without the allowed ones."""
        from dstui.domain.audit.allow import allowed
        from dstui.engine.checks import check_container

        return allowed(check_container(self.engine, name), self.config.audit_allow)

    def scanners(self) -> tuple[str, ...]:
        """The vulnerability scanners that are installed: trivy, grype."""
        from dstui.engine.scanners import available

        return available()

    def scan_image(
        self,
        reference: str,
        scanner: str,
        progress: Callable[[str], None] = lambda line: None,
        cancel: threading.Event | None = None,
    ) -> AuditReport:
        """Run a scanner on an image: minutes, and gigabytes of its temporary directory."""
        from dstui.domain.audit.allow import allowed
        from dstui.engine.scanners import scan

        self._refuse_if_read_only(scanner)
        report = scan(self.engine, scanner, reference, progress, cancel)
        return allowed(report, self.config.audit_allow)

    # Image indexes

    def image_index(
        self,
        image_id: str,
        progress: Progress = lambda done, words: None,
        cancel: threading.Event | None = None,
        allow_socket_container: bool = False,
        only: Source | None = None,
    ) -> IndexedImage:
        """Every file of every layer: a second or, from the image's archive, minutes; then cached.

        `only` names the one source that is to be used: to name the socket's is to allow it.
        `progress` is called on this thread. Raises `IndexCancelledError` once `cancel` is set.
        """
        from dstui.domain.layers.index import Source
        from dstui.domain.layers.indexed import IndexedImage
        from dstui.engine.index.indexing import index_image

        if only is Source.TAR_SPLIT_SOCKET:
            self._refuse_if_read_only("a container that reads layers")
        allowed = allow_socket_container and not self.read_only
        cancel = cancel or threading.Event()
        index = index_image(self.engine, image_id, progress, cancel, allowed, only=only)
        return IndexedImage(index)

    def index_cost(self, image_id: str) -> IndexCost:
        """What it takes to index an image, and what permission would make it cheaper."""
        from dstui.engine.index.indexing import index_cost

        return index_cost(self.engine, image_id)

    def may_read_records(self) -> bool:
        """Whether the person allowed this engine's records of layers to be read by a container."""
        from dstui.permissions import LAYER_RECORDS, Permissions

        return not self.read_only and Permissions().given(LAYER_RECORDS, self.engine.info.id)

    def allow_reading_records(self) -> str:
        """Remember that they may be read; the answer is why that failed, or nothing."""
        from dstui.permissions import LAYER_RECORDS, Permissions

        return Permissions().give(LAYER_RECORDS, self.engine.info.id)

    def layer_sharing(self, image_id: str) -> tuple[tuple[str, ...], ...]:
        """The names of the other images that have each layer of this one, oldest layer first."""
        from dstui.engine.index.sharing import sharing

        return sharing(self.engine, image_id)
