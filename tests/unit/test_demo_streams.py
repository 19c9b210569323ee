"""Events, logs, shells and attachments of the demo engine, through the SDK."""

import contextlib
import itertools
import queue
import socket
import threading
import time

import docker
import pytest

from dstui.demo.world import World
from tests.demo_fixtures import *  # noqa: F403
from tests.waiting import PATIENCE_S, wait_until


def _named(api: docker.APIClient, name: str) -> str:
    return api.containers(all=True, filters={"name": f"^/{name}$"})[0]["Id"]


class Listener:
    """Collects the events of a container on a thread."""

    def __init__(self, host: str, **filters) -> None:
        self.api = docker.APIClient(base_url=host, version="auto")
        self.events: queue.Queue = queue.Queue()
        stream = self.api.events(decode=True, filters=filters)
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream) -> None:
        for event in stream:
            self.events.put(event)

    def actions(self, count: int) -> list[str]:
        return [self.events.get(timeout=PATIENCE_S)["Action"] for _ in range(count)]


# Events


def test_events_tell_what_actions_caused_in_the_order_of_a_real_engine(demo_server, demo_api):
    container = _named(demo_api, "mlplatform-db-1")
    listener = Listener(demo_server.host, type="container", container=container)
    demo_api.stop(container)
    demo_api.start(container)
    demo_api.rename(container, "database")
    demo_api.remove_container(container, force=True)
    assert listener.actions(8) == [
        "kill",
        "die",
        "stop",
        "start",
        "rename",
        "kill",
        "die",
        "destroy",
    ]


def test_events_have_the_fields_of_a_real_engine(demo_server, demo_api):
    container = _named(demo_api, "mlplatform-db-1")
    since = time.time()
    demo_api.kill(container)
    events = list(demo_api.events(since=since, until=time.time() + 0.01, decode=True))
    died = next(event for event in events if event["Action"] == "die")
    assert died["status"] == "die"
    assert died["id"] == died["Actor"]["ID"] == container
    assert died["from"] == died["Actor"]["Attributes"]["image"] == "postgres:17"
    assert died["Actor"]["Attributes"]["exitCode"] == "137"
    assert died["Actor"]["Attributes"]["com.docker.compose.service"] == "db"
    assert died["timeNano"] // 10**9 == died["time"]
    left = next(event for event in events if event["Type"] == "network")
    assert (left["Action"], left["Actor"]["Attributes"]["container"]) == ("disconnect", container)


def test_events_end_when_the_server_stops(serve_demo):
    server = serve_demo()
    api = docker.APIClient(base_url=server.host, version="auto", timeout=PATIENCE_S)
    stream = api.events()
    ended = threading.Event()

    def read() -> None:
        with contextlib.suppress(Exception):  # cut in the middle, as when an engine dies
            list(stream)
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    server.stop()
    assert ended.wait(PATIENCE_S)


# Logs


def test_logs_are_multiplexed_with_times_and_a_tail(demo_api):
    container = _named(demo_api, "mlplatform-db-1")
    answer = demo_api._get(
        demo_api._url("/containers/{0}/logs", container),
        params={"stdout": 1, "stderr": 1, "tail": 3, "timestamps": 1},
    )
    data, texts = answer.content, []
    while data:
        size = int.from_bytes(data[4:8], "big")
        assert data[0] in (1, 2)
        texts.append(data[8 : 8 + size].decode())
        data = data[8 + size :]
    assert len(texts) == 3
    assert all(text[:4].isdigit() and text.endswith("\n") for text in texts)
    since = time.time() - 60
    recent = demo_api.logs(container, since=since, timestamps=True).decode().splitlines()
    assert len(recent) < 60
    assert demo_api.logs(container, stdout=True, stderr=False) == b""


def test_logs_of_a_terminal_come_raw(demo_api):
    terminals = [
        found["Id"]
        for found in demo_api.containers()
        if demo_api.inspect_container(found["Id"])["Config"]["Tty"]
    ]
    raw = demo_api.logs(terminals[0], tail=2)
    assert raw.endswith(b"\r\n")


def test_followed_logs_go_on_until_the_container_ends(demo_server, demo_api):
    container = _named(demo_api, "mlplatform-traefik-1")
    demo_server.world.containers[container].log_every_s = 0.05
    lines = demo_api.logs(container, stream=True, follow=True, tail=1)
    assert next(lines)
    assert next(lines)
    docker.APIClient(base_url=demo_server.host, version="auto").kill(container)
    assert all(isinstance(line, bytes) for line in lines)


def test_failed_and_finished_jobs_say_why(demo_api):
    failed = demo_api.containers(all=True, filters={"exited": 1})
    texts = b"".join(demo_api.logs(found["Id"], tail=10) for found in failed)
    assert b"Traceback" in texts
    assert b"OutOfMemoryError" in texts


# Shells


class Shell:
    """An interactive exec, as a person would use it."""

    def __init__(self, api: docker.APIClient, container: str, command="bash", tty=True) -> None:
        self.api = api
        self.id = api.exec_create(container, command, stdin=True, tty=tty)["Id"]
        self.socket: socket.socket = api.exec_start(self.id, tty=tty, socket=True)._sock
        self.socket.settimeout(PATIENCE_S)
        self.seen = b""

    def type(self, text: str) -> None:
        self.socket.sendall(text.encode())

    def expect(self, text: str) -> str:
        while text.encode() not in self.seen:
            data = self.socket.recv(4096)
            assert data, f"ended after {self.seen!r}"
            self.seen += data
        before, _, self.seen = self.seen.partition(text.encode())
        return before.decode()

    def until_end(self) -> bytes:
        while data := self.socket.recv(4096):
            self.seen += data
        return self.seen

    def exit_code(self) -> int:
        wait_until(lambda: not self.api.exec_inspect(self.id)["Running"])
        return self.api.exec_inspect(self.id)["ExitCode"]


