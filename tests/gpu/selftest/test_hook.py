"""What an engine says when NVIDIA's hook refuses: words wrapped by a real daemon and runtime."""

import docker
import pytest

from dstui.domain.action import Action, Verb
from dstui.domain.diagnosis import diagnose
from dstui.domain.engine import Endpoint, EngineError
from dstui.domain.kind import Kind
from dstui.engine.actions import perform
from dstui.engine.connect import connect
from tests.gpu.selftest.conftest import BARE_IMAGE
from tests.unit.test_diagnosis import HOOK_MESSAGES, row_of


@pytest.mark.parametrize("words", HOOK_MESSAGES)
def test_a_refusal_of_the_hook_is_explained_through_all_its_wrapping(hooked, words):
    container = hooked.create()
    hooked.hook.fails(words)
    outcome = perform(hooked.connect(), Action(Verb.START, Kind.CONTAINER, container, "training"))
    assert not outcome.ok
    assert words in outcome.message
    assert row_of(outcome.message) == row_of(words)
    known = diagnose(words)
    assert known is not None
    assert (outcome.cause, outcome.fix) == (known.cause, known.fix)


def test_with_a_hook_that_is_content_the_container_starts(hooked):
    container = hooked.create()
    outcome = perform(hooked.connect(), Action(Verb.START, Kind.CONTAINER, container, "training"))
    assert outcome.ok, outcome.message


_EVERY = {"Count": -1, "Capabilities": [["gpu"]]}


@pytest.mark.parametrize(
    ("row", "host"),
    [
        (1, {"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=all"]}]}),
        (2, {"Runtime": "nvidia"}),
        (3, {"DeviceRequests": [{**_EVERY, "Count": 1, "DeviceIDs": ["0"]}]}),
        (4, {"Devices": [{"PathOnHost": "/dev/nvidia77", "PathInContainer": "/dev/nvidia77"}]}),
    ],
)
def test_what_the_daemon_itself_refuses_is_in_the_table(hooked, row, host):
    engine = hooked.connect()
    body = {"Image": BARE_IMAGE, "Cmd": ["true"], "HostConfig": host}
    with pytest.raises(EngineError) as refusal:
        made = engine.rest.ask("POST", "/containers/create", body=body).json()["Id"]
        hooked.remove_later(made)
        engine.rest.ask("POST", f"/containers/{made}/start")
    assert row_of(refusal.value.message) == row, refusal.value.message


def test_an_engine_without_the_hook_says_so_itself(docker_api, container_factory, engine_host):
    every = docker.types.DeviceRequest(count=-1, capabilities=[["gpu"]])
    container = container_factory(start=False, host_config={"device_requests": [every]})
    engine = connect((Endpoint(engine_host, source="the tests"),))
    outcome = perform(engine, Action(Verb.START, Kind.CONTAINER, container, "training"))
    if outcome.ok:
        pytest.skip("the engine of the tests can give GPUs")
    assert row_of(outcome.message) == 0
    assert "NVIDIA container toolkit" in outcome.cause
