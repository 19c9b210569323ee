"""GPU processes of real containers, joined to them from end to end."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dstui.background import Background
from dstui.config import Config
from dstui.domain.changes import GpusSampled, Listed
from dstui.domain.container import Container, State
from dstui.domain.engine import EngineError, EngineInfo, ProcessTable
from dstui.domain.gpu import Gpu, GpuGrant, GpuProcess, GpuReport
from dstui.domain.gpu_event import GpuEvent
from dstui.domain.gpu_use import gpu_uses
from dstui.domain.kind import Kind
from dstui.gpuwatch import GpuWatch
from dstui.session import Options, Session
from dstui.store import Store
from tests.conftest import ContainerFactory
from tests.gpu.conftest import Driver
from tests.waiting import wait_until

MIB = 2**20
A = "a" * 64


@pytest.fixture
def session(driver: Driver, engine_host: str) -> Iterator[Session]:
    opened = Session(Config(), Options(host=engine_host))
    opened.open()
    yield opened
    opened.close()


def test_real_containers_and_a_host_process_are_told_apart(
    session: Session, driver: Driver, container_factory: ContainerFactory, docker_api
) -> None:
    first, second = (container_factory("sleep", "1000") for _ in range(2))
    pids = [docker_api.inspect_container(one)["State"]["Pid"] for one in (first, second)]
    session.read_list(Kind.CONTAINER)
    held = f"{pids[0]}:{5 * MIB} {pids[1]}:{7 * MIB} 1:{MIB}"
    driver.set("gpus=2", f"0.processes={held}", f"1.processes={pids[0]}:{MIB}", "0.percent=0")
    report = session.sample_gpus()
    found = {p.pid: p.container_id for p in report.gpus[0].processes}
    assert found == {pids[0]: first, pids[1]: second, 1: None}
    assert report.unjoined is None
    uses = gpu_uses(report)
    assert uses[first].memory_bytes == 6 * MIB
    assert len(uses[first].gpu_ids) == 2


def test_a_command_run_in_a_container_belongs_to_it(
    session: Session, driver: Driver, container_factory: ContainerFactory, docker_api
) -> None:
    identifier = container_factory("sleep", "1000")
    exec_id = docker_api.exec_create(identifier, ["sleep", "1000"])["Id"]
    threading.Thread(target=docker_api.exec_start, args=(exec_id,), daemon=True).start()
    pid = wait_until(lambda: docker_api.exec_inspect(exec_id)["Pid"], what="the command")
    session.read_list(Kind.CONTAINER)
    driver.set("gpus=1", f"0.processes={pid}:{MIB}")
    (process,) = session.sample_gpus().gpus[0].processes
    assert process.container_id == identifier


def test_a_container_that_ends_leaves_its_process_without_one(
    session: Session, driver: Driver, container_factory: ContainerFactory, docker_api
) -> None:
    identifier = container_factory("sleep", "1000")
    pid = docker_api.inspect_container(identifier)["State"]["Pid"]
    session.read_list(Kind.CONTAINER)
    driver.set("gpus=1", f"0.processes={pid}:{MIB}")
    session.watch_gpus()
    store = session.store
    wait_until(lambda: gpu_uses(store.gpu_report).get(identifier), "the join")
    docker_api.kill(identifier)
    wait_until(lambda: not gpu_uses(store.gpu_report), "the end")
    report = store.gpu_report
    assert report is not None
    assert report.gpus[0].processes[0].user is None


class Engine:
    """Answers `top`, and counts how often it was asked."""

    def __init__(self, *pids: int) -> None:
        self.asked: list[str] = []
        self.table = ProcessTable(("UID", "PID"), tuple(("root", str(pid)) for pid in pids))

    def __call__(self, container_id: str, /) -> ProcessTable:
        self.asked.append(container_id)
        if not self.table.rows:
            raise EngineError("it is not running")
        return self.table


INFO = EngineInfo("id", "lab", "Docker", "26", "1.45", "unix:///x", kernel="0.0-of-another")


def watch(top: Engine, **more: object) -> GpuWatch:
    store = Store()
    granted = GpuGrant("--gpus", all=True)
    container = Container(A, "train", "i", "i", State.RUNNING, None, inspected=True, gpus=granted)
    other = Container("c" * 64, "db", "i", "i", State.RUNNING, None, inspected=True)
    store.apply(Listed(Kind.CONTAINER, (container, other)))
    return GpuWatch(store, Background(), top, **more)  # type: ignore[arg-type]


def hidden(pid: int) -> GpuReport:
    return GpuReport(1000.0, (Gpu("nvidia:GPU-1", 0, "H100", processes=(GpuProcess(pid, MIB),)),))


def simulated() -> GpuReport:
    raise AssertionError("nobody asks for it")


def test_what_proc_hides_the_engine_is_asked_for_once() -> None:
    top = Engine(77)
    watched = watch(top, source=simulated)
    for _ in range(3):
        report = watched.joined(hidden(77), wait=True)
        assert report.gpus[0].processes[0].container_id == A
    assert top.asked == [A], "not the one without a GPU, and not at each report"


def test_an_engine_that_refuses_costs_nothing_but_the_answer() -> None:
    report = watch(Engine(), source=simulated).joined(hidden(77), wait=True)
    assert report.gpus[0].processes[0].container_id is None


def test_why_there_is_no_join_is_said_and_the_engine_left_alone() -> None:
    top = Engine(77)
    report = watch(top, info=INFO).joined(hidden(77), wait=True)
    assert "kernel 0.0-of-another" in str(report.unjoined)
    assert report.elsewhere
    assert top.asked == []


def test_one_process_that_is_joined_proves_that_it_can_be_done() -> None:
    joined = GpuProcess(1, MIB, container_ids=(A,), started=5.0)
    report = GpuReport(1000.0, (Gpu("nvidia:GPU-1", 0, "H100", processes=(joined,)),))
    assert watch(Engine(), info=INFO).joined(report).unjoined is None


# Whose an error is


class Told:
    """A driver's events, handed on by a watch, and the feed's lines."""

    def __init__(self, container_processes: tuple[GpuProcess, ...] = ()) -> None:
        self.store = Store()
        labels = {"team-owner": "ann"}
        train = Container(A, "train", "i", "i", State.RUNNING, None, labels=labels, inspected=True)
        self.store.apply(Listed(Kind.CONTAINER, (train,)))
        self.watch = GpuWatch(self.store, Background(), owner_labels=("team-owner",))
        gpus = (Gpu("nvidia:GPU-1", 0, "H100", processes=container_processes),)
        self.watch._take(GpusSampled(GpuReport(1000.0, gpus)))

    def lines(self, **event: object) -> list[tuple[str, str, str]]:
        xid = GpuEvent(1010.0, "nvidia:GPU-1", "GPU 0", "xid", 31)
        self.watch._tell(xid._replace(**event))  # type: ignore[arg-type]
        return [(e.kind, e.name, e.attributes.get("cause", "")) for e in self.store.events()]


OF_TRAIN = GpuProcess(4711, MIB, container_ids=(A,))


def test_an_error_is_told_with_its_process_container_and_owner() -> None:
    lines = Told().lines(pid=4711, process="python3", container_ids=("f" * 64, A))
    cause = "process 4711 python3 of train (ann)"
    assert lines == [("gpu", "GPU 0", cause), ("container", "train", cause)]


def test_a_process_that_the_error_has_ended_is_known_from_before() -> None:
    lines = Told((OF_TRAIN,)).lines(pid=4711, process="python3")
    assert [kind for kind, _, _ in lines] == ["gpu", "container"]


def test_a_pid_of_long_ago_is_not_blamed() -> None:
    lines = Told((OF_TRAIN,)).lines(pid=4711, process="python3", time=2000.0)
    assert lines == [("gpu", "GPU 0", "process 4711 python3")]


def test_an_error_of_nobody_is_the_cards_alone() -> None:
    assert Told((OF_TRAIN,)).lines() == [("gpu", "GPU 0", "")]


def test_the_drivers_event_meets_the_kernels_record(
    driver: Driver, tmp_path: Path, container_factory: ContainerFactory, docker_api
) -> None:
    identifier = container_factory("sleep", "1000")
    pid = docker_api.inspect_container(identifier)["State"]["Pid"]
    name = Path(f"/proc/{pid}/comm").read_text().strip()
    log = tmp_path / "kmsg"
    log.write_text("")
    driver.set("gpus=2")
    follower = subprocess.Popen(
        [sys.executable, "-c", FOLLOW, str(log)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert follower.stdout is not None
        assert follower.stdout.readline() == "following\n"
        wait_until(lambda: "PciInfo" in driver.calls(), what="the driver to be heard")
        with log.open("a") as file:
            file.write(f"4,1,1,-;NVRM: Xid (PCI:0000:3c:00): 31, pid={pid}, name={name}, Ch 8\n")
        driver.set("gpus=2", "event=1 1 8 31")
        told = json.loads(follower.stdout.readline())
    finally:
        follower.kill()
        follower.wait()
    assert told[2:] == ["GPU 1", "xid", 31, pid, name, [identifier]]


FOLLOW = """
import json, sys
from pathlib import Path
from dstui.gpu import nvidia_events
print("following", flush=True)
nvidia_events.follow(lambda e: print(json.dumps(e), flush=True), Path(sys.argv[1]))
"""
