"""Between the question and the yes a second client is at work: what changed is left alone."""

import io
import tarfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import docker
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.seen import Seen, seen
from dstui.engine.as_seen import perform_as_seen
from dstui.engine.client import Engine
from dstui.engine.lineage import lineage
from tests.conftest import RUN_ID, TEST_LABEL, ContainerFactory
from tests.waiting import wait_until


def unique(word: str) -> str:
    return f"dstui-test-{word}-{uuid.uuid4().hex[:8]}"


def removed(engine: Engine, kind: Kind, identifier: str, shown: Seen, **options: Any) -> Outcome:
    action = Action(Verb.REMOVE, kind, identifier, "it", **options)
    heard: list[Outcome] = []
    outcome = perform_as_seen(engine, action, shown, heard.append)
    assert heard
    return outcome


def left_alone(outcome: Outcome, why: str) -> None:
    assert (outcome.ok, outcome.skipped) == (False, True)
    assert why in outcome.message


@pytest.fixture
def volume(docker_api: docker.APIClient) -> Iterator[str]:
    name = unique("volume")
    docker_api.create_volume(name)
    yield name
    with suppress(docker.errors.NotFound):
        docker_api.remove_volume(name, force=True)


@pytest.fixture
def image(docker_api: docker.APIClient, container_factory: ContainerFactory) -> Iterator[str]:
    """The id of an image with one name."""
    name = unique("image")
    identifier = docker_api.commit(container_factory("true", start=False), name, "1")["Id"]
    yield identifier
    with suppress(docker.errors.ImageNotFound):
        docker_api.remove_image(identifier, force=True)


def wait_for_new_second(engine: Engine, volume: str) -> None:
    """The engine tells of a volume's age in whole seconds."""
    before = engine.volume(volume).created
    other = unique("clock")

    def later() -> bool:
        engine.api.create_volume(other)
        passed = engine.volume(other).created != before
        engine.api.remove_volume(other)
        return passed

    wait_until(later, "the next second of the engine")


def test_a_volume_that_was_made_anew_stays(
    engine: Engine, docker_api: docker.APIClient, volume: str
) -> None:
    shown = seen(engine.volume(volume))
    wait_for_new_second(engine, volume)
    docker_api.remove_volume(volume)
    docker_api.create_volume(volume)
    left_alone(removed(engine, Kind.VOLUME, volume, shown), "it was made anew since")
    assert docker_api.inspect_volume(volume)


def test_a_volume_that_got_a_user_stays(
    engine: Engine, volume: str, container_factory: ContainerFactory
) -> None:
    shown = seen(engine.volume(volume))
    name = unique("user")
    container_factory("true", start=False, name=name, host_config={"binds": [f"{volume}:/v"]})
    left_alone(removed(engine, Kind.VOLUME, volume, shown), f"{name} uses it now")


def test_a_name_that_an_image_was_given_stays(
    engine: Engine, docker_api: docker.APIClient, image: str
) -> None:
    shown, other = seen(engine.image(image)), unique("best")
    docker_api.tag(image, other, "1")
    left_alone(removed(engine, Kind.IMAGE, image, shown, force=True), f"it was tagged {other}:1")
    assert len(engine.image(image).references) == 2


def test_an_image_that_got_a_container_stays(
    engine: Engine, image: str, container_factory: ContainerFactory
) -> None:
    shown, name = seen(engine.image(image)), unique("user")
    container_factory("true", image=image, start=False, name=name)
    left_alone(removed(engine, Kind.IMAGE, image, shown, force=True), f"{name} uses it now")
    assert engine.image(image).references


def test_an_image_goes_with_the_names_and_users_that_were_shown(
    engine: Engine, docker_api: docker.APIClient, image: str, container_factory: ContainerFactory
) -> None:
    docker_api.tag(image, unique("best"), "1")
    user = container_factory("true", image=image, start=False)
    shown = seen(engine.image(image), [engine.container(user)])
    assert removed(engine, Kind.IMAGE, image, shown, force=True).ok
    assert not [name for name in docker_api.images(all=True) if name["Id"] == image]


