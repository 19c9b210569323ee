"""A terminal that takes less than it is sent."""

import os
import pty
import threading
import tty
from collections.abc import Iterator

import pytest

from dstui.ui.screen_output import BEHIND_BYTES, ScreenOutput
from tests.waiting import PATIENCE_S, wait_until


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The descriptors of a terminal: the one that shows, and the one that is written to."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, slave
    os.close(master)
    os.close(slave)


def test_whoever_was_told_that_it_is_behind_is_told_the_end_however_often_it_asks(
    terminal: tuple[int, int],
) -> None:
    master, slave = terminal
    caught_up = threading.Event()
    output = ScreenOutput(slave, lambda: None, caught_up.set)
    output.start()
    text = "x" * 100_000
    output.write(text)
    assert output.behind
    taken = 0

    def nearly_all() -> bool:
        nonlocal taken
        taken += len(os.read(master, BEHIND_BYTES // 4))
        return not output.behind

    wait_until(nearly_all, "less to be under way than makes it behind", every=0)
    while taken < len(text):
        taken += len(os.read(master, BEHIND_BYTES))
    assert caught_up.wait(PATIENCE_S)
    output.stop("")
