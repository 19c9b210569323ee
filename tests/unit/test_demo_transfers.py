"""Names and transfers on the demo engine, through the code that serves real ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dstui.demo.server import Pace
from dstui.domain import transfer as moves
from dstui.domain.action import Action, Verb
from dstui.domain.engine import Endpoint
from dstui.domain.kind import Kind
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


def test_any_tag_of_a_known_repository_can_be_pulled(engine: Engine) -> None:
    reports: list[TransferProgress] = []
    result = transfer(engine, moves.pull(parse("python:3.13-slim")), reports.append)
    assert result.outcome.ok
    assert result.pinned.startswith("python@sha256:")
    statuses = {layer.status for layer in reports[-1].layers}
    assert statuses == {"Pull complete", "Already exists"}
    assert engine.image("python:3.13-slim").references == ("python:3.13-slim",)
    assert transfer(engine, moves.pull(parse("python:3.13-slim"))).outcome.ok


@pytest.mark.parametrize(
    ("action", "by"),
    [
        (moves.pull(parse("lab/nothing:1")), RefusedBy.NAME),
        (moves.push(parse("lab/nothing:1")), RefusedBy.NAME),
        (moves.pull(parse("registry.nowhere.example/a:1")), RefusedBy.NETWORK),
        (moves.push(parse("nvcr.io/nvidia/pytorch:25.10-py3")), RefusedBy.LOGIN),
        (moves.push(parse("ubuntu:24.04")), RefusedBy.LOGIN),
    ],
    ids=lambda value: value.value if isinstance(value, RefusedBy) else value.name,
)
def test_registries_refuse_as_real_ones_do(engine: Engine, action: Action, by: RefusedBy) -> None:
    assert transfer(engine, action).refused_by is by


def test_a_small_image_is_saved_and_comes_back(engine: Engine, tmp_path: Path) -> None:
    path = str(tmp_path / "alpine.tar")
    before = engine.image("alpine:3.22")
    assert transfer(engine, moves.save("alpine:3.22", path)).outcome.ok
    assert perform(engine, Action(Verb.REMOVE, Kind.IMAGE, before.id, "", force=True)).ok
    result = transfer(engine, moves.load(path))
    assert result.outcome.ok
    assert result.loaded == ("alpine:3.22",)
    after = engine.image("alpine:3.22")
    assert (after.id, after.layers, after.command) == (before.id, before.layers, before.command)


def test_no_disk_is_filled_by_a_large_simulated_image(engine: Engine, tmp_path: Path) -> None:
    result = transfer(engine, moves.save(IMAGE, str(tmp_path / "large.tar")))
    assert not result.outcome.ok
    assert not list(tmp_path.iterdir())


def test_what_is_no_archive_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "no.tar").write_bytes(b"nothing" * 500)
    result = transfer(engine, moves.load(str(tmp_path / "no.tar")))
    assert not result.outcome.ok
    assert "manifest" in result.outcome.message