def test_a_container_that_ran_again_stays(
    engine: Engine, docker_api: docker.APIClient, container_factory: ContainerFactory
) -> None:
    it = container_factory("true")
    docker_api.wait(it)
    shown = seen(engine.container(it))
    docker_api.start(it)
    docker_api.wait(it)
    wait_until(lambda: not engine.container(it).alive, "its second end")
    left_alone(removed(engine, Kind.CONTAINER, it, shown), "it ran again since")


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.RESTART, Verb.KILL, Verb.PAUSE, Verb.REMOVE])
def test_a_container_that_was_renamed_and_restarted_runs_on(
    engine: Engine, docker_api: docker.APIClient, container_factory: ContainerFactory, verb: Verb
) -> None:
    it = container_factory("sleep", "1000")
    shown = seen(engine.container(it))
    docker_api.restart(it, timeout=0)
    action = Action(verb, Kind.CONTAINER, it, "it", force=True)
    left_alone(perform_as_seen(engine, action, shown, lambda _: None), "it ran again since")
    docker_api.rename(it, name := unique("name"))
    left_alone(perform_as_seen(engine, action, shown, lambda _: None), f"renamed to {name}")
    assert engine.container(it).alive


def test_one_that_its_restart_policy_keeps_starting_can_be_removed(
    engine: Engine, container_factory: ContainerFactory
) -> None:
    policy = {"restart_policy": {"Name": "always"}}
    it = container_factory("sh", "-c", "sleep 0.1; exit 3", host_config=policy)
    wait_until(lambda: engine.container(it).restarts, "its first restart")
    shown = seen(engine.container(it))
    restarts = shown.restarts or 0
    wait_until(lambda: (engine.container(it).restarts or 0) > restarts, "the next restart")
    assert removed(engine, Kind.CONTAINER, it, shown, force=True).ok


def test_nothing_is_ended_that_was_not_shown(
    engine: Engine, container_factory: ContainerFactory
) -> None:
    it = container_factory("sleep", "1000")
    action = Action(Verb.REMOVE, Kind.CONTAINER, it, "it", force=True)
    left_alone(perform_as_seen(engine, action, None, lambda _: None), "it was not shown")
    assert engine.container(it).alive


def test_what_is_gone_is_told(engine: Engine, container_factory: ContainerFactory) -> None:
    it = container_factory("true", start=False)
    shown = seen(engine.container(it))
    assert removed(engine, Kind.CONTAINER, it, shown).ok
    left_alone(removed(engine, Kind.CONTAINER, it, shown), "it is gone")


# Hidden images of a classic build


@pytest.fixture
def built_in_steps(docker_api: docker.APIClient, busybox_image: str) -> Iterator[str]:
    """The id of an image with hidden ones below it."""
    name = f"{unique('steps')}:1"
    text = f"FROM {busybox_image}\nLABEL a={name}\nLABEL b=2\nLABEL c=3\n".encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    packed.seek(0)
    lines = list(
        docker_api.build(fileobj=packed, custom_context=True, tag=name, rm=True, decode=True)
    )
    assert not [line for line in lines if "error" in line]
    identifier = docker_api.inspect_image(name)["Id"]
    yield identifier
    going = [identifier, *lineage_of(docker_api, identifier)]
    for left in going:
        with suppress(docker.errors.APIError):
            docker_api.remove_image(left, force=True)


def lineage_of(api: docker.APIClient, identifier: str) -> list[str]:
    """The hidden images below one, nearest first."""
    listed = {row["Id"]: row for row in api.images(all=True)}
    found: list[str] = []
    parent = listed.get(identifier, {}).get("ParentId", "")
    while parent in listed and set(listed[parent]["RepoTags"] or ()) <= {"<none>:<none>"}:
        found.append(parent)
        parent = listed[parent]["ParentId"]
    return found


def test_hidden_images_go_only_when_they_were_shown(
    engine: Engine, docker_api: docker.APIClient, built_in_steps: str
) -> None:
    hidden = lineage_of(docker_api, built_in_steps)
    if not hidden:
        pytest.skip("this engine keeps no hidden images")
    assert list(lineage(engine).goes_along(built_in_steps)) == hidden
    assert removed(engine, Kind.IMAGE, built_in_steps, seen(engine.image(built_in_steps))).ok
    there = {row["Id"] for row in docker_api.images(all=True)}
    assert there.issuperset(hidden)
    shown, rest = seen(engine.image(hidden[0])), tuple(hidden[1:])
    assert removed(engine, Kind.IMAGE, hidden[0], shown, parents=rest).ok
    assert not {row["Id"] for row in docker_api.images(all=True)} & set(hidden)


