"""What a person does with dstui on a terminal, in words."""

import re
import sys
from pathlib import Path

from dstui.demo.server import DemoServer
from tests.terminal.conftest import TerminalFactory
from tests.terminal.pty_app import Terminal

DSTUI = str(Path(sys.executable).with_name("dstui"))

_MODES = re.compile(r"\x1b\[\?([0-9;]+)([hl])")
_ON_AT_REST = {"7", "25"}
"""Wrapping at the right edge, and the cursor."""


def open_on(terminal: TerminalFactory, host: str, *options: str, **how: object) -> Terminal:
    """dstui on this engine, with its containers listed."""
    app = terminal(DSTUI, "--host", host, *options, **how)
    app.wait_for(is_listed)
    return app


def is_listed(app: Terminal) -> bool:
    """Whether the list of containers has come, be it empty."""
    return "NAME" in app.text and "Connecting…" not in app.text and "Reading…" not in app.text


def row(app: Terminal, name: str) -> str:
    """The line of the list for this name; empty when there is none."""
    lines = (line for line in app.screen[2:] if "Overview" not in line)
    return next((line for line in lines if re.search(rf"\s{re.escape(name)}(\s|$)", line)), "")


def pick(app: Terminal, name: str) -> None:
    """Leave only the row of this name, under the cursor."""
    app.send("/")
    app.send(name, "enter")
    app.wait_for(lambda app: f"/{name}  1 of " in app.text and row(app, name))


def follow_a_flood(app: Terminal, server: DemoServer, name: str) -> None:
    """Open a log that is written without a pause, and let thousands of lines come."""
    pick(app, name)
    server.apply_faults({"flood": True})
    app.send("l")
    app.wait_for(lambda app: re.search(r"following · \d+,\d\d\d lines", app.text))


def toast(app: Terminal) -> str:
    """All toasts on screen as one line of text."""
    lines = (line.partition("▌")[2] for line in app.screen)
    return " ".join(" ".join(lines).split())


def escape(app: Terminal, gone: str) -> None:
    """Press Esc alone, until this text is gone: with another key right after it means Alt."""
    app.send("esc")
    app.wait_gone(gone)


def quit_clean(app: Terminal) -> None:
    """Leave with `q`; the terminal is as it was."""
    app.send("q")
    assert app.wait_exit() == 0
    assert_restored(app)


def assert_restored(app: Terminal) -> None:
    """The modes of the line, the screen, the mouse, the cursor, the keys are as they were."""
    assert app.modes == app.modes_before
    raw = app.raw.decode(errors="replace")
    last = {mode: letter for modes, letter in _MODES.findall(raw) for mode in modes.split(";")}
    left_on = {mode for mode, letter in last.items() if letter == "h"} - _ON_AT_REST
    switched_off = {mode for mode, letter in last.items() if letter == "l"} & _ON_AT_REST
    assert not left_on, f"modes left on: {left_on}"
    assert not switched_off, f"modes left off: {switched_off}"
    pushed, popped = len(re.findall("\x1b\\[>[0-9]+u", raw)), raw.count("\x1b[<u")
    assert pushed <= popped, "the keyboard protocol is left on"
