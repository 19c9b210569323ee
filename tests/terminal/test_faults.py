"""What goes wrong: engines that are away, hang, lie or die; and signals, sizes, terminals."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dstui.demo.faults import Faults
from dstui.demo.model import Container
from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World
from tests.demo_fixtures import ServeDemo, serve_demo
from tests.terminal.conftest import TerminalFactory
from tests.terminal.pty_app import Terminal
from tests.terminal.steps import (
    DSTUI,
    assert_restored,
    escape,
    follow_a_flood,
    is_listed,
    open_on,
    pick,
    quit_clean,
    row,
    toast,
)
from tests.waiting import wait_until

__all__ = ["serve_demo"]

JOB = "mara-eda"
CALM = Pace(stats_every_s=0.5)


@pytest.fixture
def lab(serve_demo: ServeDemo) -> DemoServer:
    return serve_demo(World(20), pace=CALM)


@pytest.fixture
def private_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a demo engine of the program's own puts its socket."""
    directory = tmp_path / "t"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    return directory


def demo_engines(directory: Path) -> list[int]:
    """The processes of demo engines whose socket is in there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"dstui.demo\0" in command and os.fsencode(directory) in command:
                found.append(int(entry.name))
    return found


def wait_no_trace(directory: Path) -> None:
    wait_until(lambda: not demo_engines(directory), "the demo engine to end")
    wait_until(lambda: not list(directory.iterdir()), "its directory to go")


def job(server: DemoServer, name: str = JOB) -> Container:
    return next(c for c in server.world.containers.values() if c.name == name)


def answers_keys(app: Terminal) -> None:
    """The help opens and closes, whatever the engine does meanwhile."""
    for _ in range(3):
        app.send("?")
        app.wait_for("  Keys")
        app.send("esc")
        app.wait_gone("  Keys")


def quits(app: Terminal, status: int = 0) -> None:
    app.send("q")
    assert app.wait_exit() == status
    assert_restored(app)


# No engine


def test_without_an_engine_it_says_so_and_connects_when_asked_again(
    terminal: TerminalFactory, tmp_path: Path
) -> None:
    path = tmp_path / "docker.sock"
    app = terminal(DSTUI, "--host", f"unix://{path}")
    app.wait_for("No container engine answers")
    app.wait_for("to do")
    assert "from --host" in app.text
    before = app.raw.count(b"No container engine answers")
    app.send("r")
    app.wait_for(lambda app: app.raw.count(b"No container engine answers") > before)
    with DemoServer(World(20), path, pace=CALM):
        app.send("r")
        app.wait_for(lambda app: row(app, JOB))
        assert "DEMO" not in app.text
        quit_clean(app)


def test_without_an_engine_the_demo_can_be_opened(
    terminal: TerminalFactory, tmp_path: Path, private_tmp: Path
) -> None:
    app = terminal(DSTUI, "--host", f"unix://{tmp_path}/docker.sock")
    app.wait_for("No container engine answers")
    app.send("D")
    app.wait_for("DEMO   every container, image and GPU here is simulated")
    app.wait_for(lambda app: row(app, JOB))
    assert demo_engines(private_tmp)
    quit_clean(app)
    wait_no_trace(private_tmp)


def test_leaving_without_an_engine_has_an_exit_code(
    terminal: TerminalFactory, tmp_path: Path
) -> None:
    app = terminal(DSTUI, "--host", f"unix://{tmp_path}/docker.sock")
    app.wait_for("No container engine answers")
    quits(app, status=3)


# Engines that hang, break and lie


def test_an_engine_that_hangs_from_the_start_holds_up_no_key(
    terminal: TerminalFactory, serve_demo: ServeDemo
) -> None:
    server = serve_demo(World(20), faults=Faults(hang=True))
    app = terminal(DSTUI, "--host", server.host)
    app.wait_for("Connecting…")
    answers_keys(app)
    quits(app)


def test_an_engine_that_begins_to_hang_holds_up_no_key(
    terminal: TerminalFactory, lab: DemoServer
) -> None:
    app = open_on(terminal, lab.host)
    pick(app, JOB)
    lab.apply_faults({"hang": True})
    answers_keys(app)
    app.send("s")
    app.wait_for(f"Stop {JOB}?")
    app.send("y")
    app.wait_for(f"stop {JOB} (grace")
    app.send("i")
    app.wait_for("Inspect")
    answers_keys(app)
    escape(app, "Overview")
    quits(app)


def test_rows_of_an_engine_that_died_stay_until_it_is_back(
    terminal: TerminalFactory, tmp_path: Path
) -> None:
    path = tmp_path / "docker.sock"
    with DemoServer(World(20), path, pace=CALM) as server:
        app = open_on(terminal, server.host)
        app.wait_for(lambda app: row(app, JOB))
        bright = app.color_of(JOB)
    app.wait_for(lambda app: "The engine does not answer" in toast(app))
    app.wait_for("connection lost 2 s ago")
    assert "up " in row(app, JOB)
    assert app.color_of(JOB) != bright
    answers_keys(app)
    with DemoServer(World(20), path, pace=CALM) as server:
        app.wait_for(lambda app: "The engine answers again" in toast(app))
        app.wait_gone("connection lost")
        app.wait_for(lambda app: app.color_of(JOB) == bright)
        server.world.tell(job(server), "kill", signal="9")
        quit_clean(app)


@pytest.mark.parametrize(
    "faults",
    [
        {"storm_per_s": 2000, "strange_events": True},
        {"storm_per_s": 100, "drop_streams_after": 2000},
        {"malformed": True, "path": "/containers/[0-9a-f]+/json"},
        {"error_status": 500, "path": "/(stats|json|top|df)"},
        {"delay_s": 0.3},
        {"cut": True, "path": "json"},
    ],
    ids=lambda faults: "-".join(faults),
)
def test_a_faulty_engine_leaves_a_list_that_works(
    terminal: TerminalFactory, lab: DemoServer, faults: dict[str, object]
) -> None:
    app = open_on(terminal, lab.host)
    app.wait_for(lambda app: row(app, JOB))
    lab.apply_faults(faults)
    app.send("E", "l")
    answers_keys(app)
    app.send("1")
    app.wait_for(lambda app: row(app, JOB))
    lab.apply_faults(Faults().as_json())
    job(lab).name = "another-name"
    lab.world.tell(job(lab, "another-name"), "rename")
    app.wait_for(lambda app: row(app, "another-name"))
    quit_clean(app)


@pytest.mark.parametrize("faults", [{"malformed": True}, {"error_status": 500}, {"cut": True}])
def test_a_list_that_cannot_be_read_comes_when_it_can(
    terminal: TerminalFactory, serve_demo: ServeDemo, faults: dict[str, object]
) -> None:
    server = serve_demo(World(20), faults=Faults(path="/containers/json", **faults), pace=CALM)
    app = terminal(DSTUI, "--host", server.host)
    app.wait_for(lambda app: "Docker 27" in app.text or "not live" in app.text)
    answers_keys(app)
    assert not row(app, JOB)
    server.apply_faults(dict.fromkeys(faults, False))
    app.wait_for(lambda app: row(app, JOB))
    quit_clean(app)


def test_a_log_that_floods_holds_up_no_key(terminal: TerminalFactory, lab: DemoServer) -> None:
    app = open_on(terminal, lab.host)
    follow_a_flood(app, lab, JOB)
    answers_keys(app)
    quits(app)


# Signals


def at_the_list(app: Terminal) -> None:
    pick(app, JOB)


def in_a_dialog(app: Terminal) -> None:
    pick(app, JOB)
    app.send("D")
    app.wait_for(f"Force remove {JOB}?")


def in_a_shell(app: Terminal) -> None:
    pick(app, JOB)
    app.send("e")
    app.wait_for(f"dstui: shell in {JOB}")
    app.send("hostname", "enter")
    app.wait_for(":/home/jovyan$")


PLACES = (at_the_list, in_a_dialog, in_a_shell)


@pytest.mark.parametrize("place", PLACES)
def test_a_signal_to_end_restores_the_terminal(
    terminal: TerminalFactory, lab: DemoServer, place: Callable[[Terminal], None]
) -> None:
    app = open_on(terminal, lab.host)
    place(app)
    app.signal(signal.SIGTERM)
    app.wait_exit()
    assert_restored(app)
    assert "Traceback" not in app.text
    wait_until(lambda: not job(lab).sessions, "the shell to end")


@pytest.mark.parametrize("place", PLACES)
def test_an_interrupt_restores_the_terminal(
    terminal: TerminalFactory, lab: DemoServer, place: Callable[[Terminal], None]
) -> None:
    app = open_on(terminal, lab.host)
    place(app)
    app.signal(signal.SIGINT)
    if place is in_a_shell:  # an interrupt is for what runs in there
        app.send("exit", "enter")
        app.wait_for(lambda app: row(app, JOB))
        app.send("q")
    app.wait_exit()
    assert_restored(app)
    assert "Traceback" not in app.text


@pytest.mark.parametrize("place", PLACES)
def test_a_terminal_that_goes_away_leaves_nothing(
    terminal: TerminalFactory,
    private_tmp: Path,
    place: Callable[[Terminal], None],
) -> None:
    app = terminal(DSTUI, "--demo")
    app.wait_for(is_listed)
    place(app)
    app.hang_up()
    wait_until(lambda: not app.running, "the program to end")
    wait_no_trace(private_tmp)


def test_a_connection_that_freezes_and_breaks_leaves_nothing(
    terminal: TerminalFactory, lab: DemoServer
) -> None:
    app = open_on(terminal, lab.host)
    follow_a_flood(app, lab, JOB)
    app.stall()
    app.hang_up()
    wait_until(lambda: not app.running, "the program to end")


def test_bytes_that_are_no_keys_are_left_out(terminal: TerminalFactory, lab: DemoServer) -> None:
    app = open_on(terminal, lab.host)
    app.wait_for(lambda app: row(app, JOB))
    app.send_bytes(b"\xff\xfe\xe9\x80")
    app.wait_calm()
    answers_keys(app)
    quit_clean(app)


def test_killing_it_outright_ends_its_demo_engine(
    terminal: TerminalFactory, private_tmp: Path
) -> None:
    app = terminal(DSTUI, "--demo")
    app.wait_for(is_listed)
    assert demo_engines(private_tmp)
    app.signal(signal.SIGKILL)
    app.wait_exit()
    wait_no_trace(private_tmp)


# Terminals


@pytest.mark.parametrize(
    ("redirected", "stream"),
    [
        (">/dev/null", "standard output"),
        ("2>/dev/null", "standard error"),
        ("</dev/null", "standard input"),
    ],
)
def test_a_redirected_stream_is_refused_in_one_line(
    terminal: TerminalFactory, tmp_path: Path, redirected: str, stream: str
) -> None:
    said = tmp_path / "said"
    redirected = redirected.replace("2>/dev/null", f"2>{said}")
    app = terminal("sh", "-c", f"{DSTUI} --demo {redirected}")
    assert app.wait_exit() == 2
    text = said.read_text() if said.exists() else app.text
    assert text.strip() == f"dstui: {stream} is not a terminal; for scripts: dstui ps --json"


@pytest.mark.parametrize(
    "env",
    [
        {"TERM": "dumb"},
        {"TERM": "no-such-terminal"},
        {"TERM": "", "COLORTERM": "", "NO_COLOR": "1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=str,
)
def test_any_terminal_will_do(
    terminal: TerminalFactory, lab: DemoServer, env: dict[str, str]
) -> None:
    app = open_on(terminal, lab.host, env=env)
    app.wait_for(lambda app: row(app, JOB))
    pick(app, JOB)
    app.send("l")
    app.wait_for("▼ following")
    app.wait_for("ServerApp")
    escape(app, "following")
    quit_clean(app)


def test_a_tiny_terminal_shows_what_fits(terminal: TerminalFactory, lab: DemoServer) -> None:
    app = open_on(terminal, lab.host, rows=10, columns=40)
    app.send(f"/{JOB}", "enter")
    app.wait_for(lambda app: row(app, JOB))
    app.send("D")
    app.wait_for("Force remove")
    app.send("n")
    app.wait_gone("Force remove")
    app.send("l")
    app.wait_for("ServerApp")
    escape(app, "ServerApp")
    answers_keys(app)
    quit_clean(app)


def test_a_storm_of_new_sizes_ends_in_the_right_picture(
    terminal: TerminalFactory, lab: DemoServer
) -> None:
    app = open_on(terminal, lab.host, rows=48, columns=160)
    for step in range(40):
        app.resize(4 + step % 45, 8 + 37 * step % 190)
        time.sleep(0.01)  # a hand that drags the corner of a window
    app.resize(24, 80)
    app.wait_for(lambda app: app.screen[-1].endswith("q Quit") and row(app, JOB))
    assert all(len(line) <= 80 for line in app.screen)
    answers_keys(app)
    quit_clean(app)
