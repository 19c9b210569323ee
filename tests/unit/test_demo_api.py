"""The SDK cannot tell the demo engine from a real one: lists, inspects, actions, refusals."""

import contextlib
import itertools

import docker
import pytest
import urllib3

from dstui.background import Background
from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World
from tests.demo_fixtures import *  # noqa: F403
from tests.waiting import PATIENCE_S, wait_until


@pytest.fixture
def running(demo_api: docker.APIClient) -> str:
    """The id of a container that heeds a stop."""
    return _named(demo_api, "mlplatform-db-1")


def _named(api: docker.APIClient, name: str) -> str:
    return api.containers(all=True, filters={"name": f"^/{name}$"})[0]["Id"]


def _state(api: docker.APIClient, container: str) -> dict:
    return api.inspect_container(container)["State"]


def _refusal(function, *args, **kwargs) -> tuple[int, str]:
    with pytest.raises(docker.errors.APIError) as caught:
        function(*args, **kwargs)
    return caught.value.response.status_code, caught.value.explanation


def test_version_ping_and_info(demo_api):
    assert demo_api.ping()
    assert demo_api.version()["ApiVersion"] == demo_api.api_version == "1.47"
    info = demo_api.info()
    assert info["Containers"] == 30
    assert info["ContainersRunning"] + info["ContainersPaused"] + info["ContainersStopped"] == 30


@pytest.mark.parametrize("version", ["1.41", "1.43", "1.47"])
def test_every_supported_api_version_answers(demo_server, version):
    api = docker.APIClient(base_url=demo_server.host, version=version)
    assert len(api.containers(all=True)) == 30
    assert ("VirtualSize" in api.images()[0]) == (version < "1.44")


def test_other_versions_and_paths_are_refused(demo_server):
    api = docker.APIClient(base_url=demo_server.host, version="1.99")
    assert _refusal(api.info) == (
        400,
        "client version 1.99 is too new. Maximum supported API version is 1.47",
    )
    answer = api.get(f"{api.base_url}/no/such/path")
    assert (answer.status_code, answer.json()) == (404, {"message": "page not found"})


def test_lists_filter_limit_and_measure(demo_api):
    alive = demo_api.containers()
    assert {found["State"] for found in alive} <= {"running", "paused", "restarting"}
    exited = demo_api.containers(filters={"status": "exited"})
    assert exited
    assert all(found["Status"].startswith("Exited (") for found in exited)
    project = demo_api.containers(filters={"label": "com.docker.compose.project=mlplatform"})
    assert len(project) == 7
    latest = demo_api.containers(limit=3, size=True)
    assert len(latest) == 3
    assert all("SizeRw" in found for found in latest)
    assert _refusal(demo_api.containers, filters={"nonsense": "x"})[0] == 400


def test_a_list_entry_agrees_with_its_inspection(demo_api):
    for entry in demo_api.containers(all=True):
        details = demo_api.inspect_container(entry["Id"])
        assert details["Name"] == entry["Names"][0]
        assert details["State"]["Status"] == entry["State"]
        assert details["Image"] == entry["ImageID"]
        assert details["Config"]["Labels"] == entry["Labels"]
        assert demo_api.inspect_image(entry["Image"])["Id"] == entry["ImageID"]


def test_life_of_a_container(demo_api, running):
    demo_api.pause(running)
    assert _state(demo_api, running)["Paused"]
    demo_api.unpause(running)
    demo_api.stop(running)
    state = _state(demo_api, running)
    assert (state["Status"], state["ExitCode"], state["Pid"]) == ("exited", 143, 0)
    demo_api.start(running)
    assert _state(demo_api, running)["Health"]["Status"] == "starting"
    demo_api.kill(running)
    assert _state(demo_api, running)["ExitCode"] == 137
    demo_api.restart(running)
    demo_api.rename(running, "database")
    assert _named(demo_api, "database") == running
    demo_api.remove_container(running, force=True)
    assert _refusal(demo_api.inspect_container, running) == (404, f"No such container: {running}")


