"""Daemon threads for work that may never return: a hung daemon must not hold up the exit."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

from dstui.domain.text import clean

P = ParamSpec("P")
T = TypeVar("T")


def spawn(name: str, target: Callable[[], object]) -> threading.Thread:
    """Start a daemon thread."""
    thread = threading.Thread(target=target, name=f"dstui-{name}", daemon=True)
    thread.start()
    return thread


class Backoff:
    """How long to wait before the next try: ever longer, until one has lived.

    What fails as soon as it has begun has not worked, whatever it looked like at first.
    """

    def __init__(
        self, first_s: float = 0.25, longest_s: float = 5.0, lived_after_s: float = 5.0
    ) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._lived_after_s = lived_after_s
        self._next_s = first_s
        self._began = time.monotonic()

    def begin(self) -> None:
        """A try begins."""
        self._began = time.monotonic()

    def pause(self) -> float:
        """The try has failed: the seconds until the next one may begin."""
        if time.monotonic() - self._began >= self._lived_after_s:
            self._next_s = self._first_s
        pause, self._next_s = self._next_s, min(self._longest_s, 2 * self._next_s)
        return pause


def keep_turning(
    name: str, turn: Callable[[], bool], halted: Callable[[str], object]
) -> threading.Thread:
    """Start a daemon thread that takes turns until one answers false, and that no error ends.

    `halted` is told why a turn failed, and an empty text as soon as one succeeds again.
    """

    def work() -> None:
        backoff, failed, wanted = Backoff(), False, True
        while wanted:
            try:
                wanted = turn()
            except Exception as error:  # noqa: BLE001 - the thread's owner tells it
                failed = True
                halted(what_failed(error))
                time.sleep(backoff.pause())
                backoff.begin()
            else:
                if failed:
                    failed = False
                    halted("")

    return spawn(name, work)


def what_failed(error: Exception) -> str:
    """An error that nobody foresaw, in a line."""
    return clean(f"{type(error).__name__}: {error}".removesuffix(": "), 200)


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
