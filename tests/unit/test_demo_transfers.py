"""Names and transfers on the demo engine, through the code that serves real ones."""

from collections.abc import Iterator

import pytest

from dstui.demo.server import Pace
from dstui.domain import transfer as moves
from dstui.domain.engine import Endpoint
from dstui.domain.reference import parse
from dstui.domain.transfer import RefusedBy, TransferProgress
from dstui.engine.actions import perform
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from dstui.engine.transfer import transfer
from tests.demo_fixtures import *  # noqa: F403
from tests.demo_fixtures import ServeDemo

IMAGE = "ghcr.io/lab/vision-train:2.3"


@pytest.fixture
def engine(serve_demo: ServeDemo) -> Iterator[Engine]:
    server = serve_demo(pace=Pace(transfer_s=0.0))
    connected = connect((Endpoint(server.host, source="the test"),))
    yield connected
    connected.close()


def test_a_push_grows_layer_by_layer_and_tells_the_digest(engine: Engine) -> None:
    reports: list[TransferProgress] = []
    result = transfer(engine, moves.push(parse(IMAGE)), reports.append)
    assert result.outcome.ok
    assert result.pinned.startswith("ghcr.io/lab/vision-train@sha256:")
    statuses = {layer.status for layer in reports[-1].layers}
    assert statuses == {"Pushed", "Layer already exists"}
    assert reports[-1].fraction == 1.0
    assert result.pinned in engine.image(IMAGE).digests


def test_names_come_and_go(engine: Engine) -> None:
    before = engine.image(IMAGE)
    assert perform(engine, moves.tag(IMAGE, parse("train:1"))).ok
    assert engine.image("docker.io/library/train:1").id == before.id
    assert perform(engine, moves.untag(parse("train:1"))).ok
    assert engine.image(IMAGE).references == before.references


def test_only_what_is_here_can_be_pulled(engine: Engine) -> None:
    assert transfer(engine, moves.pull(parse("python:3.12-slim"))).outcome.ok
    assert transfer(engine, moves.pull(parse("lab/nothing:1"))).refused_by is RefusedBy.NAME
    assert transfer(engine, moves.push(parse("lab/nothing:1"))).refused_by is RefusedBy.NAME
