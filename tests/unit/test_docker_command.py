"""Each action's `docker` equivalent."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.action import Action, Verb, docker_command, short_id
from dstui.domain.kind import Kind

ID = "0123456789abcdef" * 4
CONTAINER = Kind.CONTAINER


@pytest.mark.parametrize(
    ("action", "command"),
    [
        (Action(Verb.START, CONTAINER, ID, "web"), "docker start web"),
        (Action(Verb.STOP, CONTAINER, ID, "web"), "docker stop web"),
        (Action(Verb.STOP, CONTAINER, ID, "web", grace_s=0), "docker stop --time 0 web"),
        (Action(Verb.KILL, CONTAINER, ID, "web", signal="HUP"), "docker kill --signal HUP web"),
        (Action(Verb.RENAME, CONTAINER, ID, "web", new_name="api"), "docker rename web api"),
        (Action(Verb.REMOVE, CONTAINER, ID, "web", volumes=True), "docker rm --volumes web"),
        (Action(Verb.REMOVE, Kind.IMAGE, f"sha256:{ID}", ""), "docker rmi 0123456789ab"),
        (Action(Verb.TAG, Kind.IMAGE, ID, "a:1", new_name="b:2"), "docker tag a:1 b:2"),
        (Action(Verb.UNTAG, Kind.IMAGE, ID, "a:1"), "docker rmi a:1"),
        (Action(Verb.PULL, Kind.IMAGE, "", "a:1"), "docker pull a:1"),
        (Action(Verb.PUSH, Kind.IMAGE, ID, "a:1"), "docker push a:1"),
        (Action(Verb.SAVE, Kind.IMAGE, ID, "a:1", path="x y"), "docker save --output 'x y' a:1"),
        (Action(Verb.LOAD, Kind.IMAGE, "", "", path="x.tar"), "docker load --input x.tar"),
        (Action(Verb.REMOVE, Kind.VOLUME, "data", "data"), "docker volume rm data"),
        (Action(Verb.REMOVE, Kind.NETWORK, ID, "lab"), "docker network rm lab"),
    ],
)
def test_the_line_a_person_would_type(action: Action, command: str) -> None:
    assert docker_command(action) == command


def test_a_forced_removal_shows_the_graceful_stop_before_it() -> None:
    action = Action(Verb.REMOVE, CONTAINER, ID, "web", grace_s=20, force=True)
    assert docker_command(action) == "docker stop --time 20 web && docker rm --force web"


@given(st.text(min_size=1))
def test_no_name_can_smuggle_a_second_command(name: str) -> None:
    words = shlex.split(docker_command(Action(Verb.PAUSE, CONTAINER, ID, name)))
    assert words == ["docker", "pause", name]


def test_short_id() -> None:
    assert short_id(f"sha256:{ID}") == short_id(ID) == "0123456789ab"
