"""A morning's work on a real engine, on a real terminal."""

import signal
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.conftest import RUN_ID, TEST_LABEL, ContainerFactory
from tests.terminal.conftest import TerminalFactory
from tests.terminal.pty_app import Terminal
from tests.terminal.steps import assert_restored, escape, open_on, pick, quit_clean, row, toast
from tests.waiting import wait_until

SIZES = ((24, 80), (48, 160))
NEVER_STOPS = ("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done")
SAVES_A_CHECKPOINT = ("sh", "-c", "trap 'echo checkpoint saved' USR1; while :; do sleep 0.1; done")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other container has."""
    return f"{RUN_ID[:5]}-job"


@pytest.fixture(params=SIZES, ids=["80x24", "160x48"])
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    rows, columns = request.param
    return {"rows": rows, "columns": columns}


@pytest.fixture
def app(terminal: TerminalFactory, engine_host: str) -> Terminal:
    return open_on(terminal, engine_host)


@pytest.fixture(autouse=True)
def nothing_is_left(docker_api: docker.APIClient) -> Iterator[None]:
    """Neither containers of the tests nor any that dstui made."""
    before = labelled(docker_api)
    yield
    wait_until(lambda: labelled(docker_api) <= before, "what was made to be gone")


def labelled(api: docker.APIClient) -> set[str]:
    """The containers of this run, and those that dstui makes for a while."""
    labels = (f"{TEST_LABEL}={RUN_ID}", "dstui.debug", "dstui.throwaway")
    found = (api.containers(all=True, filters={"label": label}) for label in labels)
    return {container["Id"] for some in found for container in some}


def state_of(api: docker.APIClient, identifier: str) -> str:
    return api.inspect_container(identifier)["State"]["Status"]


def processes(api: docker.APIClient, identifier: str) -> list[str]:
    """The command lines that run in a container."""
    return [found[-1] for found in api.top(identifier, "-o pid,args")["Processes"]]


def debug_containers(api: docker.APIClient, target: str) -> list[object]:
    return api.containers(all=True, filters={"label": f"dstui.debug={target}"})


def in_shell(app: Terminal, name: str) -> None:
    app.wait_for(f"dstui: shell in {name}")
    app.send("echo $((6*7))", "enter")
    app.wait_for("\n42")


def test_a_container_made_elsewhere_appears_changes_and_goes(
    terminal: TerminalFactory,
    engine_host: str,
    docker_api: docker.APIClient,
    container_factory: ContainerFactory,
    name: str,
    size: dict[str, int],
) -> None:
    app = open_on(terminal, engine_host, **size)
    assert not row(app, name)
    container = container_factory(name=name, start=False)
    app.wait_for(lambda app: "created" in row(app, name))
    docker_api.start(container)
    app.wait_for(lambda app: "up " in row(app, name) and "%" in row(app, name))
    docker_api.pause(container)
    app.wait_for(lambda app: "paused" in row(app, name))
    docker_api.unpause(container)
    app.wait_for(lambda app: "up " in row(app, name))
    docker_api.kill(container, "SIGKILL")
    app.wait_for(lambda app: "137" in row(app, name))
    docker_api.rename(container, f"{name}-2")
    app.wait_for(lambda app: row(app, f"{name}-2"))
    docker_api.remove_container(container)
    app.wait_gone(name)
    quit_clean(app)


@pytest.mark.parametrize("writes", [3, 1], ids=["typed fast", "pasted"])
def test_a_filter_is_written(
    app: Terminal, container_factory: ContainerFactory, name: str, writes: int
) -> None:
    container_factory(name=f"{name}-a")
    container_factory(name=f"{name}-b")
    app.wait_for(lambda app: row(app, f"{name}-a") and row(app, f"{name}-b"))
    text = f"/{name}-b"
    if writes == 1:
        app.send(text)
    else:
        app.send(*text)
    app.wait_for(f"{text}  1 of ")
    app.wait_for(lambda app: row(app, f"{name}-b") and not row(app, f"{name}-a"))
    app.send("enter", f"/{name}-a")  # takes the place of what was there
    app.wait_for(f"/{name}-a  1 of ")
    app.wait_for(lambda app: row(app, f"{name}-a") and not row(app, f"{name}-b"))
    app.send("enter")
    escape(app, f"/{name}-a")
    app.wait_for(lambda app: row(app, f"{name}-a") and row(app, f"{name}-b"))
    quit_clean(app)


def test_keys_of_one_packet_do_what_they_do_one_by_one(
    app: Terminal, container_factory: ContainerFactory, name: str
) -> None:
    container_factory("sh", "-c", "seq 100 140; exec sleep 1000", name=name)
    app.wait_for(lambda app: row(app, name))
    app.send(f"/{name}\rl/spadDKr12\r")  # filter, logs, search
    app.wait_for("0/0 spadDKr12")
    assert f"/{name}  1 of " in app.text
    app.send("/12\rn1")  # search, next hit, go to the containers
    app.wait_for(lambda app: "up " in row(app, name))
    quit_clean(app)


def test_a_log_is_followed_and_searched(
    app: Terminal, docker_api: docker.APIClient, container_factory: ContainerFactory, name: str
) -> None:
    script = "for i in $(seq 200); do echo epoch $i loss; done; cat; exec sleep 1000"
    container = container_factory("sh", "-c", script, name=name, stdin_open=True)
    pick(app, name)
    app.send("l")
    app.wait_for("epoch 200 loss")
    app.wait_for("following")
    stdin = docker_api.attach_socket(container, params={"stdin": 1, "stream": 1})
    stdin._sock.sendall(b"the last words\n")
    app.wait_for("the last words")
    stdin.close()
    app.send("/epoch 17")  # 17 and 170 … 179
    app.wait_for("/11 epoch 17")
    app.send("enter")
    app.wait_for("11/11 epoch 17")
    app.wait_for("epoch 179 loss")
    app.send("n")
    app.wait_for("1/11 epoch 17")
    app.send("N", "N")
    app.wait_for("10/11 epoch 17")
    app.wait_for("epoch 178 loss")
    app.send("F")
    app.wait_for("only epoch 17: 11 lines of 201")
    escape(app, "only epoch 17")
    app.send("f")
    app.wait_for("following")
    app.wait_for("the last words")
    escape(app, "following")
    quit_clean(app)


def test_a_person_goes_into_a_shell_and_out(
    terminal: TerminalFactory,
    engine_host: str,
    docker_api: docker.APIClient,
    container_factory: ContainerFactory,
    name: str,
    size: dict[str, int],
) -> None:
    container = container_factory(name=name)
    app = open_on(terminal, engine_host, **size)
    pick(app, name)
    before = processes(docker_api, container)
    app.send("e")
    in_shell(app, name)
    app.send("stty size", "enter")
    app.wait_for(f"\n{size['rows']} {size['columns']}")
    app.resize(30, 100)
    app.send("stty size", "enter")
    app.wait_for("\n30 100")
    app.send("sleep 1000; echo $((40+3))", "enter")
    wait_until(lambda: len(processes(docker_api, container)) == len(before) + 2)
    app.send("ctrl+c")
    wait_until(lambda: len(processes(docker_api, container)) == len(before) + 1)
    assert "\n43" not in app.text
    app.send("true; exit", "enter")
    app.wait_for(lambda app: row(app, name))
    assert processes(docker_api, container) == before
    app.send("e")  # keys work as before
    in_shell(app, name)
    app.send("ctrl+d")
    app.wait_for(lambda app: row(app, name))
    quit_clean(app)


def test_a_shell_ends_with_its_container(
    app: Terminal, docker_api: docker.APIClient, container_factory: ContainerFactory, name: str
) -> None:
    container = container_factory(name=name)
    pick(app, name)
    app.send("e")
    in_shell(app, name)
    docker_api.kill(container)
    app.wait_for(lambda app: "137" in row(app, name) or "Press Enter" in app.text)
    if "Press Enter" in app.text:
        app.send("enter")
        app.wait_for(lambda app: "137" in row(app, name))
    quit_clean(app)


def test_attaching_and_detaching(
    app: Terminal, docker_api: docker.APIClient, container_factory: ContainerFactory, name: str
) -> None:
    container = container_factory("sh", name=name, tty=True, stdin_open=True)
    pick(app, name)
    app.send("a")
    app.wait_for("ctrl-] ctrl-] to detach")
    app.send("echo $((6*7))", "enter")
    app.wait_for("\n42")
    app.send("\x1d", "\x1d")
    app.wait_for(lambda app: "up " in row(app, name))
    assert state_of(docker_api, container) == "running"
    quit_clean(app)


def test_a_debug_shell_helps_where_there_is_no_shell(
    app: Terminal,
    docker_api: docker.APIClient,
    container_factory: ContainerFactory,
    busybox_image: str,
    shellless_image: str,
    name: str,
) -> None:
    container = container_factory("1000", image=shellless_image, name=name)
    pick(app, name)
    app.send("e")
    said = f"{shellless_image} has no shell"
    app.wait_for(lambda app: said in toast(app) and "press x" in toast(app))
    app.send("x")
    app.wait_for(lambda app: "Debug shells run in" in app.text and busybox_image in app.text)
    app.send("enter")
    app.wait_for(f"beside {name}")
    app.send("ls $TARGET_ROOT; ps", "enter")
    app.wait_for("/sleep 1000")
    assert debug_containers(docker_api, container)
    app.send("exit", "enter")
    app.wait_for(lambda app: "up " in row(app, name))
    wait_until(lambda: not debug_containers(docker_api, container), "the debug container to go")
    app.send("x")
    app.wait_for("/ #")  # the choice is remembered
    app.send("exit", "enter")
    app.wait_for(lambda app: "up " in row(app, name))
    quit_clean(app)


def test_stopping_gives_grace_and_starting_undoes_it(
    terminal: TerminalFactory,
    engine_host: str,
    docker_api: docker.APIClient,
    container_factory: ContainerFactory,
    tmp_path: Path,
    name: str,
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("stop_grace_s = 2\n")
    container = container_factory(*NEVER_STOPS, name=name)
    app = open_on(terminal, engine_host, "--config", str(config))
    pick(app, name)
    app.send("s")
    app.wait_for(f"stop {name} (grace 2 s)")
    app.wait_for(f"docker stop --time 2 {name}")
    assert state_of(docker_api, container) == "running"
    app.wait_for(f"✓ stopped {name} in 2.")
    app.wait_for(lambda app: "137" in row(app, name))
    app.send("s")
    app.wait_for(f"✓ started {name}")
    app.wait_for(lambda app: "up " in row(app, name))
    quit_clean(app)


def test_restarting_pausing_and_signals(
    app: Terminal, docker_api: docker.APIClient, container_factory: ContainerFactory, name: str
) -> None:
    container = container_factory(*SAVES_A_CHECKPOINT, name=name)
    pick(app, name)
    started_at = docker_api.inspect_container(container)["State"]["StartedAt"]
    app.send("p")
    app.wait_for(lambda app: "paused" in row(app, name))
    app.send("p")
    app.wait_for(lambda app: "up " in row(app, name))
    app.send("K")
    app.wait_for(f"Signal to {name}")
    app.send("j", "j", "j", "enter")
    app.wait_for(f"Kill {name} with SIGUSR1?")
    app.send("y")
    wait_until(lambda: b"checkpoint saved" in docker_api.logs(container), "the signal")
    app.wait_for(f"✓ killed {name}")
    assert "up " in row(app, name)
    app.send("r")
    app.wait_for(f"✓ restarted {name}")
    assert docker_api.inspect_container(container)["State"]["StartedAt"] != started_at
    quit_clean(app)


def test_renaming(
    app: Terminal, docker_api: docker.APIClient, container_factory: ContainerFactory, name: str
) -> None:
    container = container_factory(name=name)
    pick(app, name)
    app.send("R")
    app.wait_for(f"Rename {name}")
    app.send(f"{name}!")
    app.wait_for("Letters, digits")
    app.send("enter", "backspace", "2", "enter")
    app.wait_for(f"✓ renamed {name}")
    app.wait_for(lambda app: row(app, f"{name}2"))
    assert docker_api.inspect_container(container)["Name"] == f"/{name}2"
    quit_clean(app)


def test_nothing_is_removed_before_a_deliberate_yes(
    app: Terminal,
    docker_api: docker.APIClient,
    container_factory: ContainerFactory,
    name: str,
) -> None:
    container = container_factory("sh", "-c", "head -c 100000 /dev/zero >/left", name=name)
    docker_api.wait(container)
    pick(app, name)
    for no in ("n", "enter", "esc"):
        app.send("d")
        app.wait_for(f"Remove {name}?")
        app.wait_for(f"docker rm {name}")
        app.wait_for("100kB that it has written outside its volumes")
        app.send(no)
        app.wait_gone(f"Remove {name}?")
    assert state_of(docker_api, container) == "exited"
    app.send("d")
    app.wait_for(f"Remove {name}?")
    app.send("y")
    app.wait_for(f"✓ removed {name}")
    app.wait_for("0 of ")
    with pytest.raises(docker.errors.NotFound):
        docker_api.inspect_container(container)
    quit_clean(app)


def test_what_runs_is_removed_by_force_alone(
    app: Terminal, docker_api: docker.APIClient, container_factory: ContainerFactory, name: str
) -> None:
    container = container_factory(name=name)
    pick(app, name)
    app.send("d")
    app.wait_for(lambda app: f"{name} runs: s stops it, D removes it" in toast(app))
    app.send("D")
    app.wait_for(f"Force remove {name}?")
    app.wait_for("stopped gracefully first")
    assert state_of(docker_api, container) == "running"
    app.send("y")
    app.wait_for(f"✓ removed {name}")
    quit_clean(app)


def test_marked_ones_are_stopped_together(
    app: Terminal, docker_api: docker.APIClient, container_factory: ContainerFactory, name: str
) -> None:
    ids = [container_factory(name=f"{name}-{letter}") for letter in "abc"]
    app.send(f"/{name}-")
    app.wait_for("3 of ")
    app.send("enter", "g", " ", " ", "s")  # the first two
    app.wait_for("Stop 2 containers?")
    assert f"{name}-a" in app.text and f"{name}-b" in app.text
    app.send("n")
    app.wait_gone("Stop 2 containers?")
    assert [state_of(docker_api, i) for i in ids] == ["running"] * 3
    app.send("s")
    app.wait_for("Stop 2 containers?")
    app.send("y")
    app.wait_for(f"✓ stopped {name}-a")
    app.wait_for(f"✓ stopped {name}-b")
    assert [state_of(docker_api, i) for i in ids] == ["exited", "exited", "running"]
    quit_clean(app)


def test_a_container_that_went_while_the_question_stood_is_a_line(
    app: Terminal, docker_api: docker.APIClient, container_factory: ContainerFactory, name: str
) -> None:
    container = container_factory("true", name=name)
    docker_api.wait(container)
    pick(app, name)
    app.send("d")
    app.wait_for(f"Remove {name}?")
    docker_api.remove_container(container)
    app.send("y")
    app.wait_for(lambda app: "it is gone" in app.text or "removed" in app.text)
    quit_clean(app)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_in_a_shell_leaves_no_process(
    app: Terminal,
    docker_api: docker.APIClient,
    container_factory: ContainerFactory,
    name: str,
    number: signal.Signals,
) -> None:
    container = container_factory(name=name)
    before = processes(docker_api, container)
    pick(app, name)
    app.send("e")
    in_shell(app, name)
    app.signal(number)
    app.wait_exit()
    assert_restored(app)
    wait_until(lambda: processes(docker_api, container) == before, "the shell to end")
