"""The whole self-test: a machine that a directory stands for, over a real engine."""

import threading
from dataclasses import replace

import pytest

from dstui.background import Cancellation, spawn
from dstui.domain.kind import Kind
from dstui.domain.selftest.step import FRESH, Layer, Status, Target, Verdict
from dstui.gpu.selftest.facts import DeviceFacts, DriverFacts
from dstui.gpu.selftest.host import HostChecks
from dstui.selftest import selftest
from dstui.selftest.selftest import SelfTest
from tests.gpu.selftest.conftest import LAB_IMAGE
from tests.gpu.selftest.machines import DRIVER, make_machine
from tests.waiting import PATIENCE_S, wait_until

GOOD = DriverFacts(
    driver=DRIVER,
    cuda="12.8",
    devices=(DeviceFacts(0, uuid="GPU-1", name="H100", persistence=True, link_width=16),),
)


@pytest.fixture
def machine(tmp_path, monkeypatch, cuda):
    """A healthy machine with one GPU; `machine["facts"]` is what its driver tells,
    `machine["cuda"]` its CUDA.
    """
    told = {"facts": GOOD, "cuda": cuda}
    monkeypatch.setenv("LD_LIBRARY_PATH", str(cuda.library.parent))
    monkeypatch.setenv("DSTUI_TEST_SCENARIO", str(cuda.scenario))

    class Host(HostChecks):
        def __init__(self, gpu, root, **more):
            super().__init__(gpu, root, ask=lambda limit, stop: told["facts"], **more)

    monkeypatch.setattr(selftest, "HostChecks", Host)
    told["root"] = make_machine(tmp_path / "root")
    return told


def outcome_of(hooked, machine, target=None, **options):
    test = SelfTest(hooked.connect(), target or Target(), root=machine["root"], **options)
    report = test.run(lambda step, result: None, options.pop("cancel", Cancellation()))
    return report, {step.id: result for step, result in report.results}


def test_a_good_machine_and_engine_are_good(hooked, machine):
    report, results = outcome_of(hooked, machine)
    assert results["engine.grant"].status is Status.PASS, results["engine.grant"]
    assert report.verdict in (Verdict.GOOD, Verdict.WARNINGS)
    assert not [s.id for s, r in report.results if r.status in (Status.FAIL, Status.NOT_RUN)]


def test_a_card_that_computes_wrong_is_the_hosts_fault(hooked, machine):
    machine["cuda"].set("miscompute=1")
    report, results = outcome_of(hooked, machine)
    assert results["host.compute"].evidence == "GPU 0 computes wrong results"
    assert results["host.speed"].status is Status.NOT_RUN
    assert report.verdict is Verdict.HOST


def test_a_gpu_is_computed_on_and_timed_by_host_and_container(hooked, machine):
    report, results = outcome_of(hooked, machine, Target(Kind.GPU, "nvidia:GPU-1", "H100"))
    assert results["host.compute"].status is Status.PASS, results["host.compute"]
    assert "56MiB beside the context" in results["host.compute"].evidence
    assert "within the card" in results["host.speed"].evidence
    assert results["engine.compute"].evidence.startswith("there is no Python in")
    assert report.verdict in (Verdict.GOOD, Verdict.WARNINGS)


def test_what_a_container_computes_is_checked_as_well(hooked, machine):
    target = Target(Kind.IMAGE, LAB_IMAGE, LAB_IMAGE)
    _, results = outcome_of(hooked, machine, target)
    assert results["cuda.compute"].status is Status.PASS, results["cuda.compute"]
    container = hooked.run(image=LAB_IMAGE)
    hooked.execute(container, "touch /miscomputes")
    report, results = outcome_of(hooked, machine, Target(Kind.CONTAINER, container, "lab"))
    assert results["cuda.compute"].evidence == "GPU 0 computes wrong results"
    assert report.verdict is Verdict.HOST


def test_a_gpu_in_use_is_left_alone_unless_it_was_asked_about(hooked, machine):
    busy = replace(GOOD.devices[0], processes=((4711, 2**30),))
    machine["facts"] = replace(GOOD, devices=(busy,))
    _, results = outcome_of(hooked, machine)
    assert results["host.compute"].evidence.startswith("all GPUs are in use")
    assert results["engine.compute"].status is Status.SKIP
    gpu = Target(Kind.GPU, "nvidia:GPU-1", "H100")
    _, results = outcome_of(hooked, machine, gpu, may_use_memory=False)
    assert results["host.compute"].status is Status.SKIP
    _, results = outcome_of(hooked, machine, gpu)
    assert results["host.compute"].status is Status.PASS
    assert "not judged" in results["host.speed"].evidence
    assert results["host.speed"].status is Status.PASS


