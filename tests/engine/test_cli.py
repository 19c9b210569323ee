"""The installed command on a real engine."""

import json
import os
import pty
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S

DSTUI = Path(sys.executable).with_name("dstui")


@pytest.fixture
def dstui(engine_host):
    """Runs `dstui` on the test engine and returns what it said."""

    def run(*args: str, code: int = 0, **options) -> subprocess.CompletedProcess[str]:
        command = [DSTUI, "--host", engine_host, *args]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, **options
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def name(request) -> str:
    """A container name of this test alone."""
    return f"cli-{os.getpid()}-{request.node.name.removeprefix('test_')[:40]}"


def test_ps_tells_everything_of_a_busy_container(dstui, container_factory, name):
    identifier = container_factory(
        "sh",
        "-c",
        "while :; do :; done",
        name=name,
        labels={"dstui.owner": "ann", "com.docker.compose.project": "cli-shop"},
        host_config={"mem_limit": 64 * 2**20},
    )
    answer = json.loads(dstui("ps", "--json", "--filter", f"name:={name}").stdout)
    assert answer["schema"] == 1
    assert answer["engine"]["api_version"]
    (found,) = answer["containers"]
    assert (found["id"], found["state"]) == (identifier, "running")
    assert (found["owner"], found["project"]) == ("ann", "cli-shop")
    assert found["cpu_percent"] > 5
    assert 0 < found["memory_bytes"] < found["memory_limit_bytes"] == 64 * 2**20
    assert found["pids"] >= 1
    assert found["gpus_granted"] == []
    assert found["writable_bytes"] is None
    started = datetime.fromisoformat(found["started"])
    assert abs((datetime.now(UTC) - started).total_seconds()) < 120


def test_ps_lists_what_has_ended_with_its_exit_code(dstui, container_factory, docker_api, name):
    identifier = container_factory("sh", "-c", "exit 3", name=name)
    docker_api.wait(identifier)
    answer = json.loads(dstui("ps", "--json", "-f", f"name:={name}").stdout)
    (found,) = answer["containers"]
    assert (found["state"], found["exit_code"], found["oom_killed"]) == ("exited", 3, False)
    assert found["cpu_percent"] is None
    assert found["finished"]
    running = json.loads(dstui("ps", "--json", "--running", "-f", f"name:={name}").stdout)
    assert running["containers"] == []
    assert "exit 3" in dstui("ps", "-f", f"name:={name}").stdout


def test_ps_measures_the_writable_layer_when_asked_to(dstui, container_factory, docker_api, name):
    identifier = container_factory("sh", "-c", "head -c 100000 /dev/zero > /file", name=name)
    docker_api.wait(identifier)
    answer = json.loads(dstui("ps", "--json", "--sizes", "-f", f"name:={name}").stdout)
    assert answer["containers"][0]["writable_bytes"] >= 100_000


def test_images_know_the_containers_made_from_them(dstui, container_factory, busybox_image, name):
    identifier = container_factory("true", name=name)
    answer = json.loads(dstui("images", "--json", "--filter", busybox_image).stdout)
    (found,) = answer["images"]
    assert busybox_image in found["references"]
    assert {"id": identifier, "name": name} in found["containers"]
    assert found["size_bytes"] > 500_000
    assert found["architecture"]
    assert found["shared_bytes"] is None


def test_volumes_and_networks_are_listed(dstui, docker_api, name):
    docker_api.create_volume(name, labels={"team": "vision"})
    try:
        answer = json.loads(dstui("volumes", "--json", "-f", name).stdout)
        assert [found["name"] for found in answer["volumes"]] == [name]
        assert answer["volumes"][0]["labels"] == {"team": "vision"}
        assert dstui("volumes", "-f", f"label:team=vision name:={name}").stdout.count(name) == 1
    finally:
        docker_api.remove_volume(name)
    networks = json.loads(dstui("networks", "--json").stdout)["networks"]
    assert "host" in {found["name"] for found in networks}


