"""Usage from the kernel and from the engine's streams, beside what `docker stats` says."""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import docker
import pytest

from dstui.domain.changes import Change, Sampled
from dstui.domain.container import Container
from dstui.domain.usage import Usage
from dstui.engine.client import Engine
from dstui.engine.dial import Dialer
from dstui.engine.stats import StatsSampler, sample_once
from tests import needs
from tests.conftest import ContainerFactory
from tests.waiting import wait_until

UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
BUSY = {
    "burner": (["sh", "-c", "while :; do :; done"], {"nano_cpus": 200_000_000}),
    "holder": (
        ["sh", "-c", "dd if=/dev/zero of=/held bs=1M count=40; cat /held >/dev/null; sleep 1000"],
        {"mem_limit": "200m"},
    ),
    "talker": (["sh", "-c", "ping -i 0.2 -q $(hostname -i | sed 's/[0-9]*$/1/')"], {}),
    "many": (["sh", "-c", "for i in $(seq 20); do sleep 1000 & done; wait"], {}),
    "hosted": (["sleep", "1000"], {"network_mode": "host"}),
    "lonely": (["sleep", "1000"], {"network_mode": "none"}),
}


@pytest.fixture
def remote_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The same engine, as if it ran on another machine."""
    monkeypatch.setattr(type(engine.endpoint), "local", property(lambda _: False))
    yield engine


@pytest.fixture
def busy(engine: Engine, container_factory: ContainerFactory) -> dict[str, Container]:
    """Containers that do something, by what they do."""
    ids = {
        what: container_factory(*command, host_config=options)
        for what, (command, options) in BUSY.items()
    }
    ids["guest"] = container_factory(
        "sleep", "1000", host_config={"network_mode": f"container:{ids['talker']}"}
    )
    listed = {found.id: found for found in engine.containers()}
    wait_until(lambda: "sleep" in str(engine.top(ids["holder"])), what="the file to be written")
    wait_until(lambda: len(engine.top(ids["many"]).rows) > 20, what="all processes")
    return {what: listed[identifier] for what, identifier in ids.items()}


def docker_stats(host: str, containers: Mapping[str, Container]) -> dict[str, dict[str, float]]:
    """What `docker stats --no-stream` shows, by what the containers do."""
    program = needs.program("docker")
    columns = "{{.ID}}|{{.CPUPerc}}|{{.MemUsage}}|{{.NetIO}}|{{.PIDs}}"
    ids = [container.id for container in containers.values()]
    shown = subprocess.run(
        [program, "-H", host, "stats", "--no-stream", "--no-trunc", "--format", columns, *ids],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    by_id = {row.partition("|")[0]: row.split("|") for row in shown.splitlines()}
    return {what: figures(by_id[container.id]) for what, container in containers.items()}


def figures(row: list[str]) -> dict[str, float]:
    _, cpu, memory, network, pids = row
    used, limit = map(in_bytes, memory.split(" / "))
    received, _ = map(in_bytes, network.split(" / "))
    return {
        "cpu": float(cpu.rstrip("%")),
        "memory": used,
        "limit": limit,
        "received": received,
        "pids": int(pids),
    }


def in_bytes(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)(\w+)", text)
    assert found, text
    return float(found[1]) * UNITS[found[2]]


def assert_equal(usage: Mapping[str, Usage], shown: Mapping[str, Mapping[str, float]]) -> None:
    for what, said in shown.items():
        found = usage[what]
        assert found.cpu_percent == pytest.approx(said["cpu"], abs=10), what
        assert found.memory_bytes == pytest.approx(said["memory"], rel=0.05, abs=300_000), what
        assert found.memory_limit_bytes == pytest.approx(said["limit"], rel=0.005), what
        assert (found.net_rx_bytes or 0) == pytest.approx(said["received"], rel=0.2, abs=3000), what
        assert found.pids == said["pids"], what


def assert_same_as_docker_stats(
    sample: Callable[[], Mapping[str, Usage]], host: str, busy: Mapping[str, Container]
) -> None:
    """The two look one after the other, and what they look at moves: one of a few pairs agrees."""
    for tries_left in reversed(range(4)):
        try:
            assert_equal(sample(), docker_stats(host, busy))
        except AssertionError:
            if not tries_left:
                raise
        else:
            return


def by_name(sampled: Mapping[str, Usage], busy: Mapping[str, Container]) -> dict[str, Usage]:
    return {what: sampled[container.id] for what, container in busy.items()}


def test_this_machines_kernel_says_what_docker_stats_says(
    engine: Engine, busy: dict[str, Container], engine_host: str
) -> None:
    if not engine.endpoint.local:
        needs.unavailable("the engine is not on this machine")

    def sample() -> dict[str, Usage]:
        return by_name(sample_once(engine, list(busy.values()), settle_s=1.0), busy)

    usage = sample()
    assert usage["hosted"].net_rx_bytes is None
    assert usage["lonely"].net_rx_bytes is None
    assert usage["guest"].net_rx_bytes == pytest.approx(usage["talker"].net_rx_bytes, abs=3000)
    assert usage["many"].pids == 22
    assert_same_as_docker_stats(sample, engine_host, busy)


def test_the_engines_streams_say_what_docker_stats_says(
    remote_engine: Engine, busy: dict[str, Container], engine_host: str
) -> None:
    def sample() -> dict[str, Usage]:
        return by_name(sample_once(remote_engine, list(busy.values())), busy)

    assert sample()["hosted"].net_rx_bytes is None
    assert_same_as_docker_stats(sample, engine_host, busy)


class Watched:
    """A running sampler, and the newest usage by id."""

    def __init__(self, engine: Engine, running: Callable[[], list[Container]]) -> None:
        self.usage: dict[str, Usage] = {}
        self.sampler = StatsSampler(engine, running, self._take, every_s=0.3)

    def _take(self, change: Change) -> None:
        assert isinstance(change, Sampled)
        self.usage.update(change.usage)

    def __enter__(self) -> "Watched":
        self.sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.sampler.stop()


def test_a_started_container_has_its_cpu_at_once_and_survives_a_restart(
    engine: Engine, container_factory: ContainerFactory, docker_api: docker.APIClient
) -> None:
    identifier = container_factory("sh", "-c", "while :; do :; done", start=False)

    def running() -> list[Container]:
        return [found for found in engine.containers() if found.alive and found.id == identifier]

    with Watched(engine, running) as watched:
        assert watched.usage == {}
        docker_api.start(identifier)
        wait_until(lambda: identifier in watched.usage and watched.usage[identifier].cpu_percent)
        docker_api.restart(identifier, timeout=0)
        watched.usage.clear()
        wait_until(lambda: identifier in watched.usage and watched.usage[identifier].cpu_percent)


def test_streams_are_open_only_for_what_is_on_screen(
    remote_engine: Engine,
    container_factory: ContainerFactory,
    monkeypatch: pytest.MonkeyPatch,
    docker_api: docker.APIClient,
) -> None:
    ids = [container_factory() for _ in range(3)]
    containers = [found for found in remote_engine.containers() if found.id in ids]
    open_sockets = []
    dial = Dialer.dial

    def counted(dialer: Dialer) -> object:
        open_sockets.append(dial(dialer))
        return open_sockets[-1]

    monkeypatch.setattr(Dialer, "dial", counted)
    with Watched(remote_engine, lambda: list(containers)) as watched:
        watched.sampler.focus(ids[:2])
        wait_until(lambda: watched.usage.keys() == set(ids[:2]))
        watched.sampler.focus(ids[2:])
        wait_until(lambda: watched.usage.keys() == set(ids))
        streams = watched.sampler._streams
        wait_until(lambda: streams._open.keys() == set(ids[2:]))
        docker_api.kill(ids[2])
        containers[:] = [replace(found) for found in containers if found.id != ids[2]]
        wait_until(lambda: not streams._open)
    wait_until(lambda: all(opened.fileno() == -1 for opened in open_sockets))