def test_hidden_images_stay_when_others_would_go_than_were_shown(
    engine: Engine, docker_api: docker.APIClient, built_in_steps: str
) -> None:
    hidden = lineage_of(docker_api, built_in_steps)
    if not hidden:
        pytest.skip("this engine keeps no hidden images")
    shown = seen(engine.image(built_in_steps))
    assert removed(engine, Kind.IMAGE, built_in_steps, shown, parents=(hidden[0],)).ok
    assert {row["Id"] for row in docker_api.images(all=True)}.issuperset(hidden)
    docker_api.remove_image(hidden[0])


# Whatever happens in between


class Scene:
    """One object of each kind, and what a second client may do to them."""

    def __init__(self, engine: Engine, api: docker.APIClient, busybox: str) -> None:
        self.engine, self.api, self.busybox = engine, api, busybox
        self.name = unique("scene")
        self.made: list[str] = []
        self.container = self._container(self.name)
        self.image = api.commit(self.container, self.name, "1")["Id"]
        api.create_volume(self.name)
        self.network = api.create_network(self.name, labels={TEST_LABEL: RUN_ID})["Id"]
        self.shown = {
            Kind.CONTAINER: (self.container, seen(engine.container(self.container))),
            Kind.IMAGE: (self.image, seen(engine.image(self.image))),
            Kind.VOLUME: (self.name, seen(engine.volume(self.name))),
            Kind.NETWORK: (self.network, seen(engine.network(self.network))),
        }

    def _container(self, name: str, image: str = "", **host: Any) -> str:
        made = self.api.create_container(
            image or self.busybox,
            ["true"],
            name=name,
            labels={TEST_LABEL: RUN_ID},
            host_config=self.api.create_host_config(**host),
        )["Id"]
        self.made.append(made)
        return made

    def run(self) -> None:
        self.api.start(self.container)
        self.api.wait(self.container)

    def rename(self) -> None:
        self.api.rename(self.container, f"{self.name}-renamed")

    def replace_container(self) -> None:
        self.api.remove_container(self.container)
        self.container = self._container(self.name)

    def tag(self) -> None:
        self.api.tag(self.image, f"{self.name}-again", "1")

    def use_image(self) -> None:
        self._container(unique("user"), self.name + ":1")

    def use_volume(self) -> None:
        self._container(unique("user"), binds=[f"{self.name}:/v"])

    def use_network(self) -> None:
        self._container(unique("user"), network_mode=self.name)

    def replace_network(self) -> None:
        self.api.remove_network(self.network)
        self.network = self.api.create_network(self.name)["Id"]

    CHANGES: dict[Kind, tuple[Callable[["Scene"], None], ...]] = {
        Kind.CONTAINER: (run, rename, replace_container),
        Kind.IMAGE: (tag, use_image),
        Kind.VOLUME: (use_volume,),
        Kind.NETWORK: (use_network, replace_network),
    }

    def exists(self, kind: Kind) -> bool:
        """Whether there is an object of this name or, renamed, of this id."""
        now = {Kind.CONTAINER: self.container, Kind.IMAGE: self.image, Kind.NETWORK: self.network}
        try:
            self.engine.inspect(kind, now.get(kind, self.name))
        except EngineError as error:
            assert error.gone, error
            return False
        return True

    def clear(self) -> None:
        for container in self.made:
            with suppress(docker.errors.NotFound):
                self.api.remove_container(container, force=True)
        for remove, name in (
            (self.api.remove_image, f"{self.name}-again:1"),
            (self.api.remove_image, f"{self.name}:1"),
            (self.api.remove_volume, self.name),
            (self.api.remove_network, self.name),
        ):
            with suppress(docker.errors.APIError):
                remove(name)


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(changes=st.sets(st.sampled_from([c for kind in Scene.CHANGES.values() for c in kind])))
def test_what_a_second_client_changed_stays_and_all_else_goes(
    engine: Engine,
    docker_api: docker.APIClient,
    busybox_image: str,
    changes: set[Callable[[Scene], None]],
) -> None:
    scene = Scene(engine, docker_api, busybox_image)
    try:
        in_order = [c for kind in Scene.CHANGES.values() for c in kind if c in changes]
        for change in in_order:
            change(scene)
        for kind, (identifier, shown) in scene.shown.items():
            touched = changes.intersection(Scene.CHANGES[kind])
            outcome = removed(engine, kind, identifier, shown, force=kind is not Kind.NETWORK)
            assert outcome.ok is not bool(touched), (kind, outcome)
            assert scene.exists(kind) is bool(touched), (kind, outcome)
    finally:
        scene.clear()
