"""Work that events ask for again and again, done once."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from dstui.background import keep_turning

Key = TypeVar("Key")

REST_S = 0.05
"""The shortest time between two runs of one errand: events in a storm become one run."""

_FIRST_RETRY_S = 0.25
_LONGEST_RETRY_S = 5.0


class Errands(Generic[Key]):
    """Runs errands, known by a key, on a few daemon threads.

    `run` gets the key and how often it has failed, and says whether the errand is done; if not, or
    when it raises, it is run again, ever less often; `halted` is told of what it raised. An errand
    asked for many times before it starts runs once; asked for while it runs, once more afterwards.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Key, int], bool],
        halted: Callable[[str], object] = lambda reason: None,
        threads: int = 3,
    ) -> None:
        self._run = run
        self._wake = threading.Condition()
        self._due: dict[Key, float] = {}
        self._running: set[Key] = set()
        self._rested: dict[Key, float] = {}
        self._failures: dict[Key, int] = {}
        self._closed = False
        for number in range(threads):
            keep_turning(f"{name}-{number}", self._work, halted)

    def ask(self, key: Key) -> None:
        """Have it run as soon as it may."""
        with self._wake:
            self._due[key] = min(self._rested.get(key, 0.0), self._due.get(key, _NEVER))
            self._wake.notify()

    def clear(self) -> None:
        """Forget what has not started yet."""
        with self._wake:
            self._due.clear()
            self._failures.clear()

    def close(self) -> None:
        """Start nothing any more. Does not wait for what runs."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def _work(self) -> bool:
        """Run the next errand when it is due; whether there may be another."""
        key = self._next()
        if key is None:
            return False
        done = False
        try:
            done = self._run(key, self._failures.get(key, 0))
        finally:
            self._finish(key, done)
        return True

    def _next(self) -> Key | None:
        with self._wake:
            while not self._closed:
                now = time.monotonic()
                self._rested = {key: end for key, end in self._rested.items() if end > now}
                ready = [key for key in self._due if key not in self._running]
                for key in ready:
                    if self._due[key] <= now:
                        del self._due[key]
                        self._running.add(key)
                        return key
                self._wake.wait(min((self._due[key] - now for key in ready), default=None))
            return None

    def _finish(self, key: Key, done: bool) -> None:
        with self._wake:
            now = time.monotonic()
            self._running.discard(key)
            if done:
                self._failures.pop(key, None)
                self._rested[key] = now + REST_S
                if key in self._due:
                    self._due[key] = now + REST_S
            else:
                failures = self._failures[key] = self._failures.get(key, 0) + 1
                wait = min(_LONGEST_RETRY_S, _FIRST_RETRY_S * 2 ** min(failures - 1, 10))
                self._due[key] = now + wait
            self._wake.notify()


_NEVER = float("inf")
