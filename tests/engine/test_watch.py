"""The watcher follows a real engine, and survives a bad one."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import docker
import pytest

from dstui.background import Backoff
from dstui.domain.changes import (
    Change,
    Connected,
    Disconnected,
    Happened,
    Listed,
    Removed,
    Updated,
)
from dstui.domain.container import Container, State
from dstui.domain.engine import Endpoint
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from dstui.engine.watch import Watcher
from dstui.store import Store
from tests.conftest import ContainerFactory
from tests.scripted_engine import (
    HANG_UP,
    ScriptedEngine,
    container_answer,
    container_row,
    scripted_engine,
)
from tests.waiting import returns, wait_until

ChangeT = TypeVar("ChangeT", bound=Change)
KINDS = [Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK]


class Recorder:
    """Keeps all changes, and the world that they make."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.store = Store()

    def __call__(self, change: Change) -> None:
        self.store.apply(change)
        self.changes.append(change)

    def of(self, kind: type[ChangeT]) -> list[ChangeT]:
        return [change for change in self.changes if isinstance(change, kind)]

    def actions(self) -> list[str]:
        return [change.event.action for change in self.of(Happened)]

    def listed(self) -> bool:
        return all(self.store.listed(kind) for kind in KINDS)

    def container(self, identifier: str) -> Container | None:
        return self.store.container(identifier)


@contextmanager
def watching(engine: Engine) -> Iterator[Recorder]:
    recorder = Recorder()
    watcher = Watcher(engine, recorder)
    watcher.start()
    try:
        wait_until(recorder.listed, what="all lists")
        yield recorder
    finally:
        watcher.stop()


@pytest.fixture
def live(engine: Engine) -> Iterator[Recorder]:
    with watching(engine) as recorder:
        yield recorder


def unique(word: str) -> str:
    return f"dstui-test-{word}-{uuid.uuid4().hex[:8]}"


# A real engine


def test_connection_then_containers_come_first(live: Recorder) -> None:
    first, second = live.changes[:2]
    assert isinstance(first, Connected)
    assert isinstance(second, Listed)
    assert second.kind is Kind.CONTAINER


