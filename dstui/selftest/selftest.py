"""Puts the self-test together from the rooms that know the driver and the engine."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from dstui.background import Cancellation
from dstui.domain.cuda_compat import Machine
from dstui.domain.engine import ConnectionFailure, EngineError
from dstui.domain.kind import Kind
from dstui.domain.selftest.step import (
    Layer,
    SelfTestReport,
    Step,
    StepResult,
    Target,
    failed,
    skipped,
)
from dstui.domain.selftest.steps import steps_for
from dstui.engine.client import Engine
from dstui.engine.selftest.daemon import DaemonChecks, is_here
from dstui.engine.selftest.inside import InsideChecks
from dstui.engine.selftest.toolkit import ToolkitChecks
from dstui.gpu.selftest.host import HostChecks
from dstui.selftest.runner import Check, Report, run_steps


class SelfTest:
    """One run over one target."""

    def __init__(
        self,
        engine: Engine | None,
        target: Target,
        unreachable: tuple[ConnectionFailure, ...] = (),
        may_use_memory: bool = True,
        may_create: bool = True,
        root: Path = Path("/"),
    ) -> None:
        """Without an engine `unreachable` says why; `root` is another directory in tests."""
        self.target = target
        self._engine = engine
        self._unreachable = unreachable
        gpu = target.id.partition(":")[2] if target.kind is Kind.GPU else ""
        self._host = HostChecks(
            gpu,
            root,
            name_of_container=self._container_name,
            may_use_memory=may_use_memory,
        )
        self._inside: InsideChecks | None = None
        if engine is not None:
            self._inside = InsideChecks(
                engine, target, self._machine, may_use_memory, may_create, self._usable
            )
        self._may_create = may_create
        self._root = root

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """In the order in which they are run."""
        return steps_for(self.target)

    def run(self, report: Report, cancellation: Cancellation) -> SelfTestReport:
        """Run all; what was made is removed at the end, however that comes."""
        checks = self._checks()
        try:
            beside = frozenset() if self._shares_the_host else self._host_ids
            results = run_steps(self.steps, checks, report, cancellation, beside)
        finally:
            if self._inside is not None:
                self._inside.close()
        return SelfTestReport(self.target, results)

    @property
    def _shares_the_host(self) -> bool:
        return self._engine is None or is_here(self._engine)

    @property
    def _host_ids(self) -> frozenset[str]:
        return frozenset(step.id for step in self.steps if step.layer is Layer.HOST)

    def _checks(self) -> Mapping[str, Check]:
        checks: dict[str, Check] = {}
        if self._shares_the_host:
            checks |= self._host.checks()
        else:
            checks |= dict.fromkeys(self._host_ids, _always(skipped(_ELSEWHERE)))
        if self._engine is None:
            unreachable = _always(_no_engine(self._unreachable))
            checks |= {step.id: unreachable for step in self.steps if step.layer is not Layer.HOST}
            return checks
        assert self._inside is not None
        checks |= DaemonChecks(self._engine, self._may_create).checks()
        checks |= ToolkitChecks(self._engine, self._root).checks()
        checks |= self._inside.checks()
        return checks

    def _machine(self) -> Machine:
        facts = self._host.facts
        return Machine(driver=facts.driver, cuda=facts.cuda)

    def _usable(self) -> tuple[str, ...]:
        """The GPUs that may be computed on, by UUID; none where they are another machine's."""
        return tuple(device.uuid for device in self._host.computing.usable())

    def _container_name(self, identifier: str) -> str:
        if self._engine is None:
            return ""
        try:
            return self._engine.container(identifier).name
        except EngineError:
            return ""


_ELSEWHERE = "the engine is on another machine, whose driver cannot be asked from here"


def _always(result: StepResult) -> Check:
    return lambda stop: result


def _no_engine(failures: tuple[ConnectionFailure, ...]) -> StepResult:
    if not failures:
        return failed(
            "no engine was found", "no engine answers", "start one: systemctl start docker"
        )
    first = failures[0]
    return failed(f"{first.endpoint.host}: {first.reason}", first.reason, first.fix)
