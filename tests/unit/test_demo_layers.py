"""The simulated images have files, which the engine's records tell as a real engine's do."""

import threading

import pytest

from dstui.config import Config
from dstui.demo.layer_files import layer_files
from dstui.demo.world import World
from dstui.domain.layers.index import Source
from dstui.session import Options, Session
from tests.demo_fixtures import *  # noqa: F403


@pytest.fixture
def session(serve_demo, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    session = Session(Config(), Options(host=serve_demo(World(20)).host))
    session.open()
    yield session
    session.close()


def test_the_files_of_every_layer_add_up_to_its_size():
    for image in World(30).images:
        layers = [layer for layer in image.layers if layer.diff_id]
        for number, layer in enumerate(layers):
            files = layer_files(image, number)
            assert len({file.path for file in files}) == len(files)
            assert all(file.size >= 0 for file in files)
            if "chown" not in layer.created_by:
                assert sum(file.size for file in files) == layer.size, layer.created_by


def test_an_image_is_indexed_over_the_socket_and_nothing_is_left(session):
    image = session.find_image("ghcr.io/lab/vision-train:2.3")
    assert session.index_cost(image.id).socket_command
    indexed = session.image_index(image.id, cancel=threading.Event(), only=Source.TAR_SPLIT_SOCKET)
    assert indexed.source is Source.TAR_SPLIT_SOCKET
    assert len(indexed.layers) == len(image.layers)
    assert indexed.total_bytes == pytest.approx(image.size_bytes, rel=0.01)
    found = {package.name for package in indexed.packages}
    assert {"torch", "nvidia-cudnn-cu12", "pandas"} <= found
    assert any(item.cause == "metadata-copy" for item in indexed.waste)
    assert not indexed.index.skipped
    assert session.find_image(image.id).id == image.id
    names = [one.name for one in session.engine.containers()]
    assert not [name for name in names if "dstui" in name]
