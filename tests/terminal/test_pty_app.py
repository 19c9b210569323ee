"""The harness itself: a shell script on it behaves as on a person's terminal."""

import signal
import sys
import termios

from tests.terminal.conftest import TerminalFactory

ECHO_KEY = """
old=$(stty -g); stty -echo -icanon
echo ready; key=$(head -c 1)
stty $old; echo "got <$key>"
"""
SHOW_SIZE = "trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done"
TEXTUAL_APP = """
from textual.app import App
from textual.widgets import Label
class Probe(App):
    def compose(self):
        yield Label("a label of Textual")
    def on_click(self, event):
        self.query_one(Label).update(f"clicked {event.screen_x},{event.screen_y}")
Probe().run()
"""


def test_keys_reach_the_program_and_its_answer_the_screen(terminal: TerminalFactory) -> None:
    program = terminal("sh", "-c", ECHO_KEY)
    program.wait_for("ready")
    assert not program.modes[3] & termios.ICANON
    program.send("x")
    program.wait_for("got <x>")
    assert program.wait_exit() == 0
    assert program.modes == program.modes_before


def test_resize_is_followed(terminal: TerminalFactory) -> None:
    program = terminal("sh", "-c", SHOW_SIZE, rows=24, columns=80)
    program.wait_for("24 80")
    program.resize(30, 100)
    program.wait_for("30 100")


def test_interrupt_key_kills(terminal: TerminalFactory) -> None:
    program = terminal("sh", "-c", "echo up; exec sleep 100")
    program.wait_for("up")
    program.send("ctrl+c")
    assert program.wait_exit() == -signal.SIGINT


def test_raw_bytes_keep_what_the_screen_swallows(terminal: TerminalFactory) -> None:
    program = terminal("sh", "-c", r"printf '\033[31mred\033[0m'")
    assert program.wait_exit() == 0
    assert program.text.strip() == "red"
    assert program.raw == b"\x1b[31mred\x1b[0m"


def test_a_stubborn_program_is_ended(terminal: TerminalFactory) -> None:
    program = terminal("sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done")
    program.wait_for("up")
    program.close(grace=0.1)
    assert program.exit_status == -signal.SIGKILL


def test_textual_draws_takes_clicks_and_restores_the_modes(terminal: TerminalFactory) -> None:
    program = terminal(sys.executable, "-c", TEXTUAL_APP)
    program.wait_for("a label of Textual")
    program.click(0, 3)
    program.wait_for("clicked 3,0")
    assert program.screen[0] == "clicked 3,0"
    program.send("ctrl+q")
    assert program.wait_exit() == 0
    assert program.modes == program.modes_before