def test_a_container_is_followed_through_its_life(
    live: Recorder, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    def in_state(wanted: State) -> bool:
        found = live.container(it)
        return found is not None and found.state is wanted

    it = container_factory("sleep", "1000")
    wait_until(lambda: in_state(State.RUNNING))
    found = live.container(it)
    assert found is not None
    assert found.inspected
    assert found.pid

    docker_api.pause(it)
    wait_until(lambda: in_state(State.PAUSED))
    docker_api.unpause(it)
    wait_until(lambda: in_state(State.RUNNING))
    name = unique("renamed")
    docker_api.rename(it, name)
    wait_until(lambda: getattr(live.container(it), "name", "") == name)
    docker_api.kill(it)
    wait_until(lambda: in_state(State.EXITED))
    assert getattr(live.container(it), "exit_code", None) == 137
    docker_api.remove_container(it)
    wait_until(lambda: live.container(it) is None)
    assert {"create", "start", "pause", "unpause", "rename", "die", "destroy"} <= {
        change.event.action for change in live.of(Happened) if change.event.id == it
    }


def test_a_change_comes_soon_after_its_event(
    live: Recorder, container_factory: ContainerFactory
) -> None:
    """The bench tells how soon."""
    it = container_factory("sleep", "1000", start=False)
    wait_until(lambda: live.container(it) is not None)


def test_no_list_is_read_again_for_a_single_change(
    live: Recorder, container_factory: ContainerFactory
) -> None:
    it = container_factory("true")
    wait_until(lambda: getattr(live.container(it), "state", None) is State.EXITED)
    lists = [change.kind for change in live.of(Listed)]
    assert lists.count(Kind.CONTAINER) == 1


def test_containers_that_were_there_are_inspected_in_the_background(
    engine: Engine, container_factory: ContainerFactory
) -> None:
    it = container_factory("sleep", "1000", user="1000:1000")
    with watching(engine) as recorder:
        wait_until(lambda: getattr(recorder.container(it), "inspected", False))
        assert getattr(recorder.container(it), "user", None) == "1000:1000"


def test_a_list_read_at_a_containers_end_does_not_revive_it(
    engine: Engine, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    """Docker 20.10 still lists a container as running just after it told of its end."""
    recorder = Recorder()

    def refresh_at_end(change: Change) -> None:
        if isinstance(change, Happened) and change.event.action == "die":
            watcher.refresh()
        recorder(change)

    watcher = Watcher(engine, refresh_at_end)
    watcher.start()
    try:
        wait_until(recorder.listed)
        for _ in range(3):
            it = container_factory("sleep", "1000")
            wait_until(lambda it=it: getattr(recorder.container(it), "pid", None))
            before = len(recorder.changes)
            docker_api.kill(it)
            wait_until(lambda it=it: getattr(recorder.container(it), "state", None) is State.EXITED)
            wait_until(
                lambda before=before: any(
                    isinstance(change, Listed) and change.kind is Kind.CONTAINER
                    for change in recorder.changes[before:]
                )
            )
            assert getattr(recorder.container(it), "state", None) is State.EXITED
    finally:
        watcher.stop()


def test_images_volumes_and_networks_are_followed(
    live: Recorder, docker_api: docker.APIClient, busybox_image: str
) -> None:
    store = live.store
    name = unique("followed")
    image_id = docker_api.inspect_image(busybox_image)["Id"]

    docker_api.tag(busybox_image, name, "1")
    wait_until(lambda: f"{name}:1" in getattr(store.image(image_id), "references", ()))
    docker_api.remove_image(f"{name}:1")
    wait_until(lambda: f"{name}:1" not in getattr(store.image(image_id), "references", ()))

    docker_api.create_volume(name)
    wait_until(lambda: store.get(Kind.VOLUME, name))
    docker_api.remove_volume(name)
    wait_until(lambda: store.get(Kind.VOLUME, name) is None)

    network = docker_api.create_network(name)["Id"]
    wait_until(lambda: store.get(Kind.NETWORK, network))
    docker_api.remove_network(network)
    wait_until(lambda: store.get(Kind.NETWORK, network) is None)


def test_a_reference_that_moves_leaves_its_old_image(
    live: Recorder,
    docker_api: docker.APIClient,
    busybox_image: str,
    container_factory: ContainerFactory,
) -> None:
    name = unique("moved")
    container = container_factory("true", start=False)
    old = docker_api.commit(container, repository=name, tag="1")["Id"]
    try:
        wait_until(lambda: getattr(live.store.image(old), "references", ()) == (f"{name}:1",))
        docker_api.tag(busybox_image, name, "1")
        wait_until(lambda: getattr(live.store.image(old), "references", None) == ())
    finally:
        docker_api.remove_image(f"{name}:1")
        docker_api.remove_image(old)
    wait_until(lambda: live.store.image(old) is None)


def test_a_connected_network_shows_at_the_container(
    live: Recorder, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    name = unique("joined")
    network = docker_api.create_network(name)["Id"]
    try:
        it = container_factory("sleep", "1000")
        docker_api.connect_container_to_network(it, network)
        wait_until(lambda: name in getattr(live.container(it), "networks", ()))
        docker_api.disconnect_container_from_network(it, network)
        wait_until(lambda: name not in getattr(live.container(it), "networks", (name,)))
    finally:
        docker_api.remove_network(network)


def test_health_checks_do_not_flood_the_feed(
    live: Recorder, container_factory: ContainerFactory
) -> None:
    check = {"Test": ["CMD", "true"], "Interval": 100_000_000, "Retries": 1}
    it = container_factory("sleep", "1000", healthcheck=check)
    wait_until(lambda: getattr(live.container(it), "health", None) == "healthy")
    seen = [change.event.action for change in live.of(Happened) if change.event.id == it]
    assert "health_status: healthy" in seen
    assert not [action for action in seen if action.startswith("exec")]


def test_podmans_events(podman_host: str) -> None:
    engine = connect([Endpoint(podman_host, "the test")])
    name = unique("volume")
    api = docker.APIClient(podman_host, version="1.41")
    with watching(engine) as recorder:
        api.create_volume(name)
        wait_until(lambda: recorder.store.get(Kind.VOLUME, name))
        api.remove_volume(name)
        wait_until(lambda: recorder.store.get(Kind.VOLUME, name) is None)
    api.close()
    engine.close()


# A bad engine


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedEngine]:
    with scripted_engine(tmp_path / "engine.sock") as engine:
        engine.routes["GET /containers/json"] = (200, [container_row("c1", "web")])
        engine.routes["GET /containers/c1/json"] = (200, container_answer("c1", "web"))
        yield engine


@pytest.fixture
def scripted_live(scripted: ScriptedEngine) -> Iterator[Recorder]:
    engine = connect([Endpoint(scripted.host, "the test")])
    with watching(engine) as recorder:
        yield recorder
    engine.close()


def test_rubbish_between_events_is_skipped(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    for rubbish in (b"{\n", b"\xff\xfe\n", b"[]\n", b"null\n", b'{"Type":7}\n', b"\n", b"{}\n"):
        scripted.events.put(rubbish)
    scripted.tell("swarm-of-bees", "buzz", "b1")
    scripted.tell("container", "unheard-of", "c1")
    scripted.tell("container", "start", "")
    scripted.tell("network", "create", "n1", name="lan")
    wait_until(lambda: "create" in scripted_live.actions())
    assert scripted_live.actions() == ["buzz", "unheard-of", "start", "create"]
    assert not scripted_live.of(Disconnected)


def test_an_event_in_pieces(scripted: ScriptedEngine, scripted_live: Recorder) -> None:
    line = b'{"Type":"container","Action":"start","Actor":{"ID":"c1"}}\n'
    for at in range(0, len(line), 7):
        scripted.events.put(line[at : at + 7])
    wait_until(lambda: "start" in scripted_live.actions())


def test_a_broken_stream_is_told_once_and_made_again(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    scripted.events.put(b'{"Type":"container","Action":"st')
    scripted.events.put(None)
    wait_until(lambda: len(scripted_live.of(Connected)) == 2)
    wait_until(lambda: len(scripted_live.of(Listed)) == 8, what="all lists anew")
    [lost] = scripted_live.of(Disconnected)
    assert lost.reason
    assert abs(lost.time - time.time()) < 10
    scripted.tell("container", "start", "c1")
    wait_until(lambda: "start" in scripted_live.actions())


def test_an_engine_that_stays_away_is_lost_once(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    scripted.routes["GET /events"] = HANG_UP
    scripted.events.put(None)
    wait_until(lambda: scripted.count("GET /events") >= 3)
    assert len(scripted_live.of(Disconnected)) == 1
    assert len(scripted_live.of(Connected)) == 1

    scripted.routes["GET /containers/json"] = (200, [container_row("c2", "other")])
    scripted.routes["GET /containers/c2/json"] = (200, container_answer("c2", "other"))
    del scripted.routes["GET /events"]
    wait_until(lambda: scripted_live.container("c2"))
    assert scripted_live.container("c1") is None
    assert scripted_live.store.lost_since is None


def test_after_a_loss_nothing_of_an_old_run_is_kept(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    wait_until(lambda: getattr(scripted_live.container("c1"), "pid", None) == 77)
    scripted.routes["GET /containers/c1/json"] = scripted.hang
    scripted.events.put(None)
    wait_until(lambda: len(scripted_live.of(Connected)) == 2)
    wait_until(lambda: getattr(scripted_live.container("c1"), "pid", 77) is None)
    found = scripted_live.container("c1")
    assert found is not None
    assert found.user == "ann", "what cannot change between runs is kept"


def test_a_hung_engine_is_noticed(
    scripted: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dstui.engine.watch.HEARTBEAT_S", 0.05)
    monkeypatch.setattr("dstui.engine.dial.CONNECT_TIMEOUT_S", 0.3)
    engine = connect([Endpoint(scripted.host, "the test")])
    with watching(engine) as recorder:
        scripted.routes["GET /_ping"] = scripted.hang
        wait_until(lambda: recorder.of(Disconnected))
        assert recorder.of(Disconnected)[0].reason == "the engine does not answer"
    engine.close()


def test_stopping_never_waits_for_a_hung_engine(scripted: ScriptedEngine) -> None:
    scripted.routes["GET /images/json"] = scripted.hang
    scripted.routes["GET /containers/c1/json"] = scripted.hang
    engine = connect([Endpoint(scripted.host, "the test")])
    recorder = Recorder()
    watcher = Watcher(engine, recorder)
    watcher.start()
    wait_until(lambda: scripted.count("GET /images/json"))
    returns(watcher.stop)
    returns(engine.close)
    assert not scripted.released.is_set()
    so_far = len(recorder.changes)
    scripted.tell("container", "start", "c1")
    scripted.released.set()
    assert len(recorder.changes) == so_far


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    "answer", [(500, {"message": "busy"}), (200, b'[{"Id":'), (200, DEEP), HANG_UP]
)
def test_a_list_that_fails_is_read_again(
    scripted: ScriptedEngine, answer: tuple[int, object]
) -> None:
    good = scripted.routes["GET /images/json"]
    scripted.routes["GET /images/json"] = answer
    engine = connect([Endpoint(scripted.host, "the test")])
    recorder = Recorder()
    watcher = Watcher(engine, recorder)
    watcher.start()
    wait_until(lambda: recorder.store.listed(Kind.NETWORK))
    wait_until(lambda: scripted.count("GET /images/json") >= 2)
    wait_until(lambda: recorder.store.halted.get("images"))
    scripted.routes["GET /images/json"] = good
    wait_until(lambda: recorder.store.listed(Kind.IMAGE))
    wait_until(lambda: not recorder.store.halted)
    assert not recorder.of(Disconnected)
    watcher.stop()
    engine.close()


def test_a_storm_of_events_is_few_questions(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    wait_until(lambda: getattr(scripted_live.container("c1"), "inspected", False))
    before = scripted.count("GET /containers/c1/json")
    for _ in range(500):
        scripted.tell("container", "update", "c1")
    wait_until(lambda: len(scripted_live.of(Happened)) == 500)
    answer = container_answer("c1", "last")
    scripted.routes["GET /containers/c1/json"] = (200, answer)
    scripted.tell("container", "rename", "c1")
    wait_until(lambda: getattr(scripted_live.container("c1"), "name", "") == "last")
    assert scripted.count("GET /containers/c1/json") - before < 60


def test_what_others_look_at_is_neither_read_again_nor_told(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    wait_until(lambda: getattr(scripted_live.container("c1"), "inspected", False))
    before = scripted.count("GET /containers/c1/json")
    for action in ("top", "exec_create: sh", "exec_start: sh", "exec_die", "resize"):
        scripted.tell("container", action, "c1")
    scripted.tell("network", "create", "n1")
    wait_until(lambda: "create" in scripted_live.actions())
    assert scripted_live.actions() == ["exec_start: sh", "create"]
    assert scripted.count("GET /containers/c1/json") == before


def test_one_that_vanished_before_it_could_be_read(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    scripted.tell("container", "create", "c9", name="flash")
    wait_until(lambda: scripted.count("GET /containers/c9/json"))
    del scripted.routes["GET /containers/c1/json"]
    scripted.tell("container", "update", "c1")
    wait_until(lambda: scripted_live.container("c1") is None)
    assert [(change.kind, change.id) for change in scripted_live.of(Removed)] == [
        (Kind.CONTAINER, "c1")
    ]


def test_podmans_deletion_that_is_none(scripted: ScriptedEngine, scripted_live: Recorder) -> None:
    """Podman 4 tells of a deletion when only a reference went."""
    digest = "d" * 64
    answer = {"Id": f"sha256:{digest}", "RepoTags": ["kept:1"]}
    scripted.routes[f"GET /images/sha256:{digest}/json"] = (200, answer)
    scripted.tell("image", "delete", digest)
    wait_until(lambda: scripted_live.store.image(f"sha256:{digest}"))
    updated = [change.object for change in scripted_live.of(Updated)]
    assert any(isinstance(found, Image) and found.references == ("kept:1",) for found in updated)


def test_refresh_lists_everything_and_keeps_what_an_inspect_told(
    scripted: ScriptedEngine,
) -> None:
    engine = connect([Endpoint(scripted.host, "the test")])
    recorder = Recorder()
    watcher = Watcher(engine, recorder)
    watcher.start()
    wait_until(lambda: getattr(recorder.container("c1"), "inspected", False))
    scripted.routes["GET /containers/c1/json"] = scripted.hang
    before = len(recorder.of(Listed))
    watcher.refresh()
    wait_until(lambda: len(recorder.of(Listed)) >= before + 4)
    found = recorder.container("c1")
    assert found is not None
    assert (found.inspected, found.user, found.pid) == (True, "ann", 77)
    watcher.stop()
    engine.close()


def test_deep_answers_and_events_end_nothing(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    scripted.events.put(DEEP + b"\n")
    scripted.events.put(b'{"Type":"container","Action":"x","Actor":' + DEEP + b"}\n")
    good = scripted.routes["GET /containers/c1/json"]
    before = scripted.count("GET /containers/c1/json")
    scripted.routes["GET /containers/c1/json"] = (200, b'{"Id":"c1","State":' + DEEP + b"}")
    scripted.tell("container", "update", "c1")
    wait_until(lambda: scripted.count("GET /containers/c1/json") > before + 1)
    scripted.routes["GET /containers/c1/json"] = good
    scripted.tell("network", "create", "n1")
    wait_until(lambda: "create" in scripted_live.actions())
    assert not scripted_live.of(Disconnected)


def test_an_error_that_nobody_foresaw_is_a_loss_and_no_end(
    scripted: ScriptedEngine, scripted_live: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dstui.engine.notices import notice

    def poisoned(line: bytes) -> object:
        if b"poison" in line:
            raise RecursionError("poison")
        return notice(line)

    monkeypatch.setattr("dstui.engine.watch.notice", poisoned)
    scripted.tell("container", "poison", "c1")
    wait_until(lambda: len(scripted_live.of(Connected)) == 2)
    [lost] = scripted_live.of(Disconnected)
    assert "RecursionError: poison" in lost.reason
    for _ in range(2):  # the stream that was hung up takes one
        scripted.tell("container", "start", "c1")
    wait_until(lambda: "start" in scripted_live.actions())


def test_an_answer_that_nobody_foresaw_ends_no_reader(
    scripted: ScriptedEngine, scripted_live: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Engine.listed

    def fail(engine: Engine, kind: Kind) -> object:
        if kind is Kind.NETWORK:
            raise OverflowError("too much")
        return listed(engine, kind)

    monkeypatch.setattr(Engine, "listed", fail)
    scripted.events.put(None)  # all lists are read anew
    wait_until(lambda: scripted_live.store.halted.get("networks") == "OverflowError: too much")
    monkeypatch.undo()
    wait_until(lambda: not scripted_live.store.halted)


def test_a_stream_that_ends_at_once_is_made_again_ever_later(
    scripted: ScriptedEngine, scripted_live: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    class Recorded(Backoff):
        def pause(self) -> float:
            pauses.append(super().pause())
            return pauses[-1] / 100

    monkeypatch.setattr("dstui.engine.watch.Backoff", Recorded)
    scripted.routes["GET /events"] = (200, b"")
    engine = connect([Endpoint(scripted.host, "the test")])
    watcher = Watcher(engine, Recorder())
    before = scripted.count("GET /images/json")
    watcher.start()
    wait_until(lambda: len(pauses) >= 6)
    watcher.stop()
    engine.close()
    assert pauses[:6] == [0.25, 0.5, 1, 2, 4, 5]
    assert scripted.count("GET /images/json") - before <= len(pauses) + 1


def test_an_event_too_long_to_be_read_has_all_lists_read_anew(
    scripted: ScriptedEngine, scripted_live: Recorder
) -> None:
    before = scripted.count("GET /volumes")
    scripted.events.put(b'{"Type":"' + b"x" * (3 << 20) + b'"}\n')
    wait_until(lambda: scripted.count("GET /volumes") > before)
    scripted.tell("network", "create", "n1")
    wait_until(lambda: "create" in scripted_live.actions())
    assert not scripted_live.of(Disconnected)


def test_rows_that_cannot_be_read_are_counted_with_their_reasons(
    scripted: ScriptedEngine,
) -> None:
    rows = [container_row("c1", "web"), {"Names": ["/nobody"]}, 7]
    scripted.routes["GET /containers/json"] = (200, rows)
    scripted.routes["GET /networks"] = (200, None)
    engine = connect([Endpoint(scripted.host, "the test")])
    with watching(engine) as recorder:
        assert recorder.container("c1")
        assert recorder.store.unreadable == {
            Kind.CONTAINER: ("row 2: it has no id", "row 3: it is no object"),
            Kind.IMAGE: (),
            Kind.VOLUME: (),
            Kind.NETWORK: (),
        }
    engine.close()


@pytest.mark.parametrize(
    ("request_", "answer"),
    [("GET /networks", {}), ("GET /volumes", []), ("GET /volumes", {"Volumes": 7})],
)
def test_an_answer_that_is_no_list_is_no_empty_list(
    scripted: ScriptedEngine, request_: str, answer: object
) -> None:
    kind = Kind.NETWORK if "networks" in request_ else Kind.VOLUME
    scripted.routes[request_] = (200, answer)
    engine = connect([Endpoint(scripted.host, "the test")])
    recorder = Recorder()
    watcher = Watcher(engine, recorder)
    watcher.start()
    wait_until(lambda: "no list" in recorder.store.halted.get(f"{kind.value}s", ""))
    assert not recorder.store.listed(kind)
    watcher.stop()
    engine.close()
