"""The steps inside a container, on a real engine with a stub of CUDA."""

import threading

import pytest

from dstui.background import Background
from dstui.domain.cuda_compat import Machine
from dstui.domain.cuda_result import cuda_error
from dstui.domain.diagnosis import diagnose
from dstui.domain.kind import Kind
from dstui.domain.selftest.step import FRESH, Layer, Status, Target
from dstui.engine.selftest.exec import MissingProgramError, TooSlowError, run
from dstui.engine.selftest.inside import InsideChecks
from dstui.engine.selftest.pythons import find_python
from dstui.engine.selftest.sandbox import LABEL
from tests.gpu.selftest.conftest import BARE_IMAGE
from tests.waiting import PATIENCE_S, wait_until

NEVER = threading.Event()


@pytest.fixture
def container(hooked, python_binds, python_environment) -> str:
    """A running container with Python, the stub of CUDA and a grant."""
    return hooked.run(binds=python_binds, environment=python_environment)


@pytest.fixture
def inside(hooked, container):
    checks = InsideChecks(
        hooked.connect(), Target(Kind.CONTAINER, container, "lab"), lambda: Machine("570.86.15")
    )
    yield checks.checks()
    checks.close()


def test_a_healthy_container_passes_every_step_of_cuda(inside, cuda):
    cuda.set("count=2")
    for step in ("inside.start", "cuda.init", "cuda.devices", "cuda.memory"):
        result = inside[step](NEVER)
        assert result.status is Status.PASS, (step, result)
    assert "Stub 1 (9.0)" in inside["cuda.devices"](NEVER).evidence
    assert "4 MiB on 2 GPUs" in inside["cuda.memory"](NEVER).evidence
    assert "/stub/libcuda.so.1" in inside["cuda.library"](NEVER).evidence


@pytest.mark.parametrize("code", [2, 34, 46, 100, 719, 802, 803, 804, 999])
def test_every_code_of_cuda_gets_its_cause_from_the_table(inside, cuda, code):
    cuda.set(f"cuInit={code}")
    inside["inside.start"](NEVER)
    result = inside["cuda.init"](NEVER)
    known = diagnose(cuda_error(code))
    assert known is not None
    assert (result.status, result.cause, result.fix) == (Status.FAIL, known.cause, known.fix)
    assert f"cuInit answers code={code}" in result.evidence
    assert result.blames == (Layer.HOST if code == 802 else None)


def test_a_code_that_comes_late_is_told_with_its_call(inside, cuda):
    cuda.set("cuDevicePrimaryCtxRetain=46")
    inside["inside.start"](NEVER)
    assert inside["cuda.init"](NEVER).status is Status.PASS
    result = inside["cuda.memory"](NEVER)
    assert "cuDevicePrimaryCtxRetain answers code=46" in result.evidence
    assert "compute mode" in result.cause


def test_a_byte_that_comes_back_wrong_is_the_hosts_fault(inside, cuda):
    cuda.set("corrupt=1")
    inside["inside.start"](NEVER)
    result = inside["cuda.memory"](NEVER)
    assert (result.status, result.blames) == (Status.FAIL, Layer.HOST)


def test_a_crash_in_the_library_is_told(inside, cuda):
    cuda.set("crash=cuInit")
    inside["inside.start"](NEVER)
    result = inside["cuda.init"](NEVER)
    assert result.status is Status.FAIL
    assert "exit code 134" in result.evidence


def test_a_hanging_probe_ends_when_it_is_not_wanted_any_more(hooked, container, cuda):
    engine = hooked.connect()
    found = find_python(engine, container, {}, 20, NEVER)
    assert found is not None
    cuda.set("hang=cuInit")
    stop = threading.Event()
    probing = Background(1).submit(found[0].probe, "cuda", 10 * PATIENCE_S, stop)
    wait_until(lambda: len(hooked.api.top(container)["Processes"]) > 1, "the probe")
    stop.set()
    with pytest.raises(TooSlowError):
        probing.result(PATIENCE_S)
    wait_until(lambda: len(hooked.api.top(container)["Processes"]) == 1, "the probe to end")


def test_memory_is_not_taken_of_a_busy_gpu(hooked, container):
    target = Target(Kind.CONTAINER, container, "lab")
    checks = InsideChecks(hooked.connect(), target, lambda: Machine(), may_use_memory=False)
    named = checks.checks()
    named["inside.start"](NEVER)
    assert named["cuda.init"](NEVER).status is Status.PASS
    assert named["cuda.memory"](NEVER).status is Status.SKIP
    checks.close()


