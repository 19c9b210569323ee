"""The steps on the host: a directory for the kernel, the real binding over a stub of the driver."""

import threading
from dataclasses import replace

import pytest

from dstui.domain.selftest.step import Status
from dstui.gpu.selftest import driver_rules as rules
from dstui.gpu.selftest.child import DriverHangsError
from dstui.gpu.selftest.driver import ask_driver, driver_facts
from dstui.gpu.selftest.facts import DeviceFacts, DriverFacts
from dstui.gpu.selftest.host import HostChecks
from tests.gpu.selftest.machines import CARD, make_machine, write

NEVER = threading.Event()
CARD_FACTS = DeviceFacts(0, name="H100", uuid="GPU-1")


def checked(root, step, **options):
    return HostChecks(root=root, **options).checks()[step](NEVER)


# The kernel's side


def test_a_machine_without_a_card_is_no_failure(tmp_path):
    result = checked(make_machine(tmp_path, cards=0), "host.hardware")
    assert (result.status, result.evidence) == (Status.SKIP, "no NVIDIA GPU here")


def test_a_healthy_machine_passes(tmp_path):
    checks = HostChecks(root=make_machine(tmp_path, cards=2)).checks()
    for step in ("host.hardware", "host.module", "host.nodes", "host.xid"):
        assert checks[step](NEVER).status is Status.PASS, step


def test_a_module_that_is_not_loaded_is_told_from_nouveau(tmp_path):
    root = make_machine(tmp_path, driver="")
    assert "modprobe nvidia" in checked(root, "host.module").fix
    (root / "sys/module/nouveau").mkdir(parents=True)
    assert "blacklist nouveau" in checked(root, "host.module").fix


def test_a_card_that_another_driver_has_is_told(tmp_path):
    root = make_machine(tmp_path, driver="")
    (root / "sys/bus/pci/drivers/vfio-pci").mkdir(parents=True)
    link = root / "sys/bus/pci/devices" / CARD / "driver"
    link.symlink_to("../../drivers/vfio-pci")
    result = checked(root, "host.hardware")
    assert result.status is Status.FAIL
    assert "vfio-pci" in result.evidence


def test_missing_nodes_are_named(tmp_path):
    root = make_machine(tmp_path)
    (root / "dev/nvidia-uvm").unlink()
    result = checked(root, "host.nodes")
    assert (result.status, result.evidence) == (Status.FAIL, "missing: /dev/nvidia-uvm")


def test_an_xid_of_the_machine_is_a_warning_and_one_of_a_program_is_none(tmp_path):
    root = make_machine(tmp_path)
    write(root / "dev/kmsg", "4,1,2,-;NVRM: Xid (PCI:0000:3b:00): 13, Graphics Exception\n")
    assert checked(root, "host.xid").status is Status.PASS
    write(root / "dev/kmsg", "4,1,2,-;NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus\n")
    result = checked(root, "host.xid")
    assert result.status is Status.WARN
    assert "Xid 79 on 0000:3b:00" in result.evidence
    assert "reboot" in result.fix


def test_an_xid_is_told_with_the_process_that_caused_it(tmp_path):
    root = make_machine(tmp_path)
    record = "4,1,2,-;NVRM: Xid (PCI:0000:3b:00): 31, pid=4194300, name=python3, Ch 8\n"
    write(root / "dev/kmsg", record)
    assert "Xid 31 on 0000:3b:00 by process 4194300 python3: " in checked(root, "host.xid").evidence


# The driver's side


@pytest.fixture
def answers(driver):
    """What the stub tells, through the child process."""
    return lambda: ask_driver(20.0, NEVER)


def test_the_driver_is_asked_in_a_process_of_its_own(driver, answers):
    driver.set("gpus=2")
    facts = answers()
    assert not facts.error
    assert len(facts.devices) == 2
    assert all(device.uuid and not device.error for device in facts.devices)


def test_memory_that_the_driver_reserves_is_not_called_used(driver, answers):
    driver.set("gpus=1", "0.used=4096")
    assert answers().devices[0].memory_used == 4096


def test_whoever_draws_on_a_gpu_holds_it_too(driver, answers):
    driver.set("gpus=1", "0.graphics=4711:1048576")
    assert answers().devices[0].processes == ((4711, 1048576),)


@pytest.mark.parametrize(
    ("code", "words"),
    [(9, "module not loaded"), (18, "driver updated"), (999, "a failed card"), (4, "SELinux")],
)
def test_a_driver_that_does_not_open_is_explained(driver, answers, code, words):
    driver.set(f"init={code}")
    result = rules.opened(answers())
    assert result.status is Status.FAIL
    assert words in result.cause


