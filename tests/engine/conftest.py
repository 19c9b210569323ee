"""Fixtures of the tests that talk to a real engine, registry or podman."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dstui.domain.engine import Endpoint
from tests import needs
from tests.waiting import PATIENCE_S, wait_until

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
HTPASSWD_CONFIG = """\
auth: {{htpasswd: {{realm: tests, path: {path}}}}}
"""

ISOLATED = Path(__file__).parents[2] / "scripts" / "isolated.sh"

SILENT_SERVER = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
kept = []
while True:
    kept.append(server.accept())
    print("asked", flush=True)
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
    with _registry(tmp_path_factory.mktemp("registry"), in_engine_network) as address:
        yield address


@dataclass(frozen=True)
class GuardedRegistry:
    """A registry that wants a login, and one that it takes."""

    address: str
    user: str
    password: str


@pytest.fixture(scope="session")
def guarded_registry(
    engine_host: str,
    in_engine_network: InEngineNetwork,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[GuardedRegistry]:
    """A real, empty registry with a password."""
    import bcrypt

    if not engine_host.startswith("unix://"):
        needs.unavailable("a registry on loopback needs an engine on this machine")
    home = tmp_path_factory.mktemp("guarded-registry")
    user, password = "ann", secrets.token_hex(8)
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    (home / "htpasswd").write_text(f"{user}:{hashed}\n")
    guard = HTPASSWD_CONFIG.format(path=home / "htpasswd")
    with _registry(home, in_engine_network, guard) as address:
        yield GuardedRegistry(address, user, password)


@contextlib.contextmanager
def _registry(home: Path, in_engine_network: InEngineNetwork, more: str = "") -> Iterator[str]:
    program = needs.program("docker-registry", "registry")
    address = f"127.0.0.1:{free_port()}"
    config = home / "config.yml"
    config.write_text(REGISTRY_CONFIG.format(root=home / "data", address=address) + more)
    log = home / "log"
    with service(in_engine_network([program, "serve", str(config)]), log):
        wait_until(lambda: "listening on" in log.read_text(), "the registry to listen")
        yield address


@dataclass(frozen=True)
class SilentRegistry:
    """Something that takes connections and never says a word."""

    address: str
    log: Path

    def asked(self) -> bool:
        """Whether a connection has come."""
        return "asked" in self.log.read_text()


@pytest.fixture
def silent_registry(
    engine_host: str, in_engine_network: InEngineNetwork, tmp_path: Path
) -> Iterator[SilentRegistry]:
    """Where a pull or push hangs."""
    port, log = free_port(), tmp_path / "silent.log"
    with service(in_engine_network([sys.executable, "-c", SILENT_SERVER, str(port)]), log):
        wait_until(lambda: "listening" in log.read_text(), "the silent registry")
        yield SilentRegistry(f"127.0.0.1:{port}", log)


@pytest.fixture(scope="session")
def podman_host() -> Iterator[str]:
    """The address of podman's Docker-compatible socket, with a storage of its own.

    Another one can be named by `DSTUI_TEST_PODMAN_HOST`.
    """
    if named := os.environ.get("DSTUI_TEST_PODMAN_HOST"):
        yield named
        return
    program = needs.program("podman")
    with tempfile.TemporaryDirectory(prefix="dstui-podman-") as name:
        home = Path(name)  # podman takes no run root of more than 50 letters: not pytest's
        address = f"unix://{home}/podman.sock"
        command = [str(ISOLATED), program, "--root", f"{home}/root", "--runroot", f"{home}/run"]
        command += ["--tmpdir", f"{home}/tmp", "--storage-driver", "vfs"]
        command += ["--cgroup-manager", "cgroupfs", "--events-backend", "file"]
        command += ["system", "service", "--time", "0", address]
        with service(command, home / "log"):
            wait_until(lambda: _answers(home / "podman.sock"), "podman to answer")
            yield address


@contextlib.contextmanager
def service(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for as long as the block lasts; its output goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
