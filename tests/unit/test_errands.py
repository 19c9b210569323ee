"""Errands run once however often they are asked for, and again when they fail."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from dstui.engine.errands import Errands
from tests.waiting import PATIENCE_S, wait_until

Make = Callable[[Callable[[str, int], bool]], Errands[str]]


@pytest.fixture
def errands() -> Iterator[Make]:
    made: list[Errands[str]] = []

    def make(run: Callable[[str, int], bool]) -> Errands[str]:
        made.append(Errands("test", run))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_many_requests_are_one_run_and_one_more(errands: Make) -> None:
    runs: Counter[str] = Counter()
    go = threading.Event()

    def run(key: str, _failures: int) -> bool:
        runs[key] += 1
        return go.wait(PATIENCE_S)

    work = errands(run)
    work.ask("a")
    wait_until(lambda: runs["a"] == 1)
    for _ in range(100):
        work.ask("a")
    go.set()
    work.ask("b")
    wait_until(lambda: runs["a"] == 2 and runs["b"] == 1)
    assert runs["a"] == 2


def test_a_failed_errand_is_run_again_until_it_is_done(
    errands: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dstui.engine.errands._FIRST_RETRY_S", 0.001)
    seen: list[int] = []

    def run(_key: str, failures: int) -> bool:
        seen.append(failures)
        return failures == 3

    errands(run).ask("a")
    wait_until(lambda: len(seen) == 4)
    assert seen == [0, 1, 2, 3]


def test_one_that_hangs_does_not_hold_up_the_others(errands: Make) -> None:
    go = threading.Event()
    done: list[str] = []

    def run(key: str, _failures: int) -> bool:
        if key == "hangs":
            go.wait(PATIENCE_S)
        done.append(key)
        return True

    work = errands(run)
    work.ask("hangs")
    for number in range(5):
        work.ask(str(number))
    wait_until(lambda: len(done) == 5)
    assert "hangs" not in done
    go.set()


def test_nothing_starts_after_the_end() -> None:
    done: list[str] = []
    work = Errands("ending", lambda key, _failures: bool(done.append(key)) or True)
    work.close()
    work.ask("a")
    wait_until(lambda: not [t for t in threading.enumerate() if "ending" in t.name], "the threads")
    assert done == []


def test_an_errand_that_raises_is_run_again_and_told() -> None:
    runs: list[int] = []
    told: list[str] = []

    def run(_key: str, failures: int) -> bool:
        runs.append(failures)
        if len(runs) <= 3:
            raise RecursionError
        return True

    work = Errands("test", run, told.append, threads=1)
    work.ask("a")
    wait_until(lambda: runs == [0, 1, 2, 3])
    wait_until(lambda: told == ["RecursionError"] * 3 + [""])
    work.close()
