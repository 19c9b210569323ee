"""The order of the self-test, its time limits, its end, and the verdict."""

import threading
from dataclasses import replace

import pytest

from dstui.background import Cancellation
from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.selftest.step import (
    FRESH,
    GIVEN,
    Layer,
    Status,
    Step,
    StepResult,
    Target,
    Verdict,
    failed,
    not_run,
    passed,
    skipped,
    verdict,
    warned,
)
from dstui.domain.selftest.steps import steps_for
from dstui.engine.selftest.inside import InsideChecks
from dstui.gpu.selftest.host import HostChecks
from dstui.render.selftest import StepRow, details, doctor_content, report_text, verdict_cell
from dstui.selftest.runner import run_steps
from tests.waiting import PATIENCE_S

HOST = Step("h", Layer.HOST, "Host", "true")
ENGINE = Step("e", Layer.ENGINE, "Engine", "true")
BOX = Step("c", Layer.CONTAINER, "Container", "true")
IMAGE = Step("i", Layer.IMAGE, "Image", "true")
DRIVER = Step("host.driver", Layer.HOST, "Driver", "true")
CUDA = Step("cuda.init", Layer.CONTAINER, "CUDA", "true")
GRANTED = Step(GIVEN, Layer.CONTAINER, "Given", "true")
AGAIN = Step(FRESH, Layer.CONTAINER, "Fresh", "true")
ALL = (HOST, ENGINE, BOX, IMAGE)


def run(steps=ALL, cancellation=None, total_s=60.0, beside=frozenset(), **results):
    told = []
    checks = {s.id: (lambda stop, s=s: _answer(results.get(s.id), stop)) for s in steps}
    found = run_steps(
        steps,
        checks,
        lambda step, result: told.append((step.id, result and result.status)),
        cancellation or Cancellation(),
        beside,
        total_s,
    )
    return {step.id: result for step, result in found}, told


def _answer(result, stop):
    if isinstance(result, Exception):
        raise result
    return result(stop) if callable(result) else result or passed("fine")


def test_steps_are_told_twice_in_their_order():
    _, told = run()
    assert told == [(s.id, status) for s in ALL for status in (None, Status.PASS)]


def test_nothing_below_a_failed_layer_is_run_but_all_of_that_layer_is():
    second = replace(HOST, id="h2")
    found, told = run((HOST, second, ENGINE, BOX), h=failed("broken"))
    assert found["h2"].status is Status.PASS
    assert found["e"] == not_run("the host comes first")
    assert ("e", None) not in told
    assert found["c"].status is Status.NOT_RUN


def test_a_failure_in_the_container_still_lets_the_image_be_tested():
    found, _ = run(c=failed("broken"))
    assert found["i"].status is Status.PASS


def test_a_step_needs_others_and_is_skipped_with_them():
    needy = replace(BOX, id="n", needs=("c",))
    found, _ = run((BOX, needy), c=failed("broken"))
    assert found["n"] == not_run("it needs: Container")
    found, _ = run((BOX, needy), c=skipped("no GPU here"))
    assert found["n"] == skipped("no GPU here")
    found, _ = run((BOX, needy), c=skipped("elsewhere"), beside=frozenset({"c"}))
    assert found["n"].status is Status.PASS
    found, _ = run((BOX, needy), c=warned("hm", "why"))
    assert found["n"].status is Status.PASS


def test_a_step_that_hangs_is_ended_by_its_limit_and_the_next_one_runs():
    slow = replace(HOST, limit_s=0.1)
    stopped = threading.Event()

    def hang(stop):
        stop.wait(PATIENCE_S)
        stopped.set()
        return passed("too late")

    found, _ = run((slow, replace(HOST, id="h2")), h=hang)
    assert found["h"].status is Status.FAIL
    assert "no answer within" in found["h"].evidence
    assert stopped.is_set()
    assert found["h2"].status is Status.PASS


def test_cancelling_ends_the_step_and_lists_the_others():
    cancellation = Cancellation()

    def cancel(stop):
        cancellation.cancel()
        stop.wait(PATIENCE_S)
        return passed("too late")

    found, _ = run(cancellation=cancellation, h=cancel)
    assert {result.evidence for result in found.values()} == {"cancelled"}
    assert {result.status for result in found.values()} == {Status.NOT_RUN}


def test_when_the_time_for_all_is_over_the_rest_is_not_run():
    found, _ = run(total_s=-1.0)
    assert {result.status for result in found.values()} == {Status.NOT_RUN}