def test_one_lost_gpu_fails_the_count_and_is_named(driver, answers):
    driver.set("gpus=2", "1.lost=1")
    result = rules.counted(answers(), ["a", "b"], ["a", "b"])
    assert result.status is Status.FAIL
    assert result.evidence.startswith("GPU 1: ")


def test_a_driver_that_hangs_takes_nothing_with_it(monkeypatch, tmp_path):
    from dstui.gpu.selftest import driver as asking

    hanging = (*asking._COMMAND[:3], "import signal; signal.pause()", ".")
    monkeypatch.setattr(asking, "_COMMAND", hanging)
    with pytest.raises(DriverHangsError):
        ask_driver(0.3, NEVER)

    def ask(limit_s, stop):
        raise DriverHangsError

    assert "has not answered" in checked(tmp_path, "host.driver", ask=ask).evidence


def test_a_child_that_crashes_says_how():
    assert "signal 11" in driver_facts(b"", -11).error
    assert "exit code 1" in driver_facts(b"half a li", 1).error


@pytest.mark.parametrize(
    ("rule", "changes", "status", "words"),
    [
        (rules.memory_health, {"remap_failed": True}, Status.FAIL, "row remapping failed"),
        (rules.memory_health, {"ecc_volatile": 3}, Status.FAIL, "3 uncorrectable"),
        (rules.memory_health, {"recovery_action": 2}, Status.FAIL, "reboot the machine"),
        (rules.memory_health, {"remap_pending": True}, Status.WARN, "rows wait"),
        (rules.memory_health, {"ecc_aggregate": 1}, Status.WARN, "ever"),
        (rules.memory_health, {"ecc_volatile": 0}, Status.PASS, "no errors"),
        (rules.memory_health, {}, Status.SKIP, "do not tell"),
        (rules.link, {"link_width": 8, "link_width_max": 16}, Status.WARN, "x8 of x16"),
        (rules.link, {"link_width": 16, "link_width_max": 16}, Status.PASS, "x16"),
        (rules.throttling, {"throttle_reasons": 0x48}, Status.WARN, "too hot"),
        (rules.throttling, {"throttle_reasons": 0x4}, Status.PASS, "none"),
        (rules.mode, {"compute_mode": 2}, Status.FAIL, "Prohibited"),
        (rules.mode, {"compute_mode": 3}, Status.WARN, "Exclusive_Process"),
        (rules.mode, {"mig": True}, Status.WARN, "MIG is on"),
        (rules.mode, {"compute_mode": 0, "mig": False}, Status.PASS, "Default"),
    ],
)
def test_what_a_card_tells_is_judged(rule, changes, status, words):
    result = rule(DriverFacts(driver="1", devices=(replace(CARD_FACTS, **changes),)))
    assert result.status is status
    assert words in result.evidence


def test_a_fabric_that_is_not_ready_is_the_hosts_fault():
    facts = DriverFacts(devices=(replace(CARD_FACTS, fabric_state=2, fabric_status=0),))
    assert rules.fabric(facts, nvswitch=True, manager=True).status is Status.FAIL
    assert rules.fabric(DriverFacts(), nvswitch=False, manager=False).status is Status.SKIP
    done = DriverFacts(devices=(replace(CARD_FACTS, fabric_state=3, fabric_status=0),))
    assert rules.fabric(done, nvswitch=True, manager=True).status is Status.PASS
    assert rules.fabric(DriverFacts(), nvswitch=True, manager=False).status is Status.FAIL


def test_persistence_off_is_a_warning_unless_the_daemon_runs():
    facts = DriverFacts(devices=(replace(CARD_FACTS, persistence=False),))
    assert rules.persistence(facts, daemon=False).status is Status.WARN
    assert rules.persistence(facts, daemon=True).status is Status.PASS


def test_a_card_on_the_bus_that_the_driver_has_not_is_missing():
    facts = DriverFacts(devices=(CARD_FACTS,))
    result = rules.counted(facts, ["0000:3b:00.0", "0000:5e:00.0"], ["0000:3b:00.0"])
    assert result.status is Status.FAIL
    assert "0000:5e:00.0" in result.cause


def test_a_full_gpu_is_told_with_who_holds_it():
    device = replace(
        CARD_FACTS, memory_used=80 << 30, memory_total=80 << 30, processes=((7, 80 << 30),)
    )
    result = rules.free_memory(DriverFacts(devices=(device,)), "", 512 << 20, lambda pid: "trainer")
    assert result.status is Status.WARN
    assert "held by trainer" in result.evidence


def test_library_and_module_of_two_versions_are_a_mismatch(tmp_path):
    checks = HostChecks(
        root=make_machine(tmp_path), ask=lambda limit_s, stop: DriverFacts(driver="570.99")
    ).checks()
    checks["host.driver"](NEVER)
    assert "was updated" in checks["host.versions"](NEVER).cause
