"""Background threads: they never hold up the exit, and never lose a result."""

import subprocess
import sys
import threading

import pytest

from dstui import background as module
from dstui.background import Background, Backoff, Cancellation, keep_turning
from tests.waiting import PATIENCE_S


def test_results_and_exceptions_reach_the_caller() -> None:
    background = Background(2)
    assert background.submit(lambda: 7).result(PATIENCE_S) == 7
    with pytest.raises(ZeroDivisionError):
        background.submit(lambda: 1 // 0).result(PATIENCE_S)


def test_no_more_threads_than_its_size() -> None:
    background, gate, names = Background(3), threading.Event(), set()

    def job() -> None:
        names.add(threading.current_thread().name)
        gate.wait(PATIENCE_S)

    futures = [background.submit(job) for _ in range(10)]
    gate.set()
    for future in futures:
        future.result(PATIENCE_S)
    assert len(names) <= 3


def test_stuck_calls_leave_room_for_others() -> None:
    background, gate = Background(4), threading.Event()
    stuck = [background.submit(gate.wait, PATIENCE_S) for _ in range(3)]
    assert [background.submit(int, str(n)).result(PATIENCE_S) for n in range(20)] == list(range(20))
    gate.set()
    for future in stuck:
        future.result(PATIENCE_S)


def test_a_call_that_never_returns_does_not_hold_up_the_exit() -> None:
    program = (
        "import threading; from dstui.background import Background, Cancellation\n"
        "Background().submit(threading.Event().wait)"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], timeout=PATIENCE_S, check=False).returncode
        == 0
    )


def test_a_cancellation_ends_what_began_before_and_after_it():
    ended: list[str] = []
    cancellation = Cancellation()
    cancellation.by(lambda: ended.append("before"))
    assert (cancellation.called, ended) == (False, [])
    cancellation.cancel()
    cancellation.by(lambda: ended.append("after"))
    cancellation.cancel()
    assert (cancellation.called, ended) == (True, ["before", "after"])


class Clock:
    """Time that passes when somebody sleeps, or when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_what_fails_at_once_is_tried_ever_less_often(clock: Clock) -> None:
    backoff = Backoff(first_s=0.25, longest_s=5, lived_after_s=5)
    pauses = []
    for _ in range(7):
        backoff.begin()
        clock.now += 4.9
        pauses.append(backoff.pause())
    assert pauses == [0.25, 0.5, 1, 2, 4, 5, 5]
    backoff.begin()
    clock.now += 5
    assert backoff.pause() == 0.25


def test_a_thread_that_fails_goes_on_and_tells_it(clock: Clock) -> None:
    told: list[str] = []
    turns = iter([None, ValueError("\x1b[2Jno"), KeyError(), None, None, RuntimeError("x")])

    def turn() -> bool:
        error = next(turns, "done")
        if isinstance(error, Exception):
            raise error
        return error is None

    keep_turning("test", turn, told.append).join(PATIENCE_S)
    assert told == ["ValueError: no", "KeyError", "", "RuntimeError: x", ""]
    assert clock.slept == [0.25, 0.5, 1]
