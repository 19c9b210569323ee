"""`dstui gpus` over the stub driver and the real engine."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dstui.cli.root import cli
from tests.conftest import ContainerFactory
from tests.gpu.conftest import Driver

MIB = 2**20
EMPTY = tuple(f"{index}.used=0" for index in range(4))
IDLE = tuple(f"{index}.percent=0" for index in range(4))
NOWHERE = "unix:///nowhere/docker.sock"

Run = Callable[..., Result]


@pytest.fixture
def run(driver: Driver) -> Run:
    def invoke(*args: str, host: str = NOWHERE) -> Result:
        return CliRunner().invoke(cli, ["--host", host, "gpus", *args], prog_name="dstui")

    return invoke


def content(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_processes_of_real_containers_are_named(
    run: Run, driver: Driver, container_factory: ContainerFactory, docker_api, engine_host: str
) -> None:
    identifier = container_factory("sleep", "1000", labels={"owner": "ann"})
    state = docker_api.inspect_container(identifier)
    pid, name = state["State"]["Pid"], state["Name"].removeprefix("/")
    driver.set("gpus=2", f"0.processes={pid}:{5 * MIB} {os.getpid()}:{MIB}", "0.percent=0")
    found = content(run("--json", host=engine_host))
    assert found["unjoined"] is None
    mine, host = found["gpus"][0]["processes"]
    assert mine["container"] == {"id": identifier, "name": name, "owner": "ann"}
    assert (host["container"], host["place"]) == (None, "host")
    by_owner = content(run("--json", "--by", "owner", host=engine_host))["holders"]
    assert (by_owner[0]["owner"], by_owner[0]["memory_bytes"]) == ("ann", 5 * MIB)
    assert name in run("--by", "container", host=engine_host).stdout
    assert name in run(host=engine_host).stdout


def test_without_an_engine_containers_are_not_known_and_it_is_said(run: Run) -> None:
    result = run()
    assert result.exit_code == 0
    assert "H100" in result.stdout
    assert "containers are not known: no engine answers" in result.stderr


def test_free_gpus_are_ready_for_the_engines_command_line(run: Run, driver: Driver) -> None:
    driver.set("gpus=3", *EMPTY, *IDLE, "1.processes=1:1048576")
    uuids = ",".join(f"GPU-00000000-0000-0000-0000-{index:012d}" for index in (0, 2))
    result = run("--free")
    assert result.stdout == f'"device={uuids}"\n'
    assert run("--free", "--count", "1").stdout == f'"device={uuids.partition(",")[0]}"\n'
    assert content(run("--free", "--json"))["device_argument"] == f'"device={uuids}"'


def test_free_gpus_with_so_much_memory(run: Run, driver: Driver) -> None:
    driver.set("gpus=2", *EMPTY, *IDLE, f"0.total={8 * 2**30}")
    assert run("--free", "--memory", "20GiB").stdout.count("GPU-") == 1
    assert run("--free", "--memory", "8GiB").stdout.count("GPU-") == 2
    assert run("--free", "--memory", "8.6GB").stdout.count("GPU-") == 1


def test_a_card_that_others_use_is_offered_as_shared(run: Run, driver: Driver) -> None:
    driver.set(
        "gpus=3", *IDLE, f"0.used={18 * 2**30}", f"0.processes=1:{18 * 2**30}",
        "1.used=0", f"2.used={70 * 2**30}", f"2.processes=1:{70 * 2**30}",
    )  # fmt: skip
    uuid = [f"GPU-00000000-0000-0000-0000-{index:012d}" for index in range(3)]
    assert run("--free", "--memory", "20GiB").stdout == f'"device={uuid[1]}"\n'
    shared = run("--free", "--memory", "20GiB", "--shared")
    assert shared.stdout == f'"device={uuid[1]},{uuid[0]}"\n'
    assert "shared: GPU 0 has" in shared.stderr
    assert "held by 1 process" in shared.stderr
    found = content(run("--free", "--memory", "20GiB", "--shared", "--json"))["free"]
    assert [(one["uuid"], one["shared"]) for one in found] == [(uuid[1], False), (uuid[0], True)]


def test_no_free_gpu_is_a_reason_and_exit_code_1(run: Run, driver: Driver) -> None:
    driver.set("gpus=2", "0.processes=1:1048576", "1.used=0", "1.percent=0", "1.lost=1")
    result = run("--free")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "GPU 0: held by 1 process" in result.stderr
    assert "lost" in result.stderr
    driver.set("gpus=1", *EMPTY, *IDLE)
    wanting = run("--free", "--count", "2")
    assert wanting.exit_code == 1
    assert "only 1 of the 2" in wanting.stderr
    driver.set("gpus=0")
    assert content(run("--free", "--json"))["free"] == []


@pytest.mark.parametrize(
    "args",
    [
        ("--memory", "20GiB"),
        ("--count", "1"),
        ("--shared",),
        ("--free", "--by", "owner"),
        ("--free", "--watch"),
        ("--free", "--memory", "much"),
        ("--by", "colour"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(run: Run, args: tuple[str, ...]) -> None:
    assert run(*args).exit_code == 2


def test_watching_is_a_json_object_a_line(driver: Driver) -> None:
    watching = subprocess.Popen(
        [sys.executable, "-m", "dstui", "--host", NOWHERE, "gpus", "--watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert watching.stdout is not None
        lines = [json.loads(watching.stdout.readline()) for _ in range(2)]
    finally:
        watching.terminate()
        watching.wait()
        watching.stdout.close()
    assert [line["gpus"][0]["index"] for line in lines] == [0, 0]
    assert lines[1]["gpus"][0]["pcie_rx_rate"] == 0, "known from the second sample on"
