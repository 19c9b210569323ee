"""Shells, attached and debug containers on a real engine, on a real terminal."""

import json
import signal
import sys
from collections.abc import Callable, Iterator

import docker
import pytest

from dstui.domain.engine import EngineError, NoShellError, ShellRequest
from dstui.engine.attach import DetachKeys
from dstui.engine.client import Engine
from dstui.engine.debug import DEBUG_LABEL
from dstui.engine.exec import attach, debug_shell, open_shell
from dstui.tty import RemoteTerminal
from tests.conftest import ContainerFactory
from tests.terminal.pty_app import Terminal
from tests.waiting import wait_until

SHELLS = ("bash", "zsh", "ash", "sh")

SCRIPT = """
import json, sys
from dstui.domain.engine import Endpoint, ShellRequest
from dstui.engine.connect import connect
from dstui.engine import exec as terminals
from dstui.tty import pump

host, kind, container, image, options = sys.argv[1:]
engine = connect((Endpoint(host, source="test"),))
request = ShellRequest(container, rows=24, columns=80, **json.loads(options))
if kind == "shell":
    remote = terminals.open_shell(engine, request, ("bash", "zsh", "ash", "sh"))
elif kind == "debug":
    remote = terminals.debug_shell(engine, request, image)
else:
    remote = terminals.attach(engine, container, "ctrl-],ctrl-]", 24, 80)
try:
    pump(remote, 0, 1)
    print("pumped, exit code", remote.exit_code())
finally:
    remote.close()
"""

OnTerminal = Callable[..., Terminal]


@pytest.fixture
def on_terminal(engine_host: str, busybox_image: str) -> Iterator[OnTerminal]:
    """Pumps a remote program on a terminal: `on_terminal("shell", container_id, **options)`."""
    opened: list[Terminal] = []

    def run(kind: str, container: str, **options: object) -> Terminal:
        words = [engine_host, kind, container, busybox_image, json.dumps(options)]
        opened.append(Terminal([sys.executable, "-c", SCRIPT, *words]))
        return opened[-1]

    yield run
    for terminal in opened:
        terminal.close()


def processes(api: docker.APIClient, container: str) -> list[str]:
    return [row[-1] for row in api.top(container, "-eo pid,args")["Processes"]]


def wait_only(api: docker.APIClient, container: str, *programs: str) -> None:
    def others() -> bool:
        running = [line for line in processes(api, container) if "sleep 1000" not in line]
        return [line for line in running if "docker-init" not in line] == list(programs)

    wait_until(others, what="the container to be as it was")


def ended(terminal: Terminal, code: int | None = 0) -> None:
    terminal.wait_for(f"pumped, exit code {code}")
    assert terminal.wait_exit() == 0
    assert terminal.modes == terminal.modes_before


def output_of(remote: RemoteTerminal) -> str:
    output = b""
    while data := remote.receive():
        output += data
    return output.decode()


