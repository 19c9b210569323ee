"""Run a command beside a Docker Engine of its own: `private_engine.py [-n ENGINES] COMMAND …`.

The engine has a socket, data, and a network and a mount namespace of its own: its bridge, its
firewall rules, the ports it publishes and its mounts exist in there alone, so another engine of
this machine never notices, and all of it ends with the engine. The command finds it through
`DSTUI_TEST_HOST`; `DSTUI_TEST_ENGINE_PID` leads to its namespaces. Of several, one for each
process of a test run, `DSTUI_TEST_ENGINES` is the list: `HOST=PID HOST=PID`. Without root there
is no engine, and the command runs all the same.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

READY_WITHIN_S = 60
STOPPED_WITHIN_S = 30
CGROUPS = Path("/sys/fs/cgroup")
ISOLATED = str(Path(__file__).with_name("isolated.sh"))


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(usage="private_engine.py [-n N] COMMAND [ARGUMENT ...]")
    parser.add_argument("-n", type=int, default=1, help="how many engines")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args(arguments)
    command: list[str] = asked.command
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    if os.environ.get("DSTUI_TEST_HOST"):
        return _run(command, {})
    reason = _why_not()
    if reason:
        print(f"no private engine: {reason}", file=sys.stderr)
        return _run(command, {})
    with contextlib.ExitStack() as engines:
        found = [engines.enter_context(private_engine()) for _ in range(max(asked.n, 1))]
        listed = " ".join("=".join(environment.values()) for environment in found)
        return _run(command, {**found[0], "DSTUI_TEST_ENGINES": listed})


@contextlib.contextmanager
def private_engine(
    run_by: Callable[[Path], Sequence[str]] = lambda home: (ISOLATED,),
    config: Mapping[str, object] | None = None,
) -> Iterator[dict[str, str]]:
    """An engine that lives as long as the block; yields the environment that names it.

    `run_by` wraps its command line, given its home; `config` is its `daemon.json`.
    """
    home = Path(tempfile.mkdtemp(prefix="dstui-engine-"))
    daemon = _start(home, run_by(home), config or {})
    try:
        _wait_ready(daemon, home)
        yield {
            "DSTUI_TEST_HOST": f"unix://{home}/docker.sock",
            "DSTUI_TEST_ENGINE_PID": str(daemon.pid),
        }
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # cleaning up is not to be interrupted
        _stop(daemon, home)
        shutil.rmtree(home)


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()  # it got the same Ctrl-C
    except SystemExit:
        process.terminate()
        process.wait()
        raise


def _why_not() -> str | None:
    if os.geteuid() != 0:
        return "starting one needs root (or name an engine with DSTUI_TEST_HOST)"
    missing = [name for name in ("dockerd", "ip", "unshare", "iptables") if not shutil.which(name)]
    return f"{', '.join(missing)} not installed" if missing else None


def _start(
    home: Path, run_by: Sequence[str], config: Mapping[str, object]
) -> "subprocess.Popen[bytes]":
    dockerd = ["dockerd", "--host", f"unix://{home}/docker.sock"]
    dockerd += ["--config-file", _config(home, config)]
    dockerd += ["--data-root", f"{home}/data", "--exec-root", f"{home}/exec"]
    dockerd += ["--pidfile", f"{home}/docker.pid"]
    dockerd += ["--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", f"/{home.name}"]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            [*run_by, *dockerd],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the command, not for the engine
        )


def _config(home: Path, content: Mapping[str, object]) -> str:
    """A config of its own: the person's `/etc/docker/daemon.json` has no say here."""
    path = home / "daemon.json"
    path.write_text(json.dumps(content))
    return str(path)


def _wait_ready(daemon: "subprocess.Popen[bytes]", home: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not _answers(home / "docker.sock"):
        if daemon.poll() is not None or time.monotonic() > deadline:
            log = (home / "log").read_text(errors="replace")
            sys.exit(f"the private engine did not start:\n{log[-4000:]}")
        time.sleep(0.05)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return b" 200 " in connection.recv(64)
        except OSError:
            return False


def _stop(daemon: "subprocess.Popen[bytes]", home: Path) -> None:
    """Stop the engine, which stops its containers; by force what it leaves behind."""
    daemon.terminate()
    try:
        daemon.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
    _kill(_helpers(home))
    _end_containers(home.name)


def _helpers(home: Path) -> list[int]:
    """The engine's containerd and shims: known by the directory they were given."""
    named = f"{home}/exec".encode()
    processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [int(entry.name) for entry in processes if named in _command_line(entry)]


def _end_containers(cgroup: str) -> None:
    """Kill what still runs in the engine's cgroup and remove that, in every hierarchy."""
    roots = [*CGROUPS.glob(cgroup), *CGROUPS.glob(f"*/{cgroup}")]
    deadline = time.monotonic() + 5
    while any(root.exists() for root in roots) and time.monotonic() < deadline:
        for root in roots:
            for procs in root.glob("**/cgroup.procs"):
                _kill([int(pid) for pid in procs.read_text().split()])
            for directory in sorted(root.glob("**/"), reverse=True):
                with contextlib.suppress(OSError):  # busy until the last process is gone
                    directory.rmdir()
        time.sleep(0.02)


def _kill(pids: Sequence[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
