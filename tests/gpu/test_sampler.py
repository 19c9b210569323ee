"""The sampler and its worker process, over the stub driver."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_event import ECC_UNCORRECTED, XID
from dstui.gpu import library, sampler
from dstui.gpu.sampler import GpuSampler, sample_once
from tests.conftest import ContainerFactory
from tests.gpu.conftest import Driver, Reports
from tests.waiting import returns, wait_until


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def running(driver: Driver, reports: Reports) -> Iterator[GpuSampler]:
    started = GpuSampler(reports, tell=reports.events.append)
    started.start()
    yield started
    started.stop()


def worker_pid(running: GpuSampler) -> int:
    worker = wait_until(lambda: running._worker, what="the worker")
    return worker._process.pid


def test_reports_come_at_once_and_each_second(running: GpuSampler, reports: Reports) -> None:
    first = reports.wait_for(lambda report: report.gpus)
    second = reports.wait_for(lambda report: report.time > first.time)
    assert second.time - first.time > 0.5


def test_changes_of_the_driver_are_seen(
    running: GpuSampler, reports: Reports, driver: Driver
) -> None:
    reports.wait_for(lambda report: report.gpus)
    driver.set("gpus=1", "0.percent=88")
    reports.wait_for(lambda report: report.gpus and report.gpus[0].utilization_percent == 88)


def test_a_driver_that_hangs_leaves_the_last_values_with_an_error(
    running: GpuSampler, reports: Reports, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampler, "STALE_AFTER_S", 1.5)
    reports.wait_for(lambda report: report.gpus)
    driver.set("gpus=1", "hang=1")
    stale = reports.wait_for(lambda report: report.gpus and report.gpus[0].error)
    assert "not answered" in str(stale.gpus[0].error)
    assert stale.gpus[0].utilization_percent == 37
    driver.set("gpus=1")
    reports.wait_for(lambda report: report.gpus and not report.gpus[0].error)


def test_stopping_does_not_wait_for_a_driver_that_hangs(driver: Driver, reports: Reports) -> None:
    driver.set("gpus=1", "hang=1")
    hanging = GpuSampler(reports)
    hanging.start()
    pid = worker_pid(hanging)
    wait_until(lambda: "UUID" in driver.calls(), what="the hang")
    returns(hanging.stop)
    wait_until(lambda: not _runs(pid), what="the worker to end")


def test_a_worker_that_is_killed_is_replaced(
    running: GpuSampler, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampler, "RESTART_AFTER_S", 0.1)
    reports.wait_for(lambda report: report.gpus)
    os.kill(worker_pid(running), signal.SIGKILL)
    reports.wait_for(lambda report: report.gpus and report.gpus[0].error)
    reports.wait_for(lambda report: report.gpus and not report.gpus[0].error)


def test_the_worker_ends_with_its_reader_even_when_it_hangs(
    driver: Driver, reports: Reports
) -> None:
    driver.set("gpus=1", "hang=1")
    hanging = GpuSampler(reports)
    hanging.start()
    pid = worker_pid(hanging)
    assert hanging._worker is not None
    assert hanging._worker._process.stdin is not None
    hanging._worker._process.stdin.close()
    wait_until(lambda: not _runs(pid), what="the worker to end")
    hanging.stop()


def test_no_library_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reports: Reports
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    if library.installed():
        pytest.skip("this machine has an NVIDIA driver")
    alone = GpuSampler(reports)
    alone.start()
    report = reports.wait_for(lambda report: True)
    assert report.reason == "No NVIDIA driver here"
    assert report.fix
    assert alone._worker is None
    alone.stop()


def test_a_library_is_found_where_the_linker_looks(driver: Driver) -> None:
    assert library.installed()


def test_xid_and_ecc_events_are_told(running: GpuSampler, reports: Reports, driver: Driver) -> None:
    reports.wait_for(lambda report: report.gpus)
    driver.set("gpus=2", "event=1 0 8 79")
    wait_until(lambda: reports.events, what="the Xid")
    driver.set("gpus=2", "event=2 0 2 0")
    wait_until(lambda: len(reports.events) == 2, what="the ECC error")
    xid, ecc = reports.events
    assert (xid.kind, xid.code, xid.gpu) == (XID, 79, "GPU 0")
    assert xid.gpu_id == "nvidia:GPU-00000000-0000-0000-0000-000000000000"
    assert ecc.kind == ECC_UNCORRECTED


def test_a_gpu_that_tells_of_nothing_disturbs_nothing(
    running: GpuSampler, reports: Reports, driver: Driver
) -> None:
    driver.set("gpus=1", "0.event-types=0")
    assert reports.wait_for(lambda report: report.gpus)


def test_a_slow_driver_delays_reports_and_nothing_else(
    running: GpuSampler, reports: Reports, driver: Driver
) -> None:
    first = reports.wait_for(lambda report: report.gpus)
    driver.set("gpus=1", "slow=100")
    assert reports.wait_for(lambda r: r.time > first.time + 1).gpus[0].error is None


def test_the_driver_is_let_go_of_and_taken_back(
    running: GpuSampler, reports: Reports, driver: Driver
) -> None:
    reports.wait_for(lambda report: report.gpus)
    pid = worker_pid(running)
    running.release()
    released = reports.wait_for(lambda report: report.released)
    assert "let go" in str(released.reason)
    assert "can be reset" in str(released.fix)
    assert not _runs(pid)
    running.take_back()
    assert reports.wait_for(lambda report: report.time > released.time and report.gpus)


def test_what_is_released_can_still_be_stopped(running: GpuSampler, reports: Reports) -> None:
    running.release()
    reports.wait_for(lambda report: report.released)
    running.stop()
    assert running.released is False


def test_a_source_takes_the_drivers_place(reports: Reports) -> None:
    simulated = GpuSampler(reports, source=lambda: GpuReport(time=1.0, reason="simulated"))
    simulated.start()
    assert reports.wait_for(lambda report: True).reason == "simulated"
    simulated.stop()


def test_one_sample_for_a_command_that_ends(driver: Driver) -> None:
    driver.set("gpus=2")
    assert [gpu.index for gpu in sample_once(10).gpus] == [0, 1]


def test_a_process_in_a_real_container_is_joined_to_it(
    driver: Driver, container_factory: ContainerFactory, docker_api, reports: Reports
) -> None:
    identifier = container_factory("sleep", "1000", user="65534")
    pid = docker_api.inspect_container(identifier)["State"]["Pid"]
    driver.set("gpus=1", f"0.processes={pid}:1048576")
    gpu = sample_once(10).gpus[0]
    assert [process.container_id for process in gpu.processes] == [identifier]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
