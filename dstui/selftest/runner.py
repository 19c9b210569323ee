"""Runs steps in their order, each within its time, and stops descending after a failed layer."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from dstui.background import Cancellation, spawn
from dstui.domain.engine import EngineError
from dstui.domain.selftest.step import (
    FRESH,
    Layer,
    Status,
    Step,
    StepResult,
    failed,
    not_run,
    skipped,
)
from dstui.domain.text import clean

Check = Callable[[threading.Event], StepResult]
Report = Callable[[Step, StepResult | None], object]
"""Is told that a step begins (`None`) and what came of it; called on the runner's thread."""

TOTAL_S = 400.0
_CLEANING_S = 10.0
_LOOK_EVERY_S = 0.05
_DESCENT = {Layer.HOST: 0, Layer.ENGINE: 1, Layer.CONTAINER: 2, Layer.IMAGE: 2}


def run_steps(
    steps: Sequence[Step],
    checks: Mapping[str, Check],
    report: Report,
    cancellation: Cancellation,
    beside: frozenset[str] = frozenset(),
    total_s: float = TOTAL_S,
) -> tuple[tuple[Step, StepResult], ...]:
    """Every step with its result. Steps need no answer of those `beside`, which are told apart."""
    results: dict[str, StepResult] = {}
    deadline = time.monotonic() + total_s
    for step in steps:
        result = _reason_not_to_run(step, steps, results, beside, cancellation, deadline)
        if result is None:
            report(step, None)
            limit_s = min(step.limit_s, max(1.0, deadline - time.monotonic()))
            result = _run_within(checks[step.id], limit_s, cancellation)
        results[step.id] = result
        report(step, result)
    return tuple((step, results[step.id]) for step in steps)


def _reason_not_to_run(
    step: Step,
    steps: Sequence[Step],
    results: Mapping[str, StepResult],
    beside: frozenset[str],
    cancellation: Cancellation,
    deadline: float,
) -> StepResult | None:
    if cancellation.called:
        return not_run("cancelled")
    if time.monotonic() > deadline:
        return not_run("the time for the whole self-test is over")
    titles = {known.id: known.title for known in steps}
    for need in (need for need in step.needs if need in results and need not in beside):
        found = results[need]
        if found.status in (Status.FAIL, Status.NOT_RUN) and step.id != FRESH:
            return not_run(f"it needs: {titles[need]}")
        if found.status is Status.SKIP:
            return skipped(found.evidence)
    if (layer := _failed_above(step, steps, results)) is not None:
        return not_run(f"the {layer.value} comes first")
    return None


def _failed_above(
    step: Step, steps: Sequence[Step], results: Mapping[str, StepResult]
) -> Layer | None:
    """The layer that failed and that this step stands on."""
    for known in steps:
        result = results.get(known.id)
        if result is None or result.status is not Status.FAIL:
            continue
        if _DESCENT[known.layer] < _DESCENT[step.layer]:
            return known.layer
    return None


def _run_within(check: Check, limit_s: float, cancellation: Cancellation) -> StepResult:
    """Run a check on a thread of its own: one that hangs is asked to stop, and left behind."""
    answers: list[StepResult] = []
    stop, ended = threading.Event(), threading.Event()

    def work() -> None:
        try:
            answers.append(check(stop))
        except EngineError as error:
            answers.append(failed(error.message))
        except Exception as error:  # noqa: BLE001 - a fault of one step must not hide the others
            answers.append(failed(clean(f"{type(error).__name__}: {error}")))
        finally:
            ended.set()

    began = time.monotonic()
    spawn("selftest", work)
    while not ended.wait(_LOOK_EVERY_S):
        if cancellation.called or time.monotonic() - began > limit_s:
            stop.set()
            ended.wait(_CLEANING_S if not cancellation.called else _CLEANING_S / 2)
            break
    seconds = time.monotonic() - began
    if cancellation.called:
        return replace(not_run("cancelled"), seconds=seconds)
    if not answers or stop.is_set():
        late = failed(f"no answer within {limit_s:.0f} s", "it hangs, or is very slow")
        return replace(late, seconds=seconds)
    return _harmless(answers[0], seconds)


def _harmless(result: StepResult, seconds: float) -> StepResult:
    """What containers, engines and drivers say reaches a terminal."""
    return replace(
        result,
        evidence=clean(result.evidence),
        cause=clean(result.cause),
        fix=clean(result.fix),
        seconds=seconds,
    )
