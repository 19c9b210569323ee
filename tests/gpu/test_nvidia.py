"""The NVIDIA provider over the stub driver: values, reasons, and GPUs that go away."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dstui.domain.gpu import Gpu, GpuReport
from dstui.gpu.nvidia import REOPEN_S, RETRY_LOST_S, SLOW_EVERY_S, NvidiaProvider
from tests.gpu.conftest import Driver

MIB = 2**20


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(driver: Driver, clock: Clock) -> NvidiaProvider:
    return NvidiaProvider(clock)


def only(report: GpuReport) -> Gpu:
    (gpu,) = report.gpus
    return gpu


def without_pcie(gpu: Gpu) -> dict[str, str]:
    """What is unknown, but for rates, which one sample alone never tells."""
    return {field: why for field, why in gpu.unknown.items() if not field.startswith("pcie")}


def test_a_healthy_gpu_in_full(provider: NvidiaProvider) -> None:
    report = provider.sample()
    assert (report.driver_version, report.cuda_version) == ("570.86.15", "12.8")
    found = only(report)
    assert abs(found.sampled - report.time) < 1
    assert replace(found, sampled=None) == Gpu(
        id="nvidia:GPU-00000000-0000-0000-0000-000000000000",
        index=0,
        name="NVIDIA H100 80GB HBM3",
        utilization_percent=37,
        memory_utilization_percent=12,
        memory_used_bytes=1024 * MIB,
        memory_total_bytes=80 * 1024 * MIB,
        temperature_c=61,
        power_w=301.5,
        power_limit_w=700,
        sm_clock_mhz=1980,
        memory_clock_mhz=2619,
        fan_percent=30,
        ecc_errors=2,
        mig=False,
        persistence=True,
        compute_mode="Default",
        performance_state="P0",
        pci_bus_id="00000000:3B:00.0",
        minor=0,
        unknown={"pcie_rx_rate": "needs two readings", "pcie_tx_rate": "needs two readings"},
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4, "may not use the NVIDIA driver"),
        (9, "kernel module is not loaded"),
        (17, "operating system blocks"),
        (18, "different versions"),
        (999, "does not work"),
    ],
)
def test_a_driver_that_does_not_start_says_why(
    provider: NvidiaProvider, driver: Driver, code: int, words: str
) -> None:
    driver.set(f"init={code}", "gpus=1")
    report = provider.sample()
    assert report.gpus == ()
    assert words in str(report.reason)
    assert report.fix


def test_a_driver_that_is_loaded_later_is_found(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    driver.set("init=9")
    assert provider.sample().reason
    driver.set("gpus=1")
    driver.calls()
    assert provider.sample().reason, "asked again too soon"
    assert "Init" not in driver.calls()
    clock.forward(REOPEN_S)
    assert only(provider.sample()).error is None


def test_no_gpu_is_explained(provider: NvidiaProvider, driver: Driver) -> None:
    driver.set("gpus=0")
    assert "finds no GPU" in str(provider.sample().reason)


def test_a_lost_gpu_keeps_its_values_and_blanks_no_other(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    driver.set("gpus=8")
    assert len(provider.sample().gpus) == 8
    driver.set("gpus=8", "3.lost=1", "4.percent=99")
    for _ in range(5):
        clock.forward(1)
        gpus = provider.sample().gpus
    assert "lost" in str(gpus[3].error)
    assert gpus[3].utilization_percent == 37
    assert [gpu.error for gpu in gpus if gpu.index != 3] == [None] * 7
    assert gpus[4].utilization_percent == 99
    assert "MISUSE" not in driver.calls()


def test_a_lost_gpu_that_comes_back_is_seen(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    driver.set("gpus=1", "0.lost=1")
    lost = only(provider.sample())
    assert (lost.id, lost.name) == ("nvidia:#0", "GPU 0")
    assert lost.error
    driver.set("gpus=1")
    clock.forward(RETRY_LOST_S)
    back = only(provider.sample())
    assert back.error is None
    assert back.id.startswith("nvidia:GPU-")


def test_a_gpu_lost_while_its_processes_are_read_is_lost_next_time(
    provider: NvidiaProvider, driver: Driver
) -> None:
    driver.set("gpus=1", "0.computerunningprocesses_v3=15")
    assert "lost" in only(provider.sample()).unknown["processes"]
    driver.set("gpus=1", "0.lost=1")
    assert only(provider.sample()).error


def test_a_gpu_that_may_not_be_used_says_so(provider: NvidiaProvider, driver: Driver) -> None:
    driver.set("gpus=2", "1.handle=4")
    mine, other = provider.sample().gpus
    assert mine.error is None
    assert other.error == "no permission"


def test_what_a_gpu_cannot_tell_has_a_reason_and_is_not_asked_again(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    driver.set("gpus=1", "0.fanspeed=3", "0.totaleccerrors=3", "0.powerusage=4")
    gpu = only(provider.sample())
    assert (gpu.fan_percent, gpu.ecc_errors, gpu.power_w) == (None, None, None)
    assert without_pcie(gpu) == {
        "fan_percent": "not supported by this GPU",
        "ecc_errors": "not supported by this GPU",
        "power_w": "no permission",
    }
    driver.calls()
    clock.forward(SLOW_EVERY_S)
    assert without_pcie(only(provider.sample())) == without_pcie(gpu)
    calls = driver.calls()
    assert "FanSpeed" not in calls
    assert "PowerUsage" in calls, "a permission may be given while we run"


def test_a_gpu_that_is_split_is_asked_anew(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    driver.set("gpus=1", "0.mig=1", "0.utilizationrates=3")
    assert only(provider.sample()).utilization_percent is None
    driver.set("gpus=1", "0.mig=0")
    clock.forward(SLOW_EVERY_S)
    provider.sample()
    assert only(provider.sample()).utilization_percent == 37


def test_nonsense_is_unknown_not_a_number(provider: NvidiaProvider, driver: Driver) -> None:
    driver.set("gpus=2", "0.percent=65535", "0.used=all-ones", "1.used=90", "1.total=80")
    first, second = provider.sample().gpus
    assert (first.utilization_percent, first.memory_used_bytes) == (None, None)
    assert "65535" in first.unknown["utilization_percent"]
    assert (second.memory_used_bytes, second.memory_total_bytes) == (None, 80)
    assert "90 of 80" in second.unknown["memory_used_bytes"]


def test_a_hostile_name_is_made_harmless(provider: NvidiaProvider, driver: Driver) -> None:
    driver.set("gpus=1", "0.name=\x1b[31mH100\x1b]0;owned\x07")
    assert only(provider.sample()).name == "H100"


def test_slow_values_are_asked_rarely(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    provider.sample()
    driver.calls()
    clock.forward(1)
    assert only(provider.sample()).fan_percent == 30
    assert not {"FanSpeed", "MigMode", "Name", "HandleByIndex"} & set(driver.calls())


def test_the_session_is_opened_anew_when_the_driver_ends_it(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    provider.sample()
    driver.set("gpus=1", "0.utilizationrates=1")
    assert "went away" in str(provider.sample().reason)
    driver.set("gpus=1")
    clock.forward(REOPEN_S)
    assert only(provider.sample()).error is None


def test_processes_with_memory_owner_and_activity(provider: NvidiaProvider, driver: Driver) -> None:
    pid = os.getpid()
    driver.set(
        "gpus=1",
        f"0.processes={pid}:{5 * MIB} 1:all-ones",
        f"0.graphics={pid}:{7 * MIB}",
        f"0.activity={pid}:40",
    )
    mine, init = only(provider.sample()).processes
    assert (mine.pid, mine.memory_bytes, mine.utilization_percent) == (pid, 7 * MIB, 40)
    assert str(mine.command).startswith(Path("/proc/self/cmdline").read_text().partition("\0")[0])
    assert mine.user
    assert (init.pid, init.memory_bytes, init.user) == (1, None, "root")
    assert init.utilization_percent == 0, "others have samples: it computed nothing"


def test_no_activity_is_unknown_while_the_gpu_computes(
    provider: NvidiaProvider, driver: Driver
) -> None:
    driver.set("gpus=2", "0.processes=1:1", "1.processes=1:1", "1.percent=0")
    computing, idle = provider.sample().gpus
    assert computing.processes[0].utilization_percent is None
    assert idle.processes[0].utilization_percent == 0


def test_processes_that_cannot_be_are_left_out(provider: NvidiaProvider, driver: Driver) -> None:
    driver.set("gpus=1", "0.processes=0:1 4294967295:1 1:1")
    gpu = only(provider.sample())
    assert [process.pid for process in gpu.processes] == [1]
    assert gpu.unknown["processes"] == "the driver lists them wrongly"


def test_a_process_that_died_is_shown_without_an_owner(
    provider: NvidiaProvider, driver: Driver
) -> None:
    driver.set("gpus=1", "0.processes=4194303:1048576")
    (process,) = only(provider.sample()).processes
    assert (process.user, process.command, process.memory_bytes) == (None, None, MIB)


def test_an_old_driver_is_asked_in_the_older_way(old_driver: Driver, clock: Clock) -> None:
    old_driver.set("gpus=1", "0.processes=1:1048576")
    gpu = only(NvidiaProvider(clock).sample())
    assert gpu.temperature_c == 61
    assert gpu.memory_used_bytes == 1524 * MIB, "with what the driver reserves"
    assert [process.pid for process in gpu.processes] == [1]
    assert not without_pcie(gpu)


def test_closing_lets_go_of_the_driver(provider: NvidiaProvider, driver: Driver) -> None:
    provider.sample()
    provider.close()
    assert driver.calls()[-1] == "Shutdown"


def test_pcie_rates_come_from_counters_without_a_wait(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    driver.set("gpus=1", "0.pcie=1000000")
    provider.sample()
    driver.set("gpus=1", "0.pcie=5000000")
    clock.forward(2)
    gpu = only(provider.sample())
    assert (gpu.pcie_rx_rate, gpu.pcie_tx_rate) == (2_000_000, 2_000_000)
    driver.set("gpus=1", "0.pcie=0")
    clock.forward(1)
    assert only(provider.sample()).pcie_rx_rate is None, "the counter began anew"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("0.field-code=3", "not supported by this GPU"),
        ("0.field-code=2", "not known to this driver"),
        ("0.field-type=1", "wraps within a second"),
    ],
)
def test_pcie_counters_that_cannot_be_used_are_asked_once(
    provider: NvidiaProvider, driver: Driver, clock: Clock, fault: str, words: str
) -> None:
    driver.set("gpus=1", fault)
    assert words in only(provider.sample()).unknown["pcie_rx_rate"]
    driver.calls()
    clock.forward(1)
    provider.sample()
    assert "FieldValues" not in driver.calls()


SPLIT = ("gpus=1", "0.mig=1", "0.instances=2", "0.utilizationrates=3", "0.processutilization=3")


def test_instances_stand_under_their_gpu_with_their_processes(
    provider: NvidiaProvider, driver: Driver
) -> None:
    driver.set(*SPLIT, "0.processes=1:5:1:0 2:6:2:0", "0m0.processes=1:5:1:0", "0m1.used=77")
    gpu = only(provider.sample())
    first, second = gpu.instances
    assert first.id == "nvidia:MIG-00000000-0000-0000-0000-000000000000"
    assert (first.index, first.name, first.instance) == (0, "1g.10gb", (1, 0))
    assert first.memory_total_bytes == 80 * 1024 * MIB
    assert second.memory_used_bytes == 77
    assert [process.pid for process in first.processes] == [1]
    assert [process.pid for process in gpu.processes] == [1, 2]
    assert "MIG" in first.unknown["utilization_percent"]


def test_who_may_not_see_a_split_gpu_is_told_so(provider: NvidiaProvider, driver: Driver) -> None:
    denied = ("0m0.memoryinfo_v2=4", "0m0.computerunningprocesses_v3=4")
    driver.set(*SPLIT, "0.memoryinfo_v2=4", "0.computerunningprocesses_v3=4", *denied)
    gpu = only(provider.sample())
    assert gpu.unknown["memory_used_bytes"] == "no permission"
    assert gpu.unknown["processes"] == "no permission"
    mine, other = gpu.instances
    assert (mine.memory_used_bytes, mine.unknown["memory_used_bytes"]) == (None, "no permission")
    assert mine.unknown["processes"] == "no permission"
    assert other.memory_used_bytes == 1024 * MIB


def test_processes_of_a_denied_gpu_are_those_of_its_instances(
    provider: NvidiaProvider, driver: Driver
) -> None:
    driver.set(*SPLIT, "0.computerunningprocesses_v3=4", "0m1.processes=9:5:2:0")
    gpu = only(provider.sample())
    assert "processes" not in gpu.unknown
    assert [process.pid for process in gpu.processes] == [9]


def test_a_denied_instance_has_the_processes_that_the_gpu_tells_of_it(
    provider: NvidiaProvider, driver: Driver
) -> None:
    driver.set(*SPLIT, "0.processes=1:5:1:0 2:6:2:0", "0m1.computerunningprocesses_v3=4")
    first, second = only(provider.sample()).instances
    assert first.processes == ()
    assert [process.pid for process in second.processes] == [2]


def test_instances_that_may_not_be_listed_are_explained(
    provider: NvidiaProvider, driver: Driver
) -> None:
    driver.set(*SPLIT, "0.migdevicehandlebyindex=4")
    gpu = only(provider.sample())
    assert (gpu.instances, gpu.unknown["instances"]) == ((), "no permission")


def test_a_gpu_split_anew_has_other_instances(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    driver.set(*SPLIT)
    assert len(only(provider.sample()).instances) == 2
    driver.set(*SPLIT[:2], "0.instances=1")
    clock.forward(SLOW_EVERY_S)
    assert len(only(provider.sample()).instances) == 1
    driver.set("gpus=1")
    clock.forward(SLOW_EVERY_S)
    assert only(provider.sample()).instances == ()


def test_a_split_gpu_that_is_lost_touches_no_instance_again(
    provider: NvidiaProvider, driver: Driver, clock: Clock
) -> None:
    driver.set(*SPLIT)
    provider.sample()
    driver.set(*SPLIT, "0.lost=1")
    for _ in range(3):
        clock.forward(1)
        assert only(provider.sample()).error
    assert "MISUSE" not in driver.calls()


def test_a_process_tells_since_when_it_runs(provider: NvidiaProvider, driver: Driver) -> None:
    driver.set("gpus=1", f"0.processes={os.getpid()}:1048576")
    (process,) = only(provider.sample()).processes
    assert process.started is not None
    assert 0 <= time.time() - process.started < 3600
