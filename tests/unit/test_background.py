"""Background threads: they never hold up the exit, and never lose a result."""

import subprocess
import sys
import threading

import pytest

from dstui.background import Background, Cancellation
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
