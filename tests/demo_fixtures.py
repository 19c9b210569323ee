"""A demo engine for a test: `from tests.demo_fixtures import *` brings the fixtures."""

from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from dstui.demo.server import DemoServer, Pace
from dstui.demo.world import World
from tests.waiting import PATIENCE_S

__all__ = ["Clock", "demo_api", "demo_server", "serve_demo"]

EPOCH = 1_760_000_000.0
ServeDemo = Callable[..., DemoServer]


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: float = EPOCH) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def serve_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServeDemo]:
    """Starts demo servers, `serve_demo(world, faults=…, pace=…)`, and stops them at the end."""
    servers: list[DemoServer] = []

    def serve(world: World | None = None, **options) -> DemoServer:
        directory: Path = tmp_path_factory.mktemp("demo")
        server = DemoServer(world or World(30), directory / "docker.sock", **options)
        server.start()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture
def demo_server(serve_demo: ServeDemo) -> DemoServer:
    """A world of 30 containers, whose stats come fast."""
    return serve_demo(pace=Pace(stats_every_s=0.01))


@pytest.fixture
def demo_api(demo_server: DemoServer) -> Iterator[docker.APIClient]:
    """The SDK's client of `demo_server`."""
    api = docker.APIClient(base_url=demo_server.host, version="auto", timeout=PATIENCE_S)
    yield api
    api.close()