def test_a_table_is_plain_text_when_it_is_no_terminal(dstui, container_factory, name):
    container_factory("sleep", "60", name=name)
    printed = dstui("ps", "--filter", name).stdout
    assert "\x1b" not in printed
    heading, line = printed.splitlines()
    assert heading.split()[:2] == ["NAME", "IMAGE"]
    assert name in line


def test_logs_print_both_streams_where_they_belong(dstui, container_factory, docker_api, name):
    identifier = container_factory("sh", "-c", "echo one; echo two >&2; echo three", name=name)
    docker_api.wait(identifier)
    done = dstui("logs", name)
    assert done.stdout == "one\nthree\n"
    assert done.stderr == "two\n"
    last = dstui("logs", "--tail", "1", name)
    assert len(f"{last.stdout}{last.stderr}".splitlines()) == 1
    stamped = dstui("logs", "-t", name).stdout.splitlines()[0]
    datetime.fromisoformat(stamped.split()[0].replace("Z", "+00:00")[:26])


def test_logs_follow_until_the_container_ends(dstui, container_factory, name):
    container_factory("sh", "-c", "echo first; sleep 0.5; echo last", name=name)
    assert dstui("logs", "-f", name).stdout == "first\nlast\n"


def test_logs_end_quietly_when_the_reader_goes_away(engine_host, container_factory, name):
    container_factory("sh", "-c", "while :; do echo line; done", name=name)
    command = f"{DSTUI} --host {engine_host} logs -f {name} | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.stdout, done.stderr) == ("line\n", "")


def test_logs_that_are_interrupted_end_with_130(engine_host, container_factory, name):
    container_factory("sh", "-c", "echo up; sleep 60", name=name)
    command = [DSTUI, "--host", engine_host, "logs", "-f", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, errors) == (130, b"")


def test_a_container_that_is_not_there_is_one_line(dstui):
    done = dstui("logs", "no-such-container", code=1)
    (line,) = done.stderr.splitlines()
    assert "no-such-container" in line


def test_exec_wants_a_terminal(dstui, container_factory, name):
    container_factory("sleep", "60", name=name)
    done = dstui("exec", name, "true", code=2, stdin=subprocess.DEVNULL)
    assert "needs a terminal" in done.stderr


def test_exec_is_refused_when_read_only(engine_host, container_factory, name):
    container_factory("sleep", "60", name=name)
    code, output = _in_terminal([str(DSTUI), "-H", engine_host, "--read-only", "exec", name])
    assert code == 5
    assert "read-only" in output


def test_exec_runs_a_command_and_ends_with_its_code(engine_host, container_factory, name):
    container_factory("sleep", "60", name=name)
    command = ["sh", "-c", "echo uid=$(id -u) in $(pwd); exit 7"]
    options = ["-u", "1234", "-w", "/tmp"]
    code, output = _in_terminal([str(DSTUI), "-H", engine_host, "exec", *options, name, *command])
    assert "uid=1234 in /tmp" in output
    assert code == 7


def test_names_complete_from_the_engine(engine_host, container_factory, name):
    container_factory("sleep", "60", name=name)
    environ = {
        **os.environ,
        "_DSTUI_COMPLETE": "bash_complete",
        "COMP_WORDS": f"dstui --host {engine_host} logs {name[:12]}",
        "COMP_CWORD": "4",
    }
    done = subprocess.run([DSTUI], env=environ, capture_output=True, text=True, timeout=PATIENCE_S)
    assert f"plain,{name}" in done.stdout.splitlines()


def test_the_version_names_the_engine(dstui, engine_host):
    lines = dstui("--version").stdout.splitlines()
    assert engine_host in lines[1]
    assert "API 1." in lines[1]


def _in_terminal(command: list[str]) -> tuple[int, str]:
    """Run a command on a terminal of its own; its exit code and all that it wrote there."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    output = b""
    try:
        while data := os.read(terminal, 65536):
            output += data
    except OSError:
        pass  # a terminal whose program has ended cannot be read any more
    finally:
        os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), output.decode(errors="replace")
