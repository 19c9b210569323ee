"""The store: what it keeps of each change, and how often it tells."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.changes import (
    Connected,
    Disconnected,
    Halted,
    Listed,
    Removed,
    Sampled,
    Unreachable,
    Updated,
)
from dstui.domain.container import Container, State
from dstui.domain.engine import ConnectionFailure, Endpoint, EngineInfo, FailureKind
from dstui.domain.kind import Kind
from dstui.domain.usage import Usage
from dstui.store import ANNOUNCE_BURST, ANNOUNCE_EVERY_S, HISTORY_LENGTH, Store, Topic

INFO = EngineInfo(
    id="e", name="box", product="Docker", version="27.0", api_version="1.46", host="unix:///x"
)


def container(identifier: str, state: State = State.RUNNING) -> Container:
    return Container(
        id=identifier,
        name=f"name-{identifier}",
        image="busybox",
        image_id="sha256:1",
        state=state,
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )


def sampled(identifier: str, time: float) -> Sampled:
    return Sampled({identifier: Usage(time=time, cpu_percent=1.0)})


class ManualScheduler:
    """Keeps what was scheduled until the test runs it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def __call__(self, delay: float, function: Callable[[], None]) -> None:
        self.waiting.append((delay, function))

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for _, function in waiting:
            function()


def test_a_list_replaces_all_of_its_kind() -> None:
    store = Store()
    store.apply(Listed(Kind.CONTAINER, (container("a"), container("b"))))
    store.apply(Listed(Kind.CONTAINER, (container("b"), container("c"))))
    assert [found.id for found in store.containers()] == ["b", "c"]


def test_an_empty_list_differs_from_no_list() -> None:
    store = Store()
    assert not store.listed(Kind.IMAGE)
    store.apply(Listed(Kind.IMAGE, ()))
    assert store.listed(Kind.IMAGE)


def test_an_update_keeps_the_place_in_the_order() -> None:
    store = Store()
    store.apply(Listed(Kind.CONTAINER, (container("a"), container("b"))))
    store.apply(Updated(Kind.CONTAINER, container("a", State.PAUSED)))
    assert [(c.id, c.state) for c in store.containers()] == [
        ("a", State.PAUSED),
        ("b", State.RUNNING),
    ]


def test_usage_goes_when_the_container_ends_or_goes() -> None:
    for change in (
        Updated(Kind.CONTAINER, container("a", State.EXITED)),
        Removed(Kind.CONTAINER, "a"),
        Listed(Kind.CONTAINER, (container("b"),)),
    ):
        store = Store()
        store.apply(Listed(Kind.CONTAINER, (container("a"),)))
        store.apply(sampled("a", 1.0))
        assert store.usage("a") is not None
        store.apply(change)
        assert store.usage("a") is None


def test_a_late_sample_of_an_ended_container_is_dropped() -> None:
    store = Store()
    store.apply(Listed(Kind.CONTAINER, (container("a", State.EXITED),)))
    store.apply(sampled("a", 1.0))
    assert store.usage("a") is None


def test_history_is_bounded_and_oldest_first() -> None:
    store = Store()
    store.apply(Listed(Kind.CONTAINER, (container("a"),)))
    for second in range(HISTORY_LENGTH + 50):
        store.apply(sampled("a", float(second)))
    times = [usage.time for usage in store.history("a")]
    assert times == [float(second) for second in range(50, HISTORY_LENGTH + 50)]


def test_the_first_loss_dates_the_age_until_the_engine_is_back() -> None:
    store = Store()
    store.apply(Connected(INFO))
    store.apply(Disconnected(10.0, "reset"))
    store.apply(Disconnected(20.0, "refused"))
    assert (store.lost_since, store.lost_reason) == (10.0, "refused")
    store.apply(Connected(INFO))
    assert store.lost_since is None


def test_failures_go_when_an_engine_answers() -> None:
    store = Store()
    failure = ConnectionFailure(Endpoint("unix:///x", "default"), FailureKind.REFUSED, "r", "f")
    store.apply(Unreachable((failure,)))
    assert store.failures == (failure,)
    store.apply(Connected(INFO))
    assert store.failures == ()


def test_many_changes_are_told_once() -> None:
    store, scheduler, told = Store(), ManualScheduler(), []
    store.listen(told.append, scheduler)
    store.apply(Listed(Kind.CONTAINER, (container("a"),)))
    for second in range(100):
        store.apply(sampled("a", float(second)))
    assert len(scheduler.waiting) == 1
    scheduler.run()
    assert told == [frozenset({Topic.CONTAINERS, Topic.USAGE})]


def test_a_few_changes_are_told_at_once_and_a_stream_of_them_waits() -> None:
    store, scheduler = Store(), ManualScheduler()
    store.listen(lambda topics: None, scheduler)
    waits = []
    for _ in range(ANNOUNCE_BURST + 1):
        store.apply(Listed(Kind.IMAGE, ()))
        waits.append(scheduler.waiting[0][0])
        scheduler.run()
    assert waits[:-1] == [0.0] * ANNOUNCE_BURST
    assert 0.0 < waits[-1] <= ANNOUNCE_EVERY_S


def test_a_change_during_the_telling_is_not_lost() -> None:
    store, scheduler, told = Store(), ManualScheduler(), []

    def listener(topics: frozenset[Topic]) -> None:
        told.append(topics)
        if len(told) == 1:
            store.apply(Listed(Kind.VOLUME, ()))

    store.listen(listener, scheduler)
    store.apply(Listed(Kind.IMAGE, ()))
    scheduler.run()
    scheduler.run()
    assert told == [frozenset({Topic.IMAGES}), frozenset({Topic.VOLUMES})]


def test_a_stopped_listener_is_not_told() -> None:
    store, scheduler = Store(), ManualScheduler()
    stop = store.listen(lambda topics: None, scheduler)
    stop()
    stop()
    store.apply(Listed(Kind.IMAGE, ()))
    assert scheduler.waiting == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["list", "update", "remove", "sample"]),
            st.sampled_from("abcd"),
            st.sampled_from([State.RUNNING, State.EXITED]),
        )
    )
)
def test_usage_is_only_ever_kept_of_known_living_containers(
    changes: list[tuple[str, str, State]],
) -> None:
    store = Store()
    for number, (what, identifier, state) in enumerate(changes):
        subject = replace(container(identifier), state=state)
        if what == "list":
            store.apply(Listed(Kind.CONTAINER, (subject,)))
        elif what == "update":
            store.apply(Updated(Kind.CONTAINER, subject))
        elif what == "remove":
            store.apply(Removed(Kind.CONTAINER, identifier))
        else:
            store.apply(sampled(identifier, float(number)))
        for candidate in "abcd":
            if store.usage(candidate) is not None:
                known = store.container(candidate)
                assert known is not None
                assert known.alive


def test_what_stands_still_is_kept_until_it_goes_on() -> None:
    store = Store()
    store.apply(Halted("usage", "a reason"))
    store.apply(Halted("images", "another"))
    store.apply(Halted("usage", "a new reason"))
    assert store.halted == {"images": "another", "usage": "a new reason"}
    store.apply(Halted("usage", ""))
    store.apply(Halted("networks", ""))
    assert store.halted == {"images": "another"}