def test_a_shell_session(
    on_terminal: OnTerminal, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    container = container_factory()
    terminal = on_terminal("shell", container)
    terminal.wait_for("/ #")
    terminal.send("stty size; echo term=$TERM $COLORTERM", "enter")
    terminal.wait_for("24 80")
    terminal.wait_for("term=xterm-256color truecolor")
    terminal.resize(30, 101)
    terminal.send("clear; stty size", "enter")
    terminal.wait_for("30 101")
    terminal.send("sleep 999", "enter")
    wait_until(lambda: "sleep 999" in processes(docker_api, container))
    terminal.send("ctrl+c")
    wait_until(lambda: "sleep 999" not in processes(docker_api, container))
    terminal.send("exit 7", "enter")
    ended(terminal, 7)
    wait_only(docker_api, container)


def test_a_container_killed_under_its_shell(
    on_terminal: OnTerminal, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    container = container_factory()
    terminal = on_terminal("shell", container)
    terminal.wait_for("/ #")
    docker_api.kill(container)
    ended(terminal, 137)


def test_dstui_ended_by_a_signal_leaves_nothing_running(
    on_terminal: OnTerminal, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    container = container_factory()
    terminal = on_terminal("shell", container)
    terminal.wait_for("/ #")
    terminal.send("sleep 998 & sleep 999", "enter")
    wait_until(lambda: "sleep 999" in processes(docker_api, container))
    terminal.signal(signal.SIGTERM)
    assert terminal.wait_exit() == -signal.SIGTERM
    assert terminal.modes == terminal.modes_before
    wait_only(docker_api, container)


def test_closing_kills_what_ignores_a_hang_up(
    engine: Engine, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    container = container_factory()
    command = ("sh", "-c", "trap '' HUP; echo ready; while :; do sleep 0.1; done")
    remote = open_shell(engine, ShellRequest(container, command), SHELLS)
    assert b"ready" in remote.receive()
    remote.close()
    wait_only(docker_api, container)


def test_user_directory_and_command(engine: Engine, container_factory: ContainerFactory) -> None:
    container = container_factory()
    command = ("sh", "-c", "id -u; pwd; exit 3")
    request = ShellRequest(container, command, user="12345", working_dir="/etc")
    remote = open_shell(engine, request, SHELLS)
    assert output_of(remote).split() == ["12345", "/etc"]
    assert remote.exit_code() == 3
    remote.close()


@pytest.mark.parametrize("user", ["nobody", "4242", "4242:4242"])
def test_users_without_a_login_shell(
    engine: Engine, container_factory: ContainerFactory, user: str
) -> None:
    remote = open_shell(engine, ShellRequest(container_factory(), user=user), SHELLS)
    remote.send(b"echo $((6 * 7)); exit\n")
    assert "42" in output_of(remote)
    remote.close()


def test_a_program_that_is_not_there(engine: Engine, container_factory: ContainerFactory) -> None:
    with pytest.raises(EngineError, match="nosuch") as failure:
        open_shell(engine, ShellRequest(container_factory(), ("nosuch",)), SHELLS)
    assert not isinstance(failure.value, NoShellError)


def test_a_container_that_does_not_run(engine: Engine, container_factory: ContainerFactory) -> None:
    container = container_factory(start=False)
    with pytest.raises(EngineError, match="not running"):
        open_shell(engine, ShellRequest(container), SHELLS)
    with pytest.raises(EngineError, match="not running"):
        attach(engine, container, "ctrl-]", 24, 80)
    with pytest.raises(EngineError, match="not running"):
        debug_shell(engine, ShellRequest(container), "busybox")


def test_a_large_paste_into_a_program_that_echoes(
    engine: Engine, container_factory: ContainerFactory
) -> None:
    remote = open_shell(engine, ShellRequest(container_factory(), ("cat",)), SHELLS)
    line = b"x" * 99 + b"\n"
    remote.send(line * 10_000)
    remote.send(b"\x04")
    assert output_of(remote).count("x" * 99) >= 10_000
    remote.close()


def test_an_image_without_a_shell_says_so(
    engine: Engine, container_factory: ContainerFactory, shellless_image: str
) -> None:
    container = container_factory("1000", image=shellless_image)
    with pytest.raises(NoShellError, match=f"{shellless_image} has no shell: press x"):
        open_shell(engine, ShellRequest(container), SHELLS)


def debug_containers(api: docker.APIClient, target: str) -> list[str]:
    found = api.containers(all=True, filters={"label": f"{DEBUG_LABEL}={target}"})
    return [container["Id"] for container in found]


def test_a_debug_shell_beside_it(
    on_terminal: OnTerminal,
    container_factory: ContainerFactory,
    docker_api: docker.APIClient,
    shellless_image: str,
) -> None:
    container = container_factory("1000", image=shellless_image)
    terminal = on_terminal("debug", container)
    terminal.wait_for("/ #")
    terminal.send("ls -d /proc/1/root/sleep; ps | grep -c '[s]leep 1000'", "enter")
    terminal.wait_for("/proc/1/root/sleep")
    terminal.send("ls $TARGET_ROOT/sleep; stty size", "enter")
    terminal.wait_for("24 80")
    assert len(debug_containers(docker_api, container)) == 1
    terminal.send("exit", "enter")
    terminal.wait_for("pumped")
    terminal.wait_exit()
    wait_until(lambda: not debug_containers(docker_api, container))


def test_a_debug_shell_ended_by_a_signal_is_removed(
    on_terminal: OnTerminal, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    container = container_factory()
    terminal = on_terminal("debug", container)
    terminal.wait_for("/ #")
    terminal.signal(signal.SIGHUP)
    terminal.wait_exit()
    assert not debug_containers(docker_api, container)


def test_a_debug_image_that_will_not_do(
    engine: Engine,
    container_factory: ContainerFactory,
    docker_api: docker.APIClient,
    busybox_image: str,
    shellless_image: str,
) -> None:
    container = container_factory()
    with pytest.raises(EngineError, match=r"no image nosuch:1: pull it, or choose another"):
        debug_shell(engine, ShellRequest(container), "nosuch:1")
    with pytest.raises(EngineError, match=f"{shellless_image} has no shell: choose another"):
        debug_shell(engine, ShellRequest(container), shellless_image)
    with pytest.raises(EngineError, match="nosuch"):
        debug_shell(engine, ShellRequest(container, ("nosuch",)), busybox_image)
    assert not debug_containers(docker_api, container)


def test_attaching_to_a_terminal_and_detaching(
    on_terminal: OnTerminal, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    container = container_factory("sh", tty=True, stdin_open=True)
    terminal = on_terminal("attach", container)
    terminal.send("stty size", "enter")
    terminal.wait_for("24 80")
    terminal.send("\x1d", "\x1d")
    ended(terminal, None)
    assert docker_api.inspect_container(container)["State"]["Running"]


def test_attaching_to_the_end(on_terminal: OnTerminal, container_factory: ContainerFactory) -> None:
    container = container_factory("sh", tty=True, stdin_open=True)
    terminal = on_terminal("attach", container)
    terminal.send("echo here; exit 5", "enter")
    ended(terminal, 5)


def test_attaching_without_a_terminal(
    on_terminal: OnTerminal, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    script = 'while read -r line; do echo "<$line>"; echo "[$line]" >&2; done; sleep 1000'
    container = container_factory("sh", "-c", script, stdin_open=True)
    terminal = on_terminal("attach", container)
    wait_until(lambda: terminal.modes != terminal.modes_before, what="the raw mode")
    terminal.send("word", "enter")
    for answer in ("<word>", "[word]"):  # by two pipes, so in any order
        terminal.wait_for(answer)
    terminal.send("ctrl+c")
    ended(terminal, None)
    assert docker_api.inspect_container(container)["State"]["Running"]


@pytest.mark.parametrize("keys", ["ctrl-", "ctrl-1", "é", "ab", ""])
def test_detach_keys_that_cannot_be_typed(keys: str) -> None:
    with pytest.raises(EngineError, match="write them like"):
        DetachKeys(keys)


def test_detach_keys_are_found_wherever_they_are_cut() -> None:
    keys = DetachKeys("ctrl-],a")
    assert keys.typed(b"x\x1db") == (b"x\x1db", False)
    assert keys.typed(b"y\x1d") == (b"y", False)
    assert keys.typed(b"\x1da") == (b"\x1d", True)
