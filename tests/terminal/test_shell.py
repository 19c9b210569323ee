import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.conftest import TerminalFactory
from tests.terminal.pty_app import Terminal
from tests.terminal.steps import assert_restored
from tests.waiting import wait_until

Log = Callable[[], str]


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def app(terminal: TerminalFactory, log_path: Path) -> Terminal:
    return started(terminal, log_path)


def started(terminal: TerminalFactory, log_path: Path, *options: str) -> Terminal:
    log_path.touch()
    app = terminal(
        sys.executable,
        "-m",
        "tests.terminal.shell_app",
        str(log_path),
        *options,
        rows=24,
        columns=80,
    )
    app.wait_for("count 0")
    return app


def into_the_shell(app: Terminal, key: str = "e") -> None:
    app.send(key)
    app.wait_for("inside$")


def back(app: Terminal) -> None:
    """The app paints and takes keys."""
    app.wait_gone("inside$")
    app.wait_for("count ")
    before = app.text

    def counts() -> bool:
        app.send("z")  # what was typed before it is back is thrown away
        return app.text != before

    wait_until(counts, "the app to count a key", every=0.2)
    app.wait_calm()


def quits_clean(app: Terminal) -> None:
    app.send("q")
    assert app.wait_exit() == 0
    assert_restored(app)


def test_a_person_works_in_the_shell_and_comes_back(app: Terminal, log_path: Path) -> None:
    into_the_shell(app)
    assert "dstui: shell e" in app.text
    app.send("echo $((6*7))", "enter")
    app.wait_for("\n42")
    app.send("sleep 1; exit 3", "enter")
    back(app)
    wait_until(lambda: log_path.read_text() == "closed\nran=True code=3 error=\n", "the log")
    quits_clean(app)


def test_ctrl_c_goes_to_the_program_inside(app: Terminal) -> None:
    into_the_shell(app)
    app.send("echo $((40+2)); sleep 100", "enter")
    app.wait_for("\n42")
    app.send("ctrl+c")
    app.wait_for(lambda terminal: terminal.text.count("inside$") == 2)
    app.send("echo still $((2+2))", "enter")
    app.wait_for("still 4")
    app.send("ctrl+d")
    back(app)
    quits_clean(app)


def test_the_size_of_the_window_is_followed(app: Terminal) -> None:
    into_the_shell(app)
    app.send("stty size", "enter")
    app.wait_for("24 80")
    app.resize(30, 100)
    app.send("until stty size | grep '^30'; do :; done", "enter")
    app.wait_for("30 100")
    app.send("exit", "enter")
    back(app)
    quits_clean(app)


def test_modes_left_by_a_program_that_was_killed_are_undone(app: Terminal) -> None:
    into_the_shell(app)
    app.send(
        r"printf '\033[?1049h\033[?1000h\033[?2004h\033[?25l\033[5;10r'; sleep 1; kill -9 $$",
        "enter",
    )
    back(app)
    quits_clean(app)


def test_an_exception_under_the_shell_brings_the_app_back(app: Terminal, log_path: Path) -> None:
    app.send("b")
    app.wait_for("the pump broke. Press Enter")
    app.send("enter")
    back(app)
    wait_until(lambda: "error=the pump broke" in log_path.read_text())
    quits_clean(app)


def test_a_failure_at_once_waits_to_be_read(app: Terminal) -> None:
    app.send("f")
    app.wait_for("it ended with exit code 3. Press Enter to return")
    assert "no such thing" in app.text
    app.send("enter")
    back(app)
    quits_clean(app)


def test_what_is_typed_at_a_failure_is_no_command(app: Terminal) -> None:
    app.send("f")
    app.wait_for("it ended with exit code 3. Press Enter to return")
    app.send_bytes(b"\rzzz")
    app.wait_for("count 0")
    app.send("y")
    app.wait_for("count 1")
    quits_clean(app)


@pytest.mark.parametrize(
    ("key", "words"),
    [("n", "distroless:1 has no shell: press x"), ("r", "container is paused")],
)
def test_what_cannot_be_opened_is_a_toast(app: Terminal, key: str, words: str) -> None:
    switches = app.raw.count(b"\x1b[?1049l")
    app.send(key)
    wait_until(lambda: words in " ".join(app.text.split()), words)
    assert app.raw.count(b"\x1b[?1049l") == switches
    quits_clean(app)


def test_several_shells_one_after_the_other(app: Terminal) -> None:
    for _ in range(3):
        into_the_shell(app)
        app.send("exit", "enter")
        back(app)
    quits_clean(app)


@pytest.mark.parametrize("options", [(), ("--signals",)])
def test_a_kill_while_a_shell_is_open_ends_both(
    terminal: TerminalFactory, log_path: Path, options: tuple[str, ...]
) -> None:
    app = started(terminal, log_path, *options)
    into_the_shell(app)
    app.signal(signal.SIGTERM)
    app.wait_exit()
    assert "closed" in log_path.read_text()
    assert_restored(app)