@pytest.fixture
def shell(demo_api) -> Shell:
    return Shell(demo_api, _named(demo_api, "mlplatform-db-1"))


def test_a_shell_has_a_prompt_and_echoes(shell):
    shell.expect("# ")
    shell.type("echo hell\x7flo\r")
    assert shell.expect("hell\b \blo\r\n")
    shell.expect("hello\r\n")
    shell.type("exit 3\r")
    assert b"exit 3" in shell.until_end()
    assert shell.exit_code() == 3


def test_a_shell_knows_a_few_commands_and_says_so(shell):
    shell.expect("# ")
    for line, answer in (
        ("cd /etc && pwd", "/etc\r\n"),
        ("cat os-release", "Ubuntu"),
        ("ps", "postgres: walwriter"),
        ("env", "POSTGRES_PASSWORD="),
        ("ls nowhere || echo no", "no\r\n"),
        ("nvidia-smi", "no GPU was granted"),
        ("vim", "not found"),
        ('sh -c "exit 4"; echo $?', "4\r\n"),
    ):
        shell.type(line + "\r")
        shell.expect(answer)
        shell.expect("# ")


def test_ctrl_c_clears_the_line_and_ctrl_d_leaves(shell):
    shell.expect("# ")
    shell.type("rm -rf\x03")
    shell.expect("^C\r\n")
    shell.type("\x04")
    shell.until_end()
    assert shell.exit_code() == 130


def test_the_size_of_a_terminal_is_followed(shell):
    shell.expect("# ")
    shell.api.exec_resize(shell.id, height=40, width=132)
    shell.type("stty size\r")
    shell.expect("40 132\r\n")


def test_a_shell_ends_with_its_container(shell, demo_server):
    shell.expect("# ")
    other = docker.APIClient(base_url=demo_server.host, version="auto")
    other.kill(_named(other, "mlplatform-db-1"))
    shell.until_end()
    assert shell.exit_code() == 137


def test_what_was_typed_before_the_answer_is_not_lost(demo_api):
    container = _named(demo_api, "mlplatform-db-1")
    shell = Shell(demo_api, container)
    shell.type("echo early\r")
    shell.expect("early\r\n")
    shell.expect("early\r\n")


def test_commands_without_a_terminal_are_framed(demo_api):
    container = _named(demo_api, "mlplatform-db-1")
    made = demo_api.exec_create(container, ["sh", "-c", "echo out; ls /nowhere; echo last"])["Id"]
    out, err = demo_api.exec_start(made, demux=True)
    assert out == b"out\nlast\n"
    assert err == b"ls: /nowhere: No such file or directory\n"
    assert demo_api.exec_inspect(made)["ExitCode"] == 0


def test_a_missing_program_is_told_as_the_runtime_tells_it(demo_api):
    for container, command in (
        (_named(demo_api, "mlplatform-db-1"), "zsh"),
        (demo_api.containers(filters={"name": "feature-server"})[0]["Id"], "sh"),
    ):
        made = demo_api.exec_create(container, command)["Id"]
        assert b"executable file not found in $PATH" in demo_api.exec_start(made)
        assert demo_api.exec_inspect(made)["ExitCode"] == 127


def test_a_created_shell_can_be_attached_to(demo_api):
    created = demo_api.create_container(
        "busybox:1.37",
        ["sh"],
        tty=True,
        stdin_open=True,
        host_config=demo_api.create_host_config(auto_remove=True, pid_mode="host"),
    )["Id"]
    attached = demo_api.attach_socket(
        created, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    )._sock
    attached.settimeout(PATIENCE_S)
    demo_api.start(created)
    attached.sendall(b"exit\r")
    while attached.recv(4096):
        pass
    wait_until(lambda: not demo_api.containers(all=True, filters={"id": created}))


def test_a_created_container_sees_the_gpus_it_was_granted(demo_api):
    created = demo_api.create_container(
        "busybox:1.37",
        ["sleep", "100"],
        host_config=demo_api.create_host_config(
            device_requests=[docker.types.DeviceRequest(device_ids=["1", "2"])]
        ),
    )["Id"]
    demo_api.start(created)
    made = demo_api.exec_create(created, ["nvidia-smi", "-L"])["Id"]
    assert demo_api.exec_start(made).count(b"NVIDIA H100") == 2


def test_attaching_to_a_job_shows_its_output(demo_api):
    container = _named(demo_api, "mlplatform-traefik-1")
    lines = demo_api.attach(container, stream=True, logs=True)
    assert len(list(itertools.islice(lines, 3))) == 3


def test_a_still_clock_writes_nothing(serve_demo):
    clock = Clock()  # noqa: F405
    server = serve_demo(World(12, 1, clock))
    api = docker.APIClient(base_url=server.host, version="auto")
    container = _named(api, "mlplatform-db-1")
    before = api.logs(container, tail=5)
    assert api.logs(container, tail=5) == before
    clock.now += 100
    assert api.logs(container, tail=5) != before
