"""Fixtures of the tests that talk to a real engine, registry or podman."""

import contextlib
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dstui.domain.engine import Endpoint
from tests import needs
from tests.waiting import wait_until

if TYPE_CHECKING:
    from dstui.engine.client import Engine

REGISTRY_CONFIG = """\
version: 0.1
log: {{level: info}}
storage:
  filesystem: {{rootdirectory: {root}}}
  delete: {{enabled: true}}
http: {{addr: "{address}"}}
"""

InEngineNetwork = Callable[[list[str]], list[str]]


@pytest.fixture
def engine(engine_host: str) -> Iterator["Engine"]:
    """A connection of dstui's own to the test engine."""
    from dstui.engine.connect import connect

    connected = connect((Endpoint(engine_host, source="DSTUI_TEST_HOST"),))
    yield connected
    connected.close()


@pytest.fixture(scope="session")
def in_engine_network() -> InEngineNetwork:
    """Wraps a command line so that it runs where the test engine publishes its ports.

    The private engine has a network namespace of its own; a person's engine has not.
    """
    pid = os.environ.get("DSTUI_TEST_ENGINE_PID")
    prefix = ["nsenter", f"--net=/proc/{pid}/ns/net", "--"] if pid else []
    return lambda command: [*prefix, *command]


@pytest.fixture(scope="session")
def registry(
    engine_host: str,
    in_engine_network: InEngineNetwork,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The `host:port` of a real, empty registry that the test engine reaches on its loopback."""
    if not engine_host.startswith("unix://"):
        needs.unavailable("a registry on loopback needs an engine on this machine")
    program = needs.program("docker-registry", "registry")
    home = tmp_path_factory.mktemp("registry")
    address = f"127.0.0.1:{_free_port()}"
    config = home / "config.yml"
    config.write_text(REGISTRY_CONFIG.format(root=home / "data", address=address))
    log = home / "log"
    with _service(in_engine_network([program, "serve", str(config)]), log):
        wait_until(lambda: "listening on" in log.read_text(), 10, "the registry to listen")
        yield address


@pytest.fixture(scope="session")
def podman_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of podman's Docker-compatible socket, with a storage of its own."""
    program = needs.program("podman")
    home = tmp_path_factory.mktemp("podman")
    path = home / "podman.sock"
    command = [program, "--root", str(home / "root"), "--runroot", str(home / "run")]
    command += ["--tmpdir", str(home / "tmp"), "--storage-driver", "vfs"]
    command += ["--cgroup-manager", "cgroupfs", "--events-backend", "file"]
    command += ["system", "service", "--time", "0", f"unix://{path}"]
    with _service(command, home / "log"):
        wait_until(lambda: _answers(path), 15, "podman to answer")
        yield f"unix://{path}"


@contextlib.contextmanager
def _service(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for as long as the block lasts; its output goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
