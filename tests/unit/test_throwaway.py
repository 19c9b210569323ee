"""Containers that are made to look into an image go away in every case."""

import json
import time
from types import SimpleNamespace

import pytest

from dstui.domain.engine import EngineError
from dstui.engine.notices import notice
from dstui.engine.throwaway import LABEL, throwaway


def engine(rest: "Rest", volumes: dict | None = None) -> SimpleNamespace:
    return SimpleNamespace(rest=rest, inspect=lambda kind, name: {"Config": {"Volumes": volumes}})


class Rest:
    """Keeps the containers that it was asked to make."""

    def __init__(self, refuse: str = "", left: dict[str, float] | None = None) -> None:
        self.containers = dict(left or {})
        self.bodies: list[dict] = []
        self._refuse = refuse

    def ask(self, method, path, query=None, body=None, timeout_s=None):
        if method == "POST":
            self.containers[query["name"]] = time.time()
            self.bodies.append(body)
            if self._refuse:
                raise EngineError(self._refuse)  # such as a connection lost before the answer
        elif self.containers.pop(path.rpartition("/")[2], None) is None:
            raise EngineError("no such container", 404)

    def get(self, path, query):
        assert json.loads(query["filters"]) == {"label": [LABEL], "status": ["created"]}
        return [{"Id": name, "Created": int(made)} for name, made in self.containers.items()]


def test_it_is_labelled_and_removed_at_the_end():
    rest = Rest()
    with throwaway(engine(rest), "sha256:1", "files") as name:
        assert list(rest.containers) == [name]
    assert rest.containers == {}
    (body,) = rest.bodies
    assert body["Labels"] == {LABEL: "files"}
    assert body["HostConfig"]["NetworkMode"] == "none"


def test_no_volume_of_the_image_is_made_and_filled():
    rest = Rest()
    with throwaway(engine(rest, {"/data": {}}), "x", "files"):
        assert rest.bodies[0]["HostConfig"]["Tmpfs"] == {"/data": ""}


def test_it_is_removed_when_the_work_fails():
    rest = Rest()
    with pytest.raises(KeyError), throwaway(engine(rest), "x", "files"):
        raise KeyError
    assert rest.containers == {}


def test_it_is_removed_even_when_the_answer_got_lost():
    rest = Rest(refuse="the engine does not answer")
    with pytest.raises(EngineError), throwaway(engine(rest), "x", "files"):
        pass
    assert rest.containers == {}


def test_what_a_killed_dstui_left_is_removed_and_what_another_uses_is_not():
    rest = Rest(left={"old": time.time() - 3600, "in-use": time.time() - 5})
    with throwaway(engine(rest), "x", "files"):
        pass
    assert set(rest.containers) == {"in-use"}


def test_what_only_looks_into_an_image_never_enters_the_lists() -> None:
    def created(labels: dict[str, str]) -> bytes:
        actor = {"ID": "c" * 64, "Attributes": {"name": "x", **labels}}
        return json.dumps({"Type": "container", "Action": "create", "Actor": actor}).encode()

    told = notice(created({LABEL: "files"}))
    assert told is not None
    assert told.told
    assert not told.again
    assert notice(created({})).again
