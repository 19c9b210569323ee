"""Late and stale answers change nothing that is known better."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dstui.domain.changes import Change, Listed, Removed, Updated
from dstui.domain.container import Container, State
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.engine.ledger import STALE_LIST_S, Ledger, with_inspected_facts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUNNING = Container("c1", "web", "nginx", "sha256:1", State.RUNNING, NOW)
INSPECTED = replace(RUNNING, inspected=True, pid=7, user="ann", started=NOW)
ENDED = replace(INSPECTED, state=State.EXITED, exit_code=0, pid=None, finished=NOW)
KEY = (Kind.CONTAINER, "c1")


class Clock:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("dstui.engine.ledger.time.monotonic", clock)
    return clock


@pytest.fixture
def changes() -> list[Change]:
    return []


@pytest.fixture
def ledger(clock: Clock, changes: list[Change]) -> Ledger:
    return Ledger(changes.append)


def test_a_list_asked_for_at_the_end_of_a_container_is_stale(ledger: Ledger, clock: Clock) -> None:
    ledger.fetched(Kind.CONTAINER, ENDED, clock())
    ledger.noted(KEY)
    ledger.listed(Kind.CONTAINER, [RUNNING], clock() + STALE_LIST_S / 2)
    assert ledger.get(KEY) == ENDED


def test_a_later_list_is_right(ledger: Ledger, clock: Clock) -> None:
    ledger.fetched(Kind.CONTAINER, ENDED, clock())
    ledger.noted(KEY)
    ledger.listed(Kind.CONTAINER, [RUNNING], clock() + 2 * STALE_LIST_S)
    found = ledger.get(KEY)
    assert isinstance(found, Container)
    assert found.state is State.RUNNING


def test_a_list_does_not_bring_back_what_was_just_removed(
    ledger: Ledger, clock: Clock, changes: list[Change]
) -> None:
    ledger.listed(Kind.CONTAINER, [RUNNING], clock())
    ledger.gone(KEY)
    ledger.listed(Kind.CONTAINER, [RUNNING], clock())
    assert changes[-2:] == [Removed(*KEY), Listed(Kind.CONTAINER, ())]


def test_a_list_does_not_lose_what_was_just_created(ledger: Ledger, clock: Clock) -> None:
    asked_at = clock()
    clock.time += 0.01
    ledger.fetched(Kind.CONTAINER, INSPECTED, clock())
    ledger.listed(Kind.CONTAINER, [], asked_at)
    assert ledger.get(KEY) == INSPECTED
    ledger.listed(Kind.CONTAINER, [], clock() + 1)
    assert ledger.get(KEY) is None


def test_an_answer_asked_for_before_the_removal_comes_too_late(
    ledger: Ledger, clock: Clock, changes: list[Change]
) -> None:
    asked_at = clock()
    clock.time += 0.01
    ledger.gone(KEY)
    ledger.fetched(Kind.CONTAINER, INSPECTED, asked_at)
    assert changes == []
    clock.time += 0.01
    ledger.fetched(Kind.CONTAINER, INSPECTED, clock())  # created anew, as a volume can be
    assert changes == [Updated(Kind.CONTAINER, INSPECTED)]


def test_of_two_answers_the_later_question_wins(ledger: Ledger, clock: Clock) -> None:
    ledger.fetched(Kind.CONTAINER, ENDED, clock() + 0.02)
    ledger.fetched(Kind.CONTAINER, INSPECTED, clock() + 0.01)
    assert ledger.get(KEY) == ENDED


def test_what_is_the_same_is_not_told(ledger: Ledger, clock: Clock, changes: list[Change]) -> None:
    ledger.fetched(Kind.CONTAINER, INSPECTED, clock())
    ledger.fetched(Kind.CONTAINER, INSPECTED, clock() + 1)
    ledger.gone((Kind.CONTAINER, "unknown"))
    assert changes == [Updated(Kind.CONTAINER, INSPECTED)]


def test_a_row_keeps_the_facts_of_an_inspect() -> None:
    row = replace(RUNNING, name="renamed")
    assert with_inspected_facts(row, INSPECTED) == replace(INSPECTED, name="renamed")


def test_a_row_in_another_state_keeps_only_what_outlasts_a_run() -> None:
    row = replace(RUNNING, state=State.EXITED, exit_code=3)
    found = with_inspected_facts(row, INSPECTED)
    assert isinstance(found, Container)
    assert (found.state, found.exit_code, found.user) == (State.EXITED, 3, "ann")
    assert (found.pid, found.started, found.finished) == (None, None, None)


def test_an_image_keeps_its_facts_but_not_its_references() -> None:
    known = Image("sha256:1", ("a:1",), (), NOW, 5, architecture="amd64", layers=("l",))
    row = Image("sha256:1", ("a:2",), ("a@sha256:2",), NOW, 5)
    assert with_inspected_facts(row, known) == replace(
        known, references=("a:2",), digests=("a@sha256:2",)
    )


def test_after_lost_events_no_run_is_trusted(ledger: Ledger, clock: Clock) -> None:
    ledger.fetched(Kind.CONTAINER, INSPECTED, clock())
    ledger.distrust_runs()
    ledger.listed(Kind.CONTAINER, [RUNNING], clock() + 1)
    found = ledger.get(KEY)
    assert isinstance(found, Container)
    assert (found.pid, found.started, found.user) == (None, None, "ann")


def test_old_events_are_forgotten(ledger: Ledger, clock: Clock) -> None:
    for number in range(5000):
        clock.time += 1
        ledger.gone((Kind.CONTAINER, str(number)))
    assert len(ledger._events) < 1100
