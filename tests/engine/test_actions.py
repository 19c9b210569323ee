"""Actions on a real engine, and what they tell when it refuses."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import docker
import pytest

from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.container import State
from dstui.domain.engine import Endpoint
from dstui.domain.kind import Kind
from dstui.engine.actions import perform
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from tests.conftest import ContainerFactory
from tests.scripted_engine import container_answer, scripted_engine
from tests.waiting import PATIENCE_S, wait_until

IGNORES_TERM = ("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")


def unique(word: str) -> str:
    return f"dstui-test-{word}-{uuid.uuid4().hex[:8]}"


def on_container(engine: Engine, verb: Verb, identifier: str, **options: object) -> Outcome:
    action = Action(verb, Kind.CONTAINER, identifier, "it", **options)  # type: ignore[arg-type]
    outcome = perform(engine, action)
    assert outcome.action == action
    return outcome


def remove(engine: Engine, kind: Kind, identifier: str, force: bool = False) -> Outcome:
    return perform(engine, Action(Verb.REMOVE, kind, identifier, "it", force=force))


def state(engine: Engine, identifier: str) -> State:
    return engine.container(identifier).state


def test_the_life_of_a_container(engine: Engine, container_factory: ContainerFactory) -> None:
    it = container_factory("sleep", "1000", start=False)

    assert on_container(engine, Verb.START, it).ok
    assert state(engine, it) is State.RUNNING
    assert on_container(engine, Verb.START, it).message == "was running already"

    assert on_container(engine, Verb.PAUSE, it).ok
    assert state(engine, it) is State.PAUSED
    assert on_container(engine, Verb.PAUSE, it).message == "was paused already"
    assert on_container(engine, Verb.UNPAUSE, it).ok
    assert on_container(engine, Verb.UNPAUSE, it).message == "was not paused"

    began = engine.container(it).started
    assert on_container(engine, Verb.RESTART, it, grace_s=1).ok
    assert engine.container(it).started != began

    name = unique("renamed")
    assert on_container(engine, Verb.RENAME, it, new_name=name).ok
    assert engine.container(it).name == name

    assert on_container(engine, Verb.STOP, it, grace_s=5).ok
    assert state(engine, it) is State.EXITED
    stopped_again = on_container(engine, Verb.STOP, it)
    assert (stopped_again.ok, stopped_again.message) == (True, "was not running")

    assert on_container(engine, Verb.REMOVE, it).ok
    gone = on_container(engine, Verb.REMOVE, it)
    assert not gone.ok
    assert gone.cause == "the container it is gone"


def test_a_stop_waits_out_the_grace_and_no_longer(
    engine: Engine, container_factory: ContainerFactory
) -> None:
    it = container_factory(*IGNORES_TERM, host_config={"init": False})
    outcome = on_container(engine, Verb.STOP, it, grace_s=1)
    assert outcome.ok
    assert 0.9 < outcome.seconds < 5
    assert engine.container(it).exit_code == 137


def test_a_signal_of_choice(engine: Engine, container_factory: ContainerFactory) -> None:
    it = container_factory("sh", "-c", "trap 'exit 42' USR1; while :; do sleep 0.05; done")
    assert on_container(engine, Verb.KILL, it, signal="SIGUSR1").ok
    assert docker_wait(engine, it) == 42

    refused = on_container(engine, Verb.KILL, it)
    assert not refused.ok
    assert refused.cause == "it is not running"
    assert "is not running" in refused.message


def docker_wait(engine: Engine, identifier: str) -> int:
    return int(engine.api.wait(identifier, timeout=PATIENCE_S)["StatusCode"])


def test_a_forced_removal_stops_gracefully_first(
    engine: Engine, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    volume = unique("farewell")
    docker_api.create_volume(volume)
    try:
        it = container_factory(
            "sh",
            "-c",
            "trap 'echo bye > /v/bye; exit' TERM; while :; do sleep 0.05; done",
            host_config={"binds": [f"{volume}:/v"], "init": False},
        )
        assert on_container(engine, Verb.REMOVE, it, force=True, grace_s=10).ok
        assert not exists(engine, it)

        reader = container_factory("cat", "/v/bye", host_config={"binds": [f"{volume}:/v"]})
        docker_wait(engine, reader)
        assert docker_api.logs(reader) == b"bye\n"
        docker_api.remove_container(reader, force=True)
    finally:
        docker_api.remove_volume(volume, force=True)


def exists(engine: Engine, identifier: str) -> bool:
    return any(container.id == identifier for container in engine.containers())


def test_a_forced_removal_of_one_that_the_engine_removes_itself(
    engine: Engine, container_factory: ContainerFactory
) -> None:
    it = container_factory("sleep", "1000", host_config={"auto_remove": True})
    assert on_container(engine, Verb.REMOVE, it, force=True).ok
    wait_until(lambda: not exists(engine, it))


def test_a_container_takes_its_anonymous_volumes_along_when_told_to(
    engine: Engine, container_factory: ContainerFactory
) -> None:
    def volumes() -> set[str]:
        return {volume.name for volume in engine.volumes() if volume.anonymous}

    kept = container_factory("true", volumes=["/data"], start=False)
    taken = container_factory("true", volumes=["/data"], start=False)
    kept_volume, taken_volume = (engine.container(it).mounts[0].volume for it in (kept, taken))
    assert on_container(engine, Verb.REMOVE, kept).ok
    assert on_container(engine, Verb.REMOVE, taken, volumes=True).ok
    assert kept_volume in volumes()
    assert taken_volume not in volumes()
    assert kept_volume
    assert remove(engine, Kind.VOLUME, kept_volume).ok


def test_refusals_name_cause_and_fix(
    engine: Engine, container_factory: ContainerFactory, busybox_image: str
) -> None:
    name = unique("taken")
    first = container_factory("sleep", "1000", name=name)
    second = container_factory("no-such-program", start=False, host_config={"init": False})

    running = on_container(engine, Verb.REMOVE, first)
    assert (running.ok, running.cause) == (False, "it is running")
    assert running.fix

    taken = on_container(engine, Verb.RENAME, second, new_name=name)
    assert taken.cause == f"another container is named {name}"

    no_program = on_container(engine, Verb.START, second)
    assert no_program.cause == "the image has no command no-such-program"
    assert "no-such-program" in no_program.message

    bad_name = on_container(engine, Verb.RENAME, second, new_name="no spaces")
    assert bad_name.cause == "the engine does not take this name"


def test_a_gpu_that_the_engine_cannot_give(
    engine: Engine, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    if "nvidia" in engine.info.runtimes:
        pytest.skip("this engine has the NVIDIA toolkit")
    request = docker.types.DeviceRequest(count=-1, capabilities=[["gpu"]])
    it = container_factory("true", host_config={"device_requests": [request]}, start=False)
    refused = on_container(engine, Verb.START, it)
    assert not refused.ok
    assert refused.cause == "the engine has no NVIDIA container toolkit"
    assert "nvidia-ctk" in refused.fix
    grant = engine.container(it).gpus
    assert grant is not None
    assert grant.all


@pytest.fixture
def tagged(docker_api: docker.APIClient, busybox_image: str) -> Iterator[str]:
    """The id of an image of its own with two references."""
    name = unique("image")
    container = docker_api.create_container(busybox_image, ["true"])["Id"]
    image = docker_api.commit(container, repository=name, tag="1")["Id"]
    docker_api.tag(image, name, "2")
    docker_api.remove_container(container)
    yield image
    with suppress(docker.errors.ImageNotFound):
        docker_api.remove_image(image, force=True)


def test_images(engine: Engine, tagged: str, container_factory: ContainerFactory) -> None:
    several = remove(engine, Kind.IMAGE, tagged)
    assert (several.ok, several.cause) == (False, "it has several references")

    user = container_factory("sleep", "1000", image=tagged)
    used = remove(engine, Kind.IMAGE, tagged, force=True)
    assert used.cause == f"the running container {user[:12]} uses the image"
    on_container(engine, Verb.REMOVE, user, force=True)

    assert remove(engine, Kind.IMAGE, tagged, force=True).ok
    assert remove(engine, Kind.IMAGE, tagged).cause == "the image it is gone"


def test_volumes_and_networks_in_use(
    engine: Engine, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    volume, network = unique("volume"), unique("network")
    docker_api.create_volume(volume)
    network_id = docker_api.create_network(network)["Id"]
    it = container_factory(
        "sleep", "1000", host_config={"binds": [f"{volume}:/v"], "network_mode": network}
    )
    volume_used = remove(engine, Kind.VOLUME, volume)
    network_used = remove(engine, Kind.NETWORK, network_id)
    assert "a container uses the volume" in volume_used.cause
    assert network_used.cause == "containers are connected to the network"

    assert on_container(engine, Verb.REMOVE, it, force=True, grace_s=0).ok
    assert remove(engine, Kind.VOLUME, volume).ok
    assert remove(engine, Kind.NETWORK, network_id).ok
    assert remove(engine, Kind.NETWORK, network_id).cause == "the network it is gone"


def test_what_cannot_be_done_is_an_outcome_too(engine: Engine) -> None:
    outcome = perform(engine, Action(Verb.START, Kind.IMAGE, "sha256:1", "it"))
    assert not outcome.ok
    assert outcome.message == "there is no start of a image"
    assert not on_container(engine, Verb.REMOVE, "").ok


def test_a_container_without_a_grace_gets_its_own(tmp_path: Path) -> None:
    """The stop leaves the time to the engine, which knows the container's."""
    queries = []

    def stop(query: dict[str, str]) -> tuple[int, bytes]:
        queries.append(query)
        return 204, b""

    with scripted_engine(tmp_path / "e.sock") as scripted:
        scripted.routes["GET /containers/c1/json"] = (200, container_answer("c1", "web"))
        scripted.routes["POST /containers/c1/stop"] = stop
        scripted.routes["DELETE /containers/c1"] = (204, b"")
        engine = connect([Endpoint(scripted.host, "the test")])
        assert on_container(engine, Verb.STOP, "c1").ok
        assert on_container(engine, Verb.STOP, "c1", grace_s=3).ok
        assert on_container(engine, Verb.REMOVE, "c1", force=True, grace_s=4).ok
        engine.close()
    assert queries == [{}, {"t": "3"}, {"t": "4"}]


def test_a_mutation_is_never_sent_twice(tmp_path: Path) -> None:
    with scripted_engine(tmp_path / "e.sock") as scripted:
        scripted.routes["POST /containers/c1/start"] = (0, b"")
        engine = connect([Endpoint(scripted.host, "the test")])
        assert not on_container(engine, Verb.START, "c1").ok
        engine.close()
        assert scripted.count("POST /containers/c1/start") == 1
