"""The demo engine as a process: quick to start, private, and gone when its parent is."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import docker
import pytest

from dstui.demo.life import Life
from dstui.demo.process import DemoProcess
from dstui.demo.world import World
from dstui.domain.engine import EngineUnreachableError
from tests.demo_fixtures import *  # noqa: F403
from tests.waiting import wait_until


@pytest.fixture
def demo():
    process = DemoProcess(containers=12, seed=5)
    yield process
    process.stop()


def test_it_answers_and_goes_away_with_all_it_made(demo):
    endpoint = demo.start()
    path = Path(endpoint.host.removeprefix("unix://"))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    api = docker.APIClient(base_url=endpoint.host, version="auto")
    assert len(api.containers(all=True)) == 12
    demo.stop()
    assert not path.parent.exists()
    demo.stop()


def test_its_gpus_are_those_of_its_seed(demo):
    demo.start()
    report = demo.gpu_source()()
    world = World(12, 5)
    assert len(report.gpus) == world.gpu_count + 1, "and one that is split"
    assert report.gpus[0].processes[0].container_id in world.containers
    read = demo.gpu_source()
    demo.stop()
    with pytest.raises(OSError):
        read()


def test_it_ends_when_its_parent_is_killed():
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from dstui.demo.process import DemoProcess\n"
            "demo = DemoProcess(3); demo.start(); demo.gpu_source()()\n"
            "print(demo.socket_path, demo._child.pid, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    path, child = parent.stdout.readline().split()
    assert Path(path).exists()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not Path(path).parent.exists(), what="the directory to be removed")
    wait_until(lambda: _has_ended(int(child)), what="the child to end")
    parent.stdin.close()
    parent.stdout.close()


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


def test_a_start_that_fails_says_why(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(EngineUnreachableError, match="could not be started"):
        DemoProcess(3).start()


def test_life_goes_on_by_itself(serve_demo):
    server = serve_demo(World(30, 3))
    subscription = server.world.journal.subscribe(None)
    life = Life(server)
    for _ in range(30):
        life.step()
    actions = set()
    while not subscription.events.empty():
        actions.add(subscription.events.get()["Action"])
    assert actions >= {"create", "start", "die"}
