"""Cleanup of a session's engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dstui.background import Cancellation
from dstui.session.reading import Reading

if TYPE_CHECKING:
    from concurrent.futures import Future

    from dstui.domain.cleanup.disk_report import DiskReport
    from dstui.domain.cleanup.look import CleanupLook
    from dstui.domain.cleanup.plan import Plan
    from dstui.domain.cleanup.planner import Choice, Planner
    from dstui.domain.cleanup.report import CleanReport
    from dstui.domain.cleanup.report import Progress as CleanProgressReport
    from dstui.domain.image import Image
    from dstui.domain.registry_answer import RegistryAnswer
    from dstui.domain.staleness.facts import CleanupFacts
    from dstui.engine.registry_questions import RegistryQuestions

_LONGEST_WAIT_S = 10.0
"""How long a plan on the command line waits for registries."""


class Cleaning(Reading):
    """What fills the disk, what is stale, and its removal."""

    def cleanup_facts(self, activity: bool = True) -> CleanupFacts:
        """All that bears on cleanup, with one `system/df`: seconds, minutes where much is stored.

        Without `activity` it is not asked what running containers do.
        """
        from dstui.engine.cleanup_facts import gather

        gpus = self.store.gpu_report
        if activity and gpus is None:
            gpus = self.sample_gpus()
        return gather(self.engine, self.background, gpus, activity)

    def disk_usage_report(self, facts: CleanupFacts | None = None) -> DiskReport:
        """How the engine's disk is filled, and what of it nothing uses."""
        from dstui.domain.cleanup.disk_report import disk_report

        return disk_report(facts or self.cleanup_facts(activity=False), self.data_root_use())

    def cleanup_look(self) -> CleanupLook:
        """How the disk is filled and what may go, from the same facts."""
        from dstui.domain.cleanup.look import CleanupLook

        facts = self.cleanup_facts()
        return CleanupLook(self.disk_usage_report(facts), self.cleanup_planner(facts))

    def cleanup_planner(self, facts: CleanupFacts) -> Planner:
        """Makes plans from these facts by the thresholds of the config. Asks the engine nothing."""
        from dstui.domain.cleanup.planner import Planner
        from dstui.domain.staleness.thresholds import Thresholds

        thresholds = Thresholds(**self.config.cleanup)
        return Planner(facts, thresholds, _own_names(), self.config.owner_labels)

    def cleanup_plan(self, facts: CleanupFacts, choice: Choice | None = None) -> Plan:
        """What is stale and to be removed, with true bytes."""
        from dstui.domain.cleanup.planner import Choice

        return self.cleanup_planner(facts).plan(choice or Choice())

    def ask_registry(self, image: Image) -> Future[RegistryAnswer]:
        """Whether an image could be pulled again. Returns at once; the answer may take a while."""
        return self._registry_questions().ask(image.digests)

    def with_registry_answers(self, plan: Plan, facts: CleanupFacts) -> Plan:
        """The plan with what registries say of its chosen images, as far as they answer soon."""
        from concurrent.futures import wait

        from dstui.domain.cleanup.pulling import with_answers

        chosen = {row.id for row in plan.chosen}
        asked = {
            image.id: self.ask_registry(image)
            for image in facts.images
            if image.id in chosen and image.digests
        }
        wait(asked.values(), _LONGEST_WAIT_S)
        answered = {
            name: one.result()
            for name, one in asked.items()
            if one.done() and one.exception() is None
        }
        return with_answers(plan, answered)

    def _registry_questions(self) -> RegistryQuestions:
        from dstui.engine.registry_questions import RegistryQuestions

        if self._registries is None:
            self._registries = RegistryQuestions(self.engine)
        return self._registries

    def clean(
        self,
        plan: Plan,
        progress: CleanProgressReport = lambda step: None,
        cancellation: Cancellation | None = None,
        planner: Planner | None = None,
    ) -> CleanReport:
        """Remove what a plan has chosen, each object after a second look; `progress` is called on
        this thread. Cancelled between two objects. With the plan's `planner` the report is exact
        also where not everything went.

        Raises `WrongEngineError` for a plan of another engine.
        """
        from dstui.domain.cleanup.planner import weigh_again
        from dstui.domain.staleness.thresholds import Thresholds
        from dstui.engine.cleaning import Cleaner, check_engine
        from dstui.engine.cleanup_facts import engine_now
        from dstui.engine.second_look import SecondLook

        self._refuse_if_read_only("cleanup")
        check_engine(plan, self.engine.info)
        keep = Thresholds(**self.config.cleanup).keep
        look = SecondLook(self.engine, keep, self.config.owner_labels, engine_now(self.engine))
        cleaner = Cleaner(
            self.engine, plan, look, lambda done: self._action_log.write(self.engine.info, done)
        )
        report = cleaner.run(progress, cancellation or Cancellation(), self._free_bytes)
        return report if planner is None else weigh_again(report, planner)

    def _free_bytes(self) -> int | None:
        use = self.data_root_use()
        return None if use is None else use.free_bytes


def _own_names() -> frozenset[str]:
    """By which containers may name this user as their owner: the name, or the uid they run as."""
    from getpass import getuser

    return frozenset((getuser(), str(os.getuid())))