def test_refusals_are_in_the_words_of_a_real_engine(demo_api, running):
    assert _refusal(demo_api.start, "nope") == (404, "No such container: nope")
    assert _refusal(demo_api.unpause, running) == (500, f"Container {running} is not paused")
    assert _refusal(demo_api.kill, running, "FOO") == (400, "Invalid signal: FOO")
    assert _refusal(demo_api.rename, running, "a b")[0] == 400
    assert _refusal(demo_api.rename, running, "mlplatform-minio-1")[0] == 409
    status, message = _refusal(demo_api.remove_container, running)
    assert status == 409
    assert message.startswith(f"You cannot remove a running container {running}.")
    demo_api.stop(running)
    assert _refusal(demo_api.pause, running) == (409, f"Container {running} is not running")
    assert _refusal(demo_api.top, running) == (409, f"Container {running} is not running")
    assert _refusal(demo_api.exec_create, running, ["sh"])[0] == 409
    assert _refusal(demo_api.kill, running)[0] == 409


def test_start_and_stop_again_change_nothing(demo_api, running):
    url = demo_api._url("/containers/{0}/start", running)
    assert demo_api._post(url).status_code == 304
    demo_api.stop(running)
    assert demo_api._post(demo_api._url("/containers/{0}/stop", running)).status_code == 304


def test_wait_answers_when_the_container_ends(demo_api, demo_server, running):
    import threading

    answers = []
    waiter = threading.Thread(target=lambda: answers.append(demo_api.wait(running)))
    waiter.start()
    docker.APIClient(base_url=demo_server.host, version="auto").kill(running)
    waiter.join(PATIENCE_S)
    assert answers == [{"StatusCode": 137}]


def test_created_containers_run_and_take_their_anonymous_volumes_with_them(demo_api):
    created = demo_api.create_container(
        "busybox:1.37",
        ["sleep", "100"],
        name="made",
        ports=[80],
        volumes=["/anon"],
        labels={"a": "b"},
        host_config=demo_api.create_host_config(port_bindings={80: 18080}, mem_limit="100m"),
    )["Id"]
    demo_api.start(created)
    details = demo_api.inspect_container(created)
    assert details["HostConfig"]["Memory"] == 104_857_600
    assert details["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"] == "18080"
    volume = details["Mounts"][0]["Name"]
    assert demo_api.inspect_volume(volume)["Name"] == volume
    demo_api.remove_container(created, force=True, v=True)
    assert _refusal(demo_api.inspect_volume, volume) == (404, f"get {volume}: no such volume")
    assert _refusal(demo_api.create_container, "nope:1", "x") == (404, "No such image: nope:1")


def test_top_and_stats(demo_api, running):
    table = demo_api.top(running)
    assert table["Titles"][-1] == "CMD"
    assert table["Processes"][0][-1] == "docker-entrypoint.sh postgres"
    assert demo_api.top(running, "-eo pid,comm")["Titles"] == ["PID", "COMMAND"]
    once = demo_api.stats(running, stream=False)
    assert once["cpu_stats"]["system_cpu_usage"] > once["precpu_stats"]["system_cpu_usage"]
    assert demo_api.stats(running, stream=False, one_shot=True)["precpu_stats"]["cpu_usage"] == {
        "total_usage": 0,
        "usage_in_kernelmode": 0,
        "usage_in_usermode": 0,
    }
    frames = list(itertools.islice(demo_api.stats(running, decode=True), 3))
    used = [frame["cpu_stats"]["cpu_usage"]["total_usage"] for frame in frames]
    assert used == sorted(used)
    assert used[0] < used[-1]
    assert frames[1]["preread"] == frames[0]["read"]