def test_a_variable_that_hides_the_gpus_is_named(hooked, python_binds, python_environment, cuda):
    cuda.set("cuInit=100")
    environment = [*python_environment, "CUDA_VISIBLE_DEVICES=3"]
    container = hooked.run(binds=python_binds, environment=environment)
    checks = InsideChecks(
        hooked.connect(), Target(Kind.CONTAINER, container, "lab"), lambda: Machine()
    ).checks()
    checks["inside.start"](NEVER)
    result = checks["cuda.init"](NEVER)
    assert "CUDA_VISIBLE_DEVICES=3" in result.evidence
    assert "unset CUDA_VISIBLE_DEVICES" in result.fix


def test_a_container_without_a_grant_is_told_so(hooked, python_binds, python_environment, cuda):
    cuda.set("cuInit=100")
    container = hooked.run(gpus=False, binds=python_binds, environment=python_environment)
    checks = InsideChecks(
        hooked.connect(), Target(Kind.CONTAINER, container, "lab"), lambda: Machine()
    ).checks()
    assert checks["container.gpu"](NEVER).status is Status.WARN
    checks["inside.start"](NEVER)
    assert "given no GPU" in checks["cuda.init"](NEVER).cause


def test_without_python_nvidia_smi_is_what_is_left(hooked):
    container = hooked.run()
    checks = InsideChecks(
        hooked.connect(), Target(Kind.CONTAINER, container, "bare"), lambda: Machine()
    ).checks()
    assert "nvidia-smi alone" in checks["inside.start"](NEVER).evidence
    result = checks["cuda.init"](NEVER)
    assert result.status is Status.FAIL
    assert "utility capability" in result.cause
    assert checks["cuda.memory"](NEVER).status is Status.SKIP
    assert checks["container.shm"](NEVER).status is Status.SKIP


def test_the_small_dev_shm_is_a_warning_and_limits_are_told(inside):
    inside["inside.start"](NEVER)
    assert inside["container.shm"](NEVER).status is Status.WARN
    assert "nofile" in inside["container.limits"](NEVER).evidence


def test_a_framework_that_is_not_there_is_skipped(inside):
    inside["inside.start"](NEVER)
    assert inside["framework.torch"](NEVER).evidence == "not in the image"


def test_the_grant_is_tried_in_a_container_that_is_removed(hooked):
    checks = InsideChecks(hooked.connect(), Target(), lambda: Machine())
    result = checks.checks()["engine.grant"](NEVER)
    assert result.status is Status.PASS, result
    (row,) = hooked.api.containers(filters={"label": LABEL})
    assert row["Labels"][LABEL]
    checks.close()
    assert hooked.api.containers(all=True) == []


def test_a_grant_of_its_own_that_fails_is_the_containers_fault(hooked):
    container = hooked.create()
    checks = InsideChecks(
        hooked.connect(), Target(Kind.CONTAINER, container, "lab"), lambda: Machine()
    )
    hooked.hook.fails("nvidia-container-cli: device error: 5: unknown device")
    result = checks.checks()["engine.grant"](NEVER)
    assert (result.status, result.blames) == (Status.FAIL, None)  # all GPUs fail as well here
    assert "does not exist any more" in result.cause
    checks.close()


def test_a_requirement_of_the_image_is_the_images_fault(hooked):
    target = Target(Kind.IMAGE, BARE_IMAGE, BARE_IMAGE)
    checks = InsideChecks(hooked.connect(), target, lambda: Machine())
    hooked.hook.fails("nvidia-container-cli: requirement error: unsatisfied condition: cuda>=13.0")
    assert checks.checks()["engine.grant"](NEVER).blames is Layer.IMAGE
    checks.close()


def test_without_python_and_nvidia_smi_a_fresh_container_tells_nothing(inside, cuda):
    inside["engine.grant"](NEVER)
    inside["inside.start"](NEVER)
    cuda.set("cuInit=999")
    assert inside["cuda.init"](NEVER).status is Status.FAIL
    assert inside[FRESH](NEVER).status is Status.NOT_RUN


def test_a_missing_program_is_no_other_failure(hooked):
    container = hooked.run()
    with pytest.raises(MissingProgramError):
        run(hooked.connect(), container, ["nvidia-smi", "-L"], 10, NEVER)
