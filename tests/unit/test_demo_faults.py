"""Each fault of the demo engine does what its name says, and ends when it is switched off."""

import itertools
import json
import time

import docker
import pytest
import requests
import urllib3

from dstui.background import Background
from dstui.demo.faults import Faults
from dstui.demo.hostile import TEXTS
from dstui.demo.server import Pace
from tests.demo_fixtures import *  # noqa: F403
from tests.waiting import PATIENCE_S, wait_until


def _client(server) -> docker.APIClient:
    return docker.APIClient(base_url=server.host, version="1.47", timeout=PATIENCE_S)


def test_answers_come_late(demo_server):
    demo_server.apply_faults({"delay_s": 0.1, "path": "json"})
    before = time.monotonic()
    _client(demo_server).containers()
    assert time.monotonic() - before >= 0.1


def test_a_hung_engine_accepts_and_never_answers(demo_server):
    demo_server.apply_faults({"hang": True})
    asked = Background(1).submit(_client(demo_server).ping)
    wait_until(lambda: demo_server._connections, "the question")
    assert not asked.done()
    demo_server.apply_faults({"hang": False})
    assert asked.result(PATIENCE_S)


def test_errors_hit_only_the_paths_that_were_named(demo_server):
    demo_server.apply_faults({"error_status": 500, "path": "/images"})
    with pytest.raises(docker.errors.APIError, match="simulated failure"):
        _client(demo_server).images()
    assert _client(demo_server).containers()


def test_json_is_cut_in_half(demo_server):
    demo_server.apply_faults({"malformed": True})
    with pytest.raises(ValueError):
        _client(demo_server).containers()


def test_the_connection_ends_within_an_answer(demo_server):
    demo_server.apply_faults({"cut": True})
    with pytest.raises(requests.exceptions.RequestException):
        _client(demo_server).containers()


def test_streams_break_within_a_frame(demo_server):
    demo_server.apply_faults({"drop_streams_after": 3000})
    running = _client(demo_server).containers()[0]["Id"]
    with pytest.raises(urllib3.exceptions.ProtocolError):
        list(_client(demo_server).stats(running, decode=True))


def test_events_storm_and_calm_down(demo_server):
    demo_server.apply_faults({"storm_per_s": 2000})
    events = _client(demo_server).events(decode=True)
    assert len(list(itertools.islice(events, 500))) == 500
    demo_server.apply_faults({"storm_per_s": 0})


def test_strange_events_are_strange(demo_server):
    demo_server.apply_faults({"strange_events": True})
    lines = b"".join(itertools.islice(_client(demo_server).events(), 40)).split(b"\n")
    assert any(b"sneeze" in line for line in lines)
    assert b'{"Type":' in lines


def test_logs_flood(demo_server):
    demo_server.apply_faults({"flood": True})
    api = _client(demo_server)
    container = api.containers()[0]["Id"]
    lines = api.logs(container, stream=True, follow=True, tail=0)
    assert len(list(itertools.islice(lines, 5000))) == 5000


def test_a_list_after_a_die_is_stale_for_a_moment(demo_server):
    demo_server.apply_faults({"stale_list_s": 2 * PATIENCE_S})
    api = _client(demo_server)
    container = api.containers(filters={"name": "db"})[0]["Id"]
    api.kill(container)
    assert api.inspect_container(container)["State"]["Running"]
    assert api.containers(all=True, filters={"id": container})[0]["State"] == "running"
    until, state = demo_server.world.stale[container]
    demo_server.world.stale[container] = until - 2 * PATIENCE_S, state
    assert api.containers(all=True, filters={"id": container})[0]["State"] == "exited"
    assert not api.inspect_container(container)["State"]["Running"]


def test_hostile_text_is_everywhere(serve_demo):
    server = serve_demo(faults=Faults(hostile=True), pace=Pace(stats_every_s=0.01))
    api = _client(server)
    found = [one for one in api.containers() if one["Names"][0].startswith("/hostile-")]
    assert {one["Names"][0].removeprefix("/hostile-") for one in found} == set(TEXTS)
    details = api.inspect_container(found[0]["Id"])
    text = details["Name"].removeprefix("/hostile-")
    assert details["Config"]["Labels"][text] == text
    assert details["Config"]["Env"] == [f"SECRET_{text}={text}"]
    assert any(text in image["RepoTags"][0] for image in api.images() if image["RepoTags"])
    assert any(text in volume["Name"] for volume in api.volumes()["Volumes"])
    log = api.logs(found[0]["Id"])
    assert b"\x1b[2J" in log
    assert b"\xff\xfe" in log
    server.apply_faults({"hostile": True})
    assert len(api.containers()) == len(_client(server).containers())


def test_a_gpu_is_lost_and_comes_back(demo_server):
    url = f"{_client(demo_server).base_url}/_demo/gpus"
    demo_server.apply_faults({"lost_gpus": [2]})
    gpus = _client(demo_server).get(url).json()["gpus"]
    assert [index for index, gpu in enumerate(gpus) if "error" in gpu] == [2]
    demo_server.apply_faults({"lost_gpus": []})
    assert not any("error" in gpu for gpu in _client(demo_server).get(url).json()["gpus"])


def test_faults_are_switched_over_the_same_socket_even_when_it_hangs(demo_server):
    api = _client(demo_server)
    url = f"{api.base_url}/_demo/faults"
    assert api.post(url, data=json.dumps({"hang": True})).json()["hang"] is True
    assert api.get(url).json()["hang"] is True
    assert api.post(url, data=json.dumps({"hang": False})).status_code == 200
    refused = api.post(url, data=json.dumps({"nonsense": 1}))
    assert (refused.status_code, refused.json()) == (400, {"message": "no such fault: nonsense"})


def test_all_connections_can_be_dropped(demo_server):
    api = _client(demo_server)
    events = api.events()
    demo_server.drop_connections()
    assert list(events) == []
    assert _client(demo_server).ping()