def test_stats_stream_can_fall_silent_for_a_picture(serve_demo):
    world = World(10, 1, Clock())  # noqa: F405
    server = serve_demo(world, pace=Pace(stats_every_s=0.001, stats_frames=3))
    api = docker.APIClient(base_url=server.host, version="auto")
    running = next(iter(api.containers()))["Id"]
    frames = []

    def read() -> None:
        with contextlib.suppress(urllib3.exceptions.ProtocolError):  # the server stops
            frames.extend(api.stats(running, decode=True))

    reading = Background(1).submit(read)
    again = list(itertools.islice(api.stats(running, decode=True), 3))
    assert [frame["read"][17:19] for frame in again] == ["20", "21", "22"]
    wait_until(lambda: len(frames) == 3)
    server.stop()
    reading.result(PATIENCE_S)
    assert len(frames) == 3


def test_images(demo_api):
    images = demo_api.images()
    assert any(not image["RepoTags"] for image in images)
    assert all(len(image["RepoTags"]) for image in demo_api.images(filters={"dangling": False}))
    details = demo_api.inspect_image("ghcr.io/lab/vision-train:latest")
    assert len(details["RepoTags"]) == 2
    steps = demo_api.history("ghcr.io/lab/vision-train")
    assert sum(step["Size"] for step in steps) == details["Size"]
    assert _refusal(demo_api.inspect_image, "nope") == (404, "No such image: nope:latest")


def test_an_image_is_untagged_then_deleted_unless_it_is_used(demo_api):
    done = demo_api.remove_image("ghcr.io/lab/vision-train:2.3")
    assert done == [{"Untagged": "ghcr.io/lab/vision-train:2.3"}]
    status, message = _refusal(demo_api.remove_image, "postgres:17")
    assert status == 409
    assert "(must force) - container" in message
    identifier = demo_api.inspect_image("alpine:3.22")["Id"]
    assert demo_api.remove_image("alpine:3.22")[-1] == {"Deleted": identifier}
    assert _refusal(demo_api.remove_image, "alpine:3.22")[0] == 404


def test_volumes_and_networks(demo_api):
    names = {volume["Name"] for volume in demo_api.volumes()["Volumes"]}
    unused = {volume["Name"] for volume in demo_api.volumes(filters={"dangling": True})["Volumes"]}
    assert "hf-cache-old" in unused < names
    demo_api.remove_volume("hf-cache-old")
    status, message = _refusal(demo_api.remove_volume, "mlplatform_db")
    assert (status, message[:42]) == (409, "remove mlplatform_db: volume is in use - [")
    networks = {network["Name"] for network in demo_api.networks()}
    assert networks >= {"bridge", "host", "none", "mlplatform_default"}
    assert len(demo_api.inspect_network("mlplatform_default")["Containers"]) == 7
    assert _refusal(demo_api.remove_network, "bridge")[0] == 403
    assert _refusal(demo_api.remove_network, "mlplatform_default")[0] == 403
    demo_api.remove_network("research")
    assert _refusal(demo_api.inspect_network, "research") == (404, "network research not found")


def test_disk_use_measures_what_lists_do_not(demo_api):
    use = demo_api.df()
    assert use["LayersSize"] < sum(image["Size"] for image in use["Images"])
    assert all(image["SharedSize"] <= image["Size"] for image in use["Images"])
    assert {volume["UsageData"]["RefCount"] for volume in use["Volumes"]} > {0}
    assert len(use["Containers"]) == 30


def test_a_path_is_found_in_a_container_where_the_image_has_that_shell(demo_api):
    def status(name: str, path: str) -> int:
        container = demo_api.containers(all=True, filters={"name": name})[0]["Id"]
        url = demo_api._url("/containers/{0}/archive", container)
        return demo_api.head(url, params={"path": path}).status_code

    assert status("mlplatform-db-1", "/bin/bash") == 200
    assert status("mlplatform-db-1", "/bin/zsh") == 404
    assert status("feature-server", "/bin/sh") == 404


def test_a_stopped_server_refuses_and_leaves_no_socket(tmp_path):
    server = DemoServer(World(3), tmp_path / "docker.sock")
    with server:
        api = docker.APIClient(base_url=server.host, version="auto")
        assert len(api.containers(all=True)) == 3
    assert not server.path.exists()
    with pytest.raises(Exception, match=r"No such file|Connection"):
        api.ping()
