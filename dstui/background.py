"""Daemon threads for work that may never return: a hung daemon must not hold up the exit."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def spawn(name: str, target: Callable[[], object]) -> threading.Thread:
    """Start a daemon thread."""
    thread = threading.Thread(target=target, name=f"dstui-{name}", daemon=True)
    thread.start()
    return thread


class Background:
    """Runs calls on up to `size` daemon threads, which are started as they are needed.

    Unlike `concurrent.futures`, the interpreter does not wait for them at exit.
    """

    def __init__(self, size: int = 8) -> None:
        self._size = size
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Call `function` on a thread; the future tells its result or its exception."""
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - the future carries it to the caller
                future.set_exception(error)

        with self._lock:
            if self._idle:
                self._idle -= 1
            elif self._threads < self._size:
                self._threads += 1
                spawn(f"work-{self._threads}", self._work)
        self._jobs.put(job)
        return future

    def _work(self) -> None:
        while True:
            self._jobs.get()()
            with self._lock:
                self._idle += 1


class Cancellation:
    """Says from any thread that some work is not wanted any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: list[Callable[[], object]] = []
        self._called = False

    @property
    def called(self) -> bool:
        """Whether the work is to end."""
        return self._called

    def cancel(self) -> None:
        """End the work soon; it tells itself when it has ended."""
        with self._lock:
            self._called = True
            ends, self._ends = self._ends, []
        for end in ends:
            end()

    def by(self, end: Callable[[], object]) -> None:
        """Have `end` called to end the work: at once, if that was asked for already."""
        with self._lock:
            if not self._called:
                self._ends.append(end)
                return
        end()
