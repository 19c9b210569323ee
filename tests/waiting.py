"""Waiting for something to become true, without a sleep of a guessed length."""

import os
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dstui.background import Background

T = TypeVar("T")

PATIENCE_S = float(os.environ.get("DSTUI_TEST_PATIENCE", "60"))
"""How long any test waits for what must come, in seconds: the only time limit of the tests.

It says nothing about how fast things are, but ends a test whose wait is in vain; a machine on
which that is too short is helped by `DSTUI_TEST_PATIENCE`.
"""

_LOOK_EVERY_S = 0.01


def wait_until(predicate: Callable[[], T], what: str = "", every: float = _LOOK_EVERY_S) -> T:
    """Call `predicate` until its answer is true, and return that answer.

    Raises `AssertionError` when the patience is at its end, saying what was waited for.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := predicate()):
        if time.monotonic() > deadline:
            raise AssertionError(_in_vain(predicate, what, answer))
        time.sleep(every)
    return answer


async def until(
    pause: Callable[[float], Awaitable[object]], predicate: Callable[[], T], what: str = ""
) -> T:
    """`wait_until` on an event loop, which goes on for as long as `pause(seconds)` lasts."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := predicate()):
        if time.monotonic() > deadline:
            raise AssertionError(_in_vain(predicate, what, answer))
        await pause(_LOOK_EVERY_S)
    return answer


def returns(call: Callable[[], T]) -> T:
    """The answer of a call that comes back although something hangs; `TimeoutError` if not."""
    return Background(1).submit(call).result(PATIENCE_S)


def _in_vain(asked: Callable[[], object], what: str, answer: object) -> str:
    name = what or getattr(asked, "__name__", "a condition")
    return f"waited {PATIENCE_S:g} s for {name}; last answer: {answer!r}"