def test_an_error_is_a_failed_step_in_harmless_words():
    found, _ = run(
        h=EngineError("CUDA_ERROR_\x1b[31mNO_DEVICE"),
        steps=(HOST, replace(HOST, id="h2")),
        h2=KeyError("x"),
    )
    assert "\x1b" not in found["h"].evidence
    assert found["h2"].evidence == "KeyError: 'x'"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], Verdict.GOOD),
        ([(HOST, passed("")), (ENGINE, skipped(""))], Verdict.GOOD),
        ([(HOST, warned("", "x"))], Verdict.WARNINGS),
        ([(HOST, failed("")), (ENGINE, not_run(""))], Verdict.HOST),
        ([(ENGINE, failed("")), (BOX, not_run(""))], Verdict.ENGINE),
        ([(ENGINE, failed("", blames=Layer.CONTAINER))], Verdict.CONTAINER),
        ([(BOX, failed("")), (IMAGE, failed(""))], Verdict.CONTAINER),
        ([(BOX, failed("")), (AGAIN, passed(""))], Verdict.CONTAINER),
        ([(BOX, failed("")), (AGAIN, failed(""))], Verdict.IMAGE),
        ([(BOX, failed("", blames=Layer.HOST))], Verdict.HOST),
        ([(BOX, passed("")), (IMAGE, failed(""))], Verdict.IMAGE),
        ([(DRIVER, skipped("")), (ENGINE, passed(""))], Verdict.NO_GPU),
        ([(DRIVER, skipped("")), (ENGINE, warned("", "x"))], Verdict.NO_GPU),
        ([(DRIVER, skipped("")), (ENGINE, failed(""))], Verdict.ENGINE),
        ([(DRIVER, passed("")), (ENGINE, passed(""))], Verdict.GOOD),
        ([(DRIVER, not_run("cancelled"))], Verdict.GOOD),
        ([(GRANTED, warned("", "x")), (DRIVER, passed(""))], Verdict.NO_GPU),
        ([(GRANTED, warned("", "x")), (CUDA, failed(""))], Verdict.NO_GPU),
        ([(GRANTED, warned("", "x")), (CUDA, passed(""))], Verdict.WARNINGS),
        ([(GRANTED, failed("")), (DRIVER, passed(""))], Verdict.CONTAINER),
    ],
)
def test_the_verdict_names_the_lowest_layer_at_fault(results, expected):
    assert verdict(results) is expected


TARGETS = (
    Target(),
    Target(Kind.GPU, "nvidia:GPU-1", "0 H100"),
    Target(Kind.CONTAINER, "c1", "lab's"),
    Target(Kind.IMAGE, "sha256:1", "lab:1"),
)


@pytest.mark.parametrize("target", TARGETS)
def test_steps_have_their_own_ids_and_need_only_what_comes_before(target):
    seen: list[str] = []
    for step in steps_for(target):
        assert step.id not in seen
        assert set(step.needs) <= set(seen), step
        assert step.title and step.command and step.limit_s > 0
        seen.append(step.id)


def test_every_step_has_a_check():
    from dstui.engine.selftest.daemon import DaemonChecks
    from dstui.engine.selftest.toolkit import ToolkitChecks

    inside = InsideChecks.__new__(InsideChecks)
    known = {*HostChecks().checks(), *InsideChecks.checks(inside)}
    known |= set(DaemonChecks.checks(DaemonChecks.__new__(DaemonChecks)))
    known |= set(ToolkitChecks.checks(ToolkitChecks.__new__(ToolkitChecks)))
    assert known == {step.id for target in TARGETS for step in steps_for(target)}


RESULTS = (
    (HOST, StepResult(Status.PASS, "fine", seconds=0.25)),
    (ENGINE, StepResult(Status.FAIL, "no hook", "none is installed", "install it", 1.0)),
    (BOX, not_run("the engine comes first")),
)


def test_the_json_has_every_step_and_null_for_what_there_is_not():
    content = doctor_content(Verdict.ENGINE, RESULTS)
    assert content["verdict"] == "engine"
    assert [step["status"] for step in content["steps"]] == ["pass", "fail", "not-run"]
    assert content["steps"][0]["cause"] is None
    assert content["steps"][1] == {
        "id": "e",
        "layer": "engine",
        "title": "Engine",
        "status": "fail",
        "seconds": 1.0,
        "evidence": "no hook",
        "command": "true",
        "cause": "none is installed",
        "fix": "install it",
    }
    assert content["steps"][2]["seconds"] is None


def test_the_report_can_be_pasted_into_an_issue():
    text = report_text(Target(), RESULTS, Verdict.ENGINE)
    assert text.startswith("dstui self-test: The fault is in the engine")
    for words in ("fix:    install it", "cause:  none is installed", "not-run", "see it: true"):
        assert words in text


def test_a_row_tells_its_state_by_a_word_and_a_mark():
    assert [StepRow(HOST).word, StepRow(HOST, None, True).word] == ["pending", "running"]
    (group,) = details(StepRow(ENGINE, RESULTS[1][1]))
    assert [fact.label for fact in group.facts][-1] == "See it yourself"
    cancelled = ((HOST, not_run("cancelled")),)
    assert verdict_cell(Verdict.GOOD, Target(), cancelled).text.startswith("Cancelled")


def test_what_met_no_gpu_is_never_said_to_work():
    untested = ((DRIVER, skipped("this machine has no NVIDIA hardware")), (BOX, warned("", "x")))
    said = verdict_cell(verdict(untested), TARGETS[3], untested).text
    assert said == "No GPU was tested, with 1 warning: this machine has no NVIDIA hardware"
    none = ((GRANTED, warned("", "x")), (DRIVER, passed("")))
    said = verdict_cell(verdict(none), TARGETS[2], none).text
    assert said == "No GPU was tested: lab's was given none"


def test_what_computed_nothing_is_not_said_to_be_good_without_a_word():
    compute = next(step for step in steps_for(Target()) if step.id == "host.compute")
    idle = ((DRIVER, passed("")), (compute, passed("exact")))
    busy = ((DRIVER, passed("")), (compute, skipped("all GPUs are in use")))
    assert verdict_cell(verdict(idle), Target(), idle).text == "All good"
    said = verdict_cell(verdict(busy), Target(), busy).text
    assert said == "All good, but no GPU was let compute: all GPUs are in use"


def test_that_a_container_was_given_no_gpu_comes_before_anything_else():
    assert steps_for(TARGETS[2])[0].id == GIVEN
    assert all(GIVEN not in [s.id for s in steps_for(TARGETS[i])] for i in (0, 1, 3))
