"""Engines for the tests of the whole app."""

from collections.abc import Iterator

import docker
import pytest

from dstui.demo.server import DemoServer
from dstui.demo.world import World
from tests.demo_fixtures import ServeDemo, serve_demo
from tests.waiting import PATIENCE_S

__all__ = ["lab", "lab_api", "serve_demo"]


@pytest.fixture
def lab(serve_demo: ServeDemo) -> DemoServer:
    """30 containers at an engine's pace: a pilot waits while anything is busy."""
    return serve_demo(World(30))


@pytest.fixture
def lab_api(lab: DemoServer) -> Iterator[docker.APIClient]:
    """Another client of that engine."""
    api = docker.APIClient(base_url=lab.host, version="auto", timeout=PATIENCE_S)
    yield api
    api.close()
