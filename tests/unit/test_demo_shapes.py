"""The demo engine's answers have the fields that a real engine's have."""

import docker
import pytest

from tests.demo_fixtures import *  # noqa: F403

# What a real engine tells only on some hosts, of some versions, or for some containers.
_ONLY_SOME = {
    "Container", "ContainerConfig", "KernelMemory", "KernelMemoryTCP", "Init", "percpu_usage",
    "max_usage",
}  # fmt: skip
_FREE_KEYS = {"Labels", "Ports", "PortBindings", "ExposedPorts", "Networks", "Runtimes", "Options",
              "Data", "stats", "DriverOpts", "DriverStatus", "Volumes", "Containers", "networks",
              "RegistryConfig", "Swarm", "Plugins", "Metadata"}  # fmt: skip


def _missing(real, demo, path: str = "") -> list[str]:
    """Paths of the fields that the real answer has and the demo's has not, or of another type."""
    if isinstance(real, dict) and isinstance(demo, dict):
        found = []
        for key, value in real.items():
            where = f"{path}.{key}"
            if key not in demo:
                found += [] if key in _ONLY_SOME else [where]
            elif key not in _FREE_KEYS:
                found += _missing(value, demo[key], where)
        return found
    if isinstance(real, list) and isinstance(demo, list):
        return _missing(real[0], demo[0], f"{path}[]") if real and demo else []
    if real is None or demo is None or type(real) is type(demo):
        return []
    return [f"{path}: {type(real).__name__}, not {type(demo).__name__}"]


@pytest.fixture
def pair(docker_api, container_factory, serve_demo):
    """A real and a simulated API, each with the id of a running container."""
    demo = docker.APIClient(base_url=serve_demo().host, version=docker_api.api_version)
    simulated = demo.containers(filters={"name": "mlplatform-db-1"})[0]["Id"]
    real = container_factory("sh", "-c", "echo hello; exec sleep 1000", labels={"a": "b"})
    return (docker_api, real), (demo, simulated)


def _compare(pair, ask):
    (real_api, real), (demo_api, simulated) = pair
    assert _missing(ask(real_api, real), ask(demo_api, simulated)) == []


def test_list(pair):
    _compare(pair, lambda api, container: api.containers(filters={"id": container}))


def test_inspection(pair):
    _compare(pair, lambda api, container: api.inspect_container(container))


def test_stats(pair):
    _compare(pair, lambda api, container: api.stats(container, stream=False))


def test_stats_of_a_container_that_does_not_run(pair):
    def ask(api, container):
        api.kill(container)
        return api.stats(container, stream=False)

    _compare(pair, ask)


def test_top(pair):
    _compare(pair, lambda api, container: api.top(container))


def test_exec(pair):
    _compare(
        pair, lambda api, container: api.exec_inspect(api.exec_create(container, ["sh"])["Id"])
    )


def test_images(pair):
    _compare(pair, lambda api, container: api.images()[:1])


def test_image(pair):
    def ask(api, container):
        return api.inspect_image(api.inspect_container(container)["Image"])

    _compare(pair, ask)


def test_history(pair):
    _compare(
        pair, lambda api, container: api.history(api.inspect_container(container)["Image"])[:1]
    )


def test_networks(pair):
    _compare(pair, lambda api, container: api.networks()[:1])
    _compare(pair, lambda api, container: api.inspect_network("bridge"))


def test_disk_use(pair):
    _compare(pair, lambda api, container: list(api.df()))


def test_info_and_version(pair):
    _compare(pair, lambda api, container: api.info())
    _compare(pair, lambda api, container: api.version())


def test_refusals_are_worded_alike(pair):
    (real_api, real), (demo_api, simulated) = pair

    def refusals(api, container):
        texts = []
        for call in (
            lambda: api.start("nope"),
            lambda: api.unpause(container),
            lambda: api.remove_container(container),
            lambda: api.kill(container, "FOO"),
            lambda: api.rename(container, "a b"),
            lambda: api.inspect_volume("nope"),
            lambda: api.inspect_network("nope"),
            lambda: api.remove_network("bridge"),
            lambda: api.history("nope"),
            lambda: api.exec_inspect("nope"),
        ):
            with pytest.raises(docker.errors.APIError) as caught:
                call()
            words = caught.value.explanation.replace(container, "ID")
            texts.append((caught.value.response.status_code, words))
        return texts

    assert refusals(demo_api, simulated) == refusals(real_api, real)


def test_events_are_alike(pair):
    def events(api, container):
        since = api.info()["SystemTime"]
        api.restart(container, timeout=0)
        api.rename(container, f"{container[:8]}-renamed")
        until = float(_seconds(api.info()["SystemTime"])) + 1
        return [
            {**event, "Actor": {"Attributes": event["Actor"]["Attributes"]}}
            for event in api.events(
                since=_seconds(since),
                until=until,
                decode=True,
                filters={"type": "container", "container": container},
            )
        ]

    (real_api, real), (demo_api, simulated) = pair
    of_real, of_demo = events(real_api, real), events(demo_api, simulated)
    by_action = {event["Action"]: event for event in of_demo}
    for event in of_real:
        assert event["Action"] in by_action
        simulated_event = by_action[event["Action"]]
        assert _missing({**event, "Actor": {"Attributes": {}}}, simulated_event) == []
        wanted = event["Actor"]["Attributes"].keys() - {"a", "dstui.test"}
        assert wanted <= simulated_event["Actor"]["Attributes"].keys()


def _seconds(text: str) -> str:
    from datetime import datetime

    return str(datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00").timestamp())