def test_a_fault_of_the_host_stops_the_descent_and_lists_what_was_not_run(hooked, machine):
    machine["facts"] = DriverFacts(error="Driver/library version mismatch", code=18)
    report, results = outcome_of(hooked, machine)
    assert report.verdict is Verdict.HOST
    assert results["host.driver"].cause.startswith("host: driver updated")
    assert results["host.versions"].status is Status.FAIL
    assert results["host.count"].status is Status.NOT_RUN
    assert {r.status for s, r in report.results if s.layer is Layer.ENGINE} == {Status.NOT_RUN}


def test_a_hook_that_refuses_is_the_engines_fault(hooked, machine):
    hooked.hook.fails("nvidia-container-cli: ldcache error: open failed: /sbin/ldconfig.real")
    report, results = outcome_of(hooked, machine)
    assert report.verdict is Verdict.ENGINE
    assert "ldconfig path is wrong" in results["engine.grant"].cause


def test_an_image_whose_framework_works_is_good(hooked, machine):
    target = Target(Kind.IMAGE, LAB_IMAGE, LAB_IMAGE)
    report, results = outcome_of(hooked, machine, target)
    assert results["framework.torch"].status is Status.PASS, results["framework.torch"]
    assert "PyTorch 2.8.0, CUDA 12.8" in results["framework.torch"].evidence
    assert results["framework.jax"].evidence == "not in the image"
    assert results["nccl"].status is Status.SKIP
    assert results["container.shm"].status is Status.WARN
    assert report.verdict is Verdict.WARNINGS


def test_a_container_that_fails_where_a_fresh_one_works_is_at_fault_itself(hooked, machine):
    container = hooked.run(image=LAB_IMAGE)
    hooked.execute(container, "touch /broken")
    report, results = outcome_of(hooked, machine, Target(Kind.CONTAINER, container, "lab"))
    assert results["cuda.init"].status is Status.FAIL
    assert results["cuda.memory"].status is Status.NOT_RUN
    assert results[FRESH].status is Status.PASS, results[FRESH]
    assert report.verdict is Verdict.CONTAINER


def test_a_framework_for_cpus_is_the_images_fault(hooked, machine):
    container = hooked.run(image=LAB_IMAGE)
    hooked.execute(container, "touch /cpu-only")
    report, results = outcome_of(hooked, machine, Target(Kind.CONTAINER, container, "lab"))
    assert results["cuda.memory"].status is Status.PASS
    assert results["framework.torch"].cause == "CPU-only torch wheel"
    assert report.verdict is Verdict.IMAGE


def test_a_stopped_container_is_looked_into_by_one_like_it(hooked, machine):
    container = hooked.create(image=LAB_IMAGE)
    report, results = outcome_of(hooked, machine, Target(Kind.CONTAINER, container, "lab"))
    assert results["inside.start"].evidence.startswith("it does not run")
    assert results["cuda.memory"].status is Status.PASS
    assert report.verdict is Verdict.WARNINGS


def test_read_only_makes_no_container(hooked, machine):
    target = Target(Kind.IMAGE, LAB_IMAGE, LAB_IMAGE)
    _, results = outcome_of(hooked, machine, target, may_create=False)
    assert results["engine.grant"].status is Status.SKIP
    assert "read-only" in results["framework.torch"].evidence


def test_cancelling_ends_it_soon_and_removes_what_was_made(hooked, machine):
    cancellation, begun = Cancellation(), threading.Event()
    target = Target(Kind.IMAGE, LAB_IMAGE, LAB_IMAGE)
    test = SelfTest(hooked.connect(), target, root=machine["root"])

    def report(step, result):
        if step.id == "inside.start" and result is None:
            begun.set()
            cancellation.cancel()

    done = []
    spawn("test", lambda: done.append(test.run(report, cancellation)))
    assert begun.wait(PATIENCE_S)
    wait_until(lambda: done, "the self-test to end")
    assert done[0].results[-1][1].evidence == "cancelled"
    assert hooked.api.containers(all=True) == []


def test_without_an_engine_the_host_is_still_tested(machine):
    test = SelfTest(None, Target(), root=machine["root"])
    report = test.run(lambda step, result: None, Cancellation())
    results = {step.id: result for step, result in report.results}
    assert results["host.count"].status is Status.PASS
    assert results["engine.reachable"].status is Status.FAIL
    assert results["engine.grant"].status is Status.NOT_RUN
    assert report.verdict is Verdict.ENGINE
