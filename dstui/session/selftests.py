"""Self-tests of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dstui.background import Cancellation
from dstui.domain.kind import Kind
from dstui.session.reading import Reading

if TYPE_CHECKING:
    from dstui.domain.selftest.step import SelfTestReport, Target
    from dstui.selftest.runner import Report


class SelfTests(Reading):
    """Tests host, engine and container."""

    def self_test_target(self, container: str | None = None, image: str | None = None) -> Target:
        """What a self-test is about, by name; without a name the machine and its engine.

        Raises an `EngineError` that is `gone` when there is no such object.
        """
        from dstui.domain.selftest.step import Target

        if container:
            found = self.find_container(container)
            return Target(Kind.CONTAINER, found.id, found.name)
        if image:
            known = self.find_image(image)
            return Target(Kind.IMAGE, known.id, image)
        return Target()

    def busy_gpus(self, target: Target) -> tuple[str, ...]:
        """The GPUs in use that a self-test would take memory of, a line each."""
        from dstui.selftest.busy import busy_gpus

        container = self.engine.container(target.id) if target.kind is Kind.CONTAINER else None
        known = self.store.gpu_report
        return busy_gpus(target, self.sample_gpus() if known is None else known, container)

    def self_test(
        self,
        target: Target,
        report: Report,
        cancellation: Cancellation | None = None,
        may_use_memory: bool = True,
    ) -> SelfTestReport:
        """Test host, engine and target in this order; seconds, or minutes with a framework.

        `report` is called on this thread. An engine that does not answer is told as a step.
        """
        from dstui.selftest.selftest import SelfTest

        cancellation = cancellation or Cancellation()
        if self.demo:
            from dstui.demo.selftest import DemoSelfTest

            container = self.engine.container(target.id) if target.kind is Kind.CONTAINER else None
            return DemoSelfTest(target, self.sample_gpus(), container).run(report, cancellation)
        test = SelfTest(
            self._engine,
            target,
            self.store.failures,
            may_use_memory=may_use_memory,
            may_create=not self.read_only,
        )
        return test.run(report, cancellation)
