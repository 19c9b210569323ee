"""Signals, job control, and terminals that take little or nothing: it ends, or goes on, whole."""

import signal
from pathlib import Path

import pytest

from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World
from tests.demo_fixtures import ServeDemo, serve_demo
from tests.terminal.conftest import TerminalFactory
from tests.terminal.pty_app import Terminal
from tests.terminal.steps import (
    DSTUI,
    assert_restored,
    follow_a_flood,
    is_listed,
    open_on,
    quit_clean,
    row,
)
from tests.waiting import wait_until

__all__ = ["serve_demo"]

JOB = "mara-eda"
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
FROM_THE_KEYS = ("q", *ENDING)


@pytest.fixture
def lab(serve_demo: ServeDemo) -> DemoServer:
    return serve_demo(World(20), pace=Pace(stats_every_s=0.2))


@pytest.fixture
def in_a_flood(terminal: TerminalFactory, lab: DemoServer) -> Terminal:
    """dstui, with a log open that never rests."""
    app = open_on(terminal, lab.host)
    follow_a_flood(app, lab, JOB)
    return app


def end(app: Terminal, how: str | signal.Signals) -> None:
    """Ask for the end, and wait for it: what waited for its terminal would never end."""
    if isinstance(how, signal.Signals):
        app.signal(how)
    else:
        app.send(how)
    wait_until(lambda: not app.running, "the program to end")


def works(app: Terminal) -> None:
    """A key is answered, and another takes that back."""
    app.send("?")
    app.wait_for("  Keys")
    app.send("esc")
    app.wait_gone("  Keys")


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_to_end_leaves_the_terminal_whole(
    terminal: TerminalFactory, lab: DemoServer, number: signal.Signals
) -> None:
    app = open_on(terminal, lab.host)
    end(app, number)
    app.wait_exit()
    assert_restored(app)
    assert "Traceback" not in app.text


@pytest.mark.parametrize("how", FROM_THE_KEYS)
def test_a_terminal_that_takes_nothing_holds_up_no_end(
    in_a_flood: Terminal, how: str | signal.Signals
) -> None:
    in_a_flood.stall()
    end(in_a_flood, how)
    assert in_a_flood.modes == in_a_flood.modes_before


@pytest.mark.parametrize("how", ("q", signal.SIGTERM))
def test_a_slow_terminal_holds_up_no_end_and_is_restored(
    in_a_flood: Terminal, how: str | signal.Signals
) -> None:
    in_a_flood.slow_down(2000)
    seen = len(in_a_flood.raw)
    in_a_flood.wait_for(lambda app: len(app.raw) > seen + 4000)
    end(in_a_flood, how)
    in_a_flood.slow_down(0)
    in_a_flood.wait_exit()
    assert_restored(in_a_flood)


def test_a_terminal_that_was_slow_shows_what_is_true_when_it_has_caught_up(
    terminal: TerminalFactory, lab: DemoServer
) -> None:
    app = open_on(terminal, lab.host, rows=40, columns=120)
    app.wait_for(lambda app: row(app, JOB))
    app.slow_down(2000)
    for _ in range(12):
        app.send("?")
        app.send("q")
    app.send("2")
    app.wait_for("REPOSITORY")
    app.slow_down(0)
    app.wait_for(lambda app: "Keys" not in app.text and "REPOSITORY" in app.text)
    quit_clean(app)


@pytest.mark.parametrize("stopped", [True, False])
def test_going_on_after_a_stop_or_without_one_works_as_before(
    terminal: TerminalFactory, lab: DemoServer, stopped: bool
) -> None:
    app = open_on(terminal, lab.host)
    for _ in range(2):
        if stopped:
            app.signal(signal.SIGSTOP)
            wait_until(lambda: _state(app.pid) == "T", "the stop")
        seen = app.raw.count(b"\x1b[?1049h")
        app.signal(signal.SIGCONT)
        app.wait_for(lambda app, seen=seen: app.raw.count(b"\x1b[?1049h") > seen)
        app.wait_for(is_listed)
        works(app)
    quit_clean(app)


def test_a_stop_that_no_shell_could_undo_is_none(
    terminal: TerminalFactory, lab: DemoServer
) -> None:
    app = open_on(terminal, lab.host)  # it leads its session: the job is orphaned
    app.send("ctrl+z")
    works(app)
    quit_clean(app)


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back(
    terminal: TerminalFactory, lab: DemoServer
) -> None:
    shell = terminal("bash", "--norc", "--noprofile", "-i")
    shell.send(f"{DSTUI} --host {lab.host}", "enter")
    shell.wait_for(is_listed)
    shell.send("ctrl+z")
    shell.wait_for("Stopped")
    shell.send("echo in-the-shell-$((40 + 2))", "enter")
    shell.wait_for("in-the-shell-42")
    shell.send("bg", "enter")
    shell.wait_for(" &")
    shell.send("fg", "enter")
    shell.wait_for(lambda app: is_listed(app) and "in-the-shell" not in app.text)
    works(shell)
    shell.send("q")
    shell.wait_gone("NAME")
    shell.send("echo left-$?", "enter")
    shell.wait_for("left-0")
    shell.send("exit", "enter")
    shell.wait_exit()


def _state(pid: int) -> str:
    """`T` when it is stopped (proc(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
