"""Containers that are made to look into an image go away in every case."""

import json
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from dstui.domain.engine import EngineError
from dstui.engine.maker import MAKER_LABEL, this_process
from dstui.engine.notices import notice
from dstui.engine.throwaway import LABEL, throwaway
from tests.waiting import PATIENCE_S


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


def test_it_is_labelled_and_removed_at_the_end():
    rest = Rest()
    with throwaway(engine(rest), "sha256:1", "files") as name:
        assert list(rest.containers) == [name]
    assert rest.containers == {}
    (body,) = rest.bodies
    assert body["Labels"] == {LABEL: "files", MAKER_LABEL: this_process()}
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


def test_what_only_looks_into_an_image_never_enters_the_lists() -> None:
    def created(labels: dict[str, str]) -> bytes:
        actor = {"ID": "c" * 64, "Attributes": {"name": "x", **labels}}
        return json.dumps({"Type": "container", "Action": "create", "Actor": actor}).encode()

    told = notice(created({LABEL: "files"}))
    assert told is not None
    assert told.told
    assert not told.again
    assert notice(created({})).again


class LateRest(Rest):
    """Makes the container only when it has been asked twice to remove it."""

    asked = 0

    def ask(self, method, path, query=None, body=None, timeout_s=None):
        if method == "POST":
            raise EngineError("the connection broke")
        self.asked += 1
        if self.asked < 3:
            raise EngineError("no such container", 404)
        self.containers["made late"] = 0.0


def test_one_that_is_made_after_its_maker_was_interrupted_is_removed(monkeypatch):
    monkeypatch.setattr("dstui.engine.throwaway._MADE_LATE_S", 0.001)
    rest = LateRest()
    with pytest.raises(EngineError, match="broke"), throwaway(engine(rest), "x", "files"):
        pass
    assert rest.asked == 3


def test_what_the_engine_refused_is_looked_for_once():
    rest = LateRest()
    rest.ask = lambda method, *more, **_: calls.append(method) or refuse()
    calls: list[str] = []

    def refuse():
        raise EngineError("no such image", 404)

    with pytest.raises(EngineError), throwaway(engine(rest), "x", "files"):
        pass
    assert calls == ["POST", "DELETE"]


INTERRUPTED = """
import signal, threading, time, os
from types import SimpleNamespace
from dstui.cli.exits import unwound_when_terminated
from dstui.engine.throwaway import throwaway

class Rest:
    def ask(self, method, *more, **_):
        if method == "DELETE":
            os.kill(os.getpid(), signal.{name})
            time.sleep(0.3)
            print("removed", flush=True)

engine = SimpleNamespace(rest=Rest(), inspect=lambda kind, name: {{}})
with unwound_when_terminated(), throwaway(engine, "x", "files"):
    pass
print("went on", flush=True)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
def test_a_signal_amid_the_removal_waits_for_its_end(name):
    program = INTERRUPTED.format(name=name)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.stdout == "removed\n"
    assert done.returncode
