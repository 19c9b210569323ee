"""A step of the self-test, what came of it, and the verdict over all."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dstui.domain.diagnosis import diagnose
from dstui.domain.kind import Kind


class Layer(StrEnum):
    """Where a step looks, from the hardware up."""

    HOST = "host"
    ENGINE = "engine"
    CONTAINER = "container"
    IMAGE = "image"


class Status(StrEnum):
    """What came of a step. `SKIP` does not apply here, `NOT_RUN` was not reached."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class Step:
    """One question. `command` is what a person could run to see the same."""

    id: str
    layer: Layer
    title: str
    command: str
    needs: tuple[str, ...] = ()
    """The steps that must not have failed before."""
    limit_s: float = 20.0


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of a step. `blames` names the layer at fault where that is not the step's own."""

    status: Status
    evidence: str = ""
    cause: str = ""
    fix: str = ""
    seconds: float | None = None
    blames: Layer | None = None


def passed(evidence: str) -> StepResult:
    """All is well."""
    return StepResult(Status.PASS, evidence)


def warned(evidence: str, cause: str, fix: str = "") -> StepResult:
    """It works, and something should be known."""
    return StepResult(Status.WARN, evidence, cause, fix)


def failed(
    evidence: str, cause: str = "", fix: str = "", blames: Layer | None = None
) -> StepResult:
    """It does not work. Without a cause the table of known messages is asked for one."""
    known = None if cause else diagnose(evidence)
    if known is not None:
        cause, fix = known.cause, known.fix
    return StepResult(Status.FAIL, evidence, cause, fix, blames=blames)


def skipped(reason: str) -> StepResult:
    """It does not apply here."""
    return StepResult(Status.SKIP, reason)


def not_run(reason: str) -> StepResult:
    """It was not reached."""
    return StepResult(Status.NOT_RUN, reason)


@dataclass(frozen=True, slots=True)
class Target:
    """What is tested: one GPU, container or image; of no `kind`, the machine and its engine."""

    kind: Kind | None = None
    id: str = ""
    name: str = ""


class Verdict(StrEnum):
    """Where the fault is."""

    GOOD = "good"
    WARNINGS = "warnings"
    HOST = "host"
    ENGINE = "engine"
    CONTAINER = "container"
    IMAGE = "image"
    NO_GPU = "no-gpu"
    """No step met a GPU, so nothing is said of any."""


GIVEN = "container.gpu"
"""The step that tells whether the container was given a GPU: a warning when it was not."""
FRESH = "container.fresh"
"""The step that repeats in a new container what failed in the one that is tested."""

GIVEN_NONE = (
    "GPUs are given to a container when it is created, not to one that exists",
    "recreate it with --gpus all, or with what dstui gpus --free tells for single ones; "
    "with compose: deploy.resources.reservations.devices, capabilities: [gpu]",
)
"""Cause and fix for a container that was given no GPU."""
_MEETS_A_GPU = ("host.driver", "host.count", "engine.grant", "cuda.init")
"""The steps that cannot pass without a GPU."""

_COMPUTES = ("host.compute", "engine.compute", "cuda.compute")
"""The steps that let a GPU compute."""

Results = Iterable[tuple[Step, StepResult]]


def verdict(results: Results) -> Verdict:
    """The lowest layer that failed, as what stands on it cannot work.

    A container that fails where a fresh one of the same image and grant works is at fault itself;
    when the fresh one fails as well, it is the image.
    """
    results = tuple(results)
    if given_none(results):
        return Verdict.NO_GPU
    faults = {r.blames or s.layer for s, r in results if r.status is Status.FAIL and s.id != FRESH}
    fresh = next((result.status for step, result in results if step.id == FRESH), None)
    if fresh is Status.FAIL and Layer.CONTAINER in faults:
        faults = (faults - {Layer.CONTAINER}) | {Layer.IMAGE}
    for layer in Layer:
        if layer in faults:
            return Verdict(layer.value)
    if why_no_gpu(results) is not None:
        return Verdict.NO_GPU
    warns = any(result.status is Status.WARN for _, result in results)
    return Verdict.WARNINGS if warns else Verdict.GOOD


def given_none(results: Results) -> bool:
    """Whether the container that is tested was given no GPU, and CUDA finds none in it either."""
    found = {step.id: result.status for step, result in results}
    return found.get(GIVEN) is Status.WARN and found.get("cuda.init") is not Status.PASS


def why_no_gpu(results: Results) -> str | None:
    """Why no step met a GPU; `None` when one did, or was not reached."""
    met = [result for step, result in results if step.id in _MEETS_A_GPU]
    untested = bool(met) and all(result.status is Status.SKIP for result in met)
    return met[0].evidence if untested else None


def why_not_computed(results: Results) -> str | None:
    """Why no GPU was let compute; `None` when one did, or that was not among the steps."""
    tried = [result for step, result in results if step.id in _COMPUTES]
    if not tried or any(result.status is Status.PASS for result in tried):
        return None
    return tried[0].evidence


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """All steps with their results, and where the fault is."""

    target: Target
    results: tuple[tuple[Step, StepResult], ...]

    @property
    def verdict(self) -> Verdict:
        """The lowest layer that failed."""
        return verdict(self.results)
