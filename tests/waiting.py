"""Waiting for something to become true, without a sleep of a guessed length."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    predicate: Callable[[], T], timeout: float = 5.0, what: str = "", every: float = 0.01
) -> T:
    """Call `predicate` until its answer is true, and return that answer.

    Raises `AssertionError` after `timeout` seconds, saying what was waited for.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > deadline:
            name = what or getattr(predicate, "__name__", "a condition")
            raise AssertionError(f"waited {timeout:g} s for {name}; last answer: {answer!r}")
        time.sleep(every)
