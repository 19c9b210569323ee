"""Run the engine tests on other engines: `test_engines.py [NAME ... | all] [-- PYTEST-OPTION ...]`.

Each comes from a Debian root that is made at its first use (`engine_root.sh`, some minutes) and
kept under `build/engines`, or in `DSTUI_TEST_ROOTS`. Without a name, the engine of
`DSTUI_TEST_HOST` is tested. Ends with 1 when a test failed on any.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from private_engine import ISOLATED, private_engine

HERE = Path(__file__).parent
ROOTS = Path(os.environ.get("DSTUI_TEST_ROOTS", HERE.parent / "build" / "engines"))
CONTAINERD: Mapping[str, object] = {"features": {"containerd-snapshotter": True}}
READY_WITHIN_S = 60


@dataclass(frozen=True)
class Candidate:
    """An engine: the suite that has it (none: this machine's own) and how it is set up."""

    suite: str = ""
    config: Mapping[str, object] = field(default_factory=dict)
    podman: bool = False


CANDIDATES = {
    "docker-here": Candidate(),
    "docker-26.1-classic": Candidate("trixie"),
    "docker-26.1-containerd": Candidate("trixie", CONTAINERD),
    "docker-28.5-classic": Candidate("forky", {"features": {"containerd-snapshotter": False}}),
    "docker-28.5-containerd": Candidate("forky", CONTAINERD),
    "podman-here": Candidate(podman=True),
    "podman-5.4": Candidate("trixie", podman=True),
}


@dataclass(frozen=True)
class Result:
    """What came of one engine's tests."""

    name: str
    version: str
    passed: int
    skipped: int
    failed: tuple[str, ...]
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Test each engine, then tell of all."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    names, options = list(arguments[:split]), list(arguments[split + 1 :])
    if names == ["all"]:
        names = list(CANDIDATES)
    if unknown := [name for name in names if name not in CANDIDATES]:
        print(f"no such engine: {', '.join(unknown)}; known: all, {', '.join(CANDIDATES)}")
        return 2
    if not names and not os.environ.get("DSTUI_TEST_HOST"):
        print(f"which one? DSTUI_TEST_HOST=unix://…, or ENGINES=all or of: {', '.join(CANDIDATES)}")
        return 2
    results = [on(name, options) for name in names] if names else [on_host(options)]
    for result in results:
        print(
            f"{result.name:24} {result.version:12} {result.passed:4} passed "
            f"{len(result.failed):3} failed {result.skipped:3} skipped {result.seconds:6.0f} s"
        )
        print("".join(f"    {test}\n" for test in result.failed), end="")
    return int(any(result.failed for result in results))


def on(name: str, options: Sequence[str]) -> Result:
    """The tests on an engine that is started for them."""
    candidate = CANDIDATES[name]
    root = ROOTS / candidate.suite if candidate.suite else None
    if root is not None:
        subprocess.run([HERE / "engine_root.sh", candidate.suite, root], check=True)
    if candidate.podman:
        with podman(root) as environment:
            return tested(name, environment, ["-k", "podman", *options])
    with private_engine(lambda home: wrap(root, home), candidate.config) as environment:
        return tested(name, environment, options)


def on_host(options: Sequence[str]) -> Result:
    """The tests on the engine that was named."""
    return tested(os.environ["DSTUI_TEST_HOST"], {}, options)


def wrap(root: Path | None, home: Path) -> tuple[str, ...]:
    """What a command is run by to be in a root."""
    return (ISOLATED,) if root is None else (str(HERE / "rooted.sh"), str(root), str(home))


@contextlib.contextmanager
def podman(root: Path | None) -> Iterator[dict[str, str]]:
    """Podman's service, beside a Docker Engine of this machine for all else that tests need."""
    with private_engine() as docker, tempfile.TemporaryDirectory(prefix="dstui-podman-") as name:
        socket = Path(name, "podman.sock")
        command = [*wrap(root, Path(name)), "podman", "--root", f"{name}/root"]
        command += ["--runroot", f"{name}/run", "--tmpdir", f"{name}/tmp"]
        command += ["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"]
        command += ["--events-backend", "file", "system", "service", "--time", "0"]
        with Path(name, "log").open("wb") as log:
            service = subprocess.Popen([*command, f"unix://{socket}"], stdout=log, stderr=log)
        try:
            wait_for(socket, service)
            yield {**docker, "DSTUI_TEST_PODMAN_HOST": f"unix://{socket}"}
        finally:
            service.terminate()
            service.wait()


def wait_for(socket: Path, service: "subprocess.Popen[bytes]") -> None:
    """Until the service listens."""
    deadline = time.monotonic() + READY_WITHIN_S
    while not socket.exists():
        if service.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"podman did not start:\n{socket.with_name('log').read_text()}")
        time.sleep(0.05)


def tested(name: str, environment: Mapping[str, str], options: Sequence[str]) -> Result:
    """Run the engine tests with these variables."""
    print(f"\n== {name}", flush=True)
    version = version_of(
        environment.get("DSTUI_TEST_PODMAN_HOST") or environment.get("DSTUI_TEST_HOST")
    )
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "tests/engine", f"--junitxml={report}"]
        subprocess.run(
            [*command, *options], cwd=HERE.parent, env={**os.environ, **environment}, check=False
        )
        cases = list(ET.parse(report).iter("testcase"))
    failed = [
        case for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    skipped = [case for case in cases if case.find("skipped") is not None]
    return Result(
        name,
        version,
        len(cases) - len(failed) - len(skipped),
        len(skipped),
        tuple(f"{case.get('classname')}::{case.get('name')}" for case in failed),
        time.monotonic() - began,
    )


def version_of(host: str | None) -> str:
    """What the engine says of itself."""
    import docker

    api = docker.APIClient(base_url=host or os.environ["DSTUI_TEST_HOST"], version="auto")
    try:
        return str(api.version()["Version"])
    finally:
        api.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
