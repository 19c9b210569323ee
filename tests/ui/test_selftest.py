"""The self-test's screen, over the demo engine."""

import threading

import pytest

from dstui.background import Cancellation
from dstui.domain.changes import GpusSampled
from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.domain.selftest.step import SelfTestReport, Status, failed, passed, warned
from dstui.domain.selftest.steps import steps_for
from dstui.session import Session
from dstui.ui.screens.selftest import SelfTestScreen
from tests.ui.house import house


@pytest.fixture
def scripted(monkeypatch):
    """A self-test whose steps are told; `scripted["results"]` has those that do not pass."""
    script = {"results": {}, "busy": (), "allowed": [], "held": False}

    def run(self, target, report, cancellation=None, may_use_memory=True):
        script["allowed"].append(may_use_memory)
        results = []
        for step in steps_for(target):
            report(step, None)
            if script["held"]:
                cancelled = threading.Event()
                cancellation.by(cancelled.set)
                cancelled.wait()
            result = script["results"].get(step.id, passed("as it should be"))
            results.append((step, result))
            report(step, result)
        return SelfTestReport(target, tuple(results))

    monkeypatch.setattr(Session, "self_test", run)
    monkeypatch.setattr(Session, "busy_gpus", lambda self, target: script["busy"])
    return script


async def test_it_runs_on_the_container_under_the_cursor(lab, scripted):
    async with house(lab) as it:
        await it.go_to("mlplatform-db-1")
        await it.press("T")
        await it.sees("Self-test of mlplatform-db-1")
        await it.sees("All good")
        await it.sees("✓ pass")
        await it.press("escape")
        assert not isinstance(it.app.screen, SelfTestScreen)


async def test_a_fault_is_told_with_cause_fix_and_command(lab, scripted):
    scripted["results"]["cuda.init"] = failed("cuInit answers code=804", "consumer card", "update")
    async with house(lab, size=(140, 60)) as it:
        await it.go_to("mlplatform-db-1")
        await it.press("T")
        await it.sees("The fault is in this container, mlplatform-db-1: CUDA starts")
        it.app.screen.query_one("LiveTable").go_to("cuda.init")
        await it.sees("consumer card")
        await it.sees("docker exec mlplatform-db-1 python3 -c")


async def test_a_busy_gpu_is_asked_about_first(lab, scripted):
    scripted["busy"] = ("GPU 0 H100, 71GiB held by 1 process",)
    async with house(lab) as it:
        await it.go_to("mlplatform-db-1")
        await it.press("T")
        await it.sees("GPU 0 H100, 71GiB held by 1 process")
        await it.press("n")
        await it.sees("All good")
        assert scripted["allowed"] == [False]
        await it.press("ctrl+r")
        await it.sees("These GPUs are in use")
        await it.press("y")
        await it.until(lambda: scripted["allowed"] == [False, True])


async def test_escape_cancels_and_then_closes(lab, scripted):
    scripted["held"] = True
    async with house(lab) as it:
        await it.go_to("mlplatform-db-1")
        await it.press("T")
        await it.sees("▸ running")
        await it.press("escape")
        await it.until(lambda: not it.app.screen._testing)
        await it.press("escape")
        await it.until(lambda: not isinstance(it.app.screen, SelfTestScreen))


async def test_the_report_is_copied(lab, scripted, monkeypatch):
    scripted["results"]["engine.logs"] = warned("no max-size", "it grows")
    async with house(lab) as it:
        copied: list[str] = []
        monkeypatch.setattr(it.app, "copy_to_clipboard", copied.append)
        await it.press("2")
        await it.until(lambda: it.section.table.cursor_id)
        await it.press("T")
        await it.sees("It works, with 1 warning")
        await it.press("y")
        assert copied[0].startswith("dstui self-test of ")
        assert "cause:  it grows" in copied[0]


async def test_a_gpu_has_it_too(lab, scripted):
    async with house(lab) as it:
        await it.press("3")
        report = GpuReport(1.0, (Gpu("nvidia:GPU-1", 0, "H100"),))
        it.app.session.store.apply(GpusSampled(report))
        await it.until(lambda: it.ids)
        await it.press("T")
        await it.sees("Self-test of 0 H100")
        await it.sees("All good")


async def test_without_a_gpu_the_palette_tests_the_engine(lab, scripted):
    async with house(lab) as it:
        await it.press("3")
        it.app.session.store.apply(GpusSampled(GpuReport(1.0, reason="No NVIDIA driver here")))
        await it.until(lambda: not it.ids)
        await it.app.run_action("gpu_selftest", it.section)
        await it.sees("Self-test of this machine")


def test_the_demo_tests_its_simulated_machine(lab):
    from dstui.demo.selftest import DemoSelfTest
    from dstui.domain.selftest.step import Target

    report = GpuReport(1.0, (Gpu("nvidia:GPU-1", 0, "H100", processes=(GpuProcess(1),)),))
    done = DemoSelfTest(Target(), report, None).run(lambda step, result: None, Cancellation())
    assert {result.status for _, result in done.results} == {Status.PASS}
    broken = GpuReport(1.0, (Gpu("nvidia:GPU-1", 0, "H100", error="GPU is lost"),))
    done = DemoSelfTest(Target(), broken, None).run(lambda step, result: None, Cancellation())
    assert done.verdict.value == "host"
