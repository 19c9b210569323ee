"""Indexes of images in a real engine, from each source, held against what a container sees."""

import gzip
import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest
from hypothesis import HealthCheck, example, given, settings

from dstui.config import Config
from dstui.domain.engine import Endpoint
from dstui.domain.kind import Kind
from dstui.domain.layers.index import ImageIndex, Source
from dstui.domain.layers.reading import IndexCancelledError, UnreadableImageError
from dstui.domain.layers.stacking import Stack
from dstui.engine.client import Engine
from dstui.engine.index import borrowed, build, local
from dstui.engine.index.cache import IndexCache
from dstui.engine.index.indexing import index_cost, index_image
from dstui.engine.throwaway import LABEL
from dstui.session import Options, Session
from tests.conftest import RUN_ID
from tests.layer_stacks import Entry, Layer, docker_archive, images, layer_tar

MADE_BY_THE_ENGINE = {".dockerenv", "dev", "etc", "proc", "sys"}
REFERENCE = f"dstui-test/index:{RUN_ID}"


def silent(done: float | None, words: str) -> None:
    """No progress."""


@contextmanager
def loaded(api: docker.APIClient, layers: list[Layer]) -> Iterator[str]:
    """An image of these layers in the engine."""
    archive = docker_archive([layer_tar(layer) for layer in layers], REFERENCE)
    for line in api.load_image(archive):
        assert "error" not in line, line
    identifier = api.inspect_image(REFERENCE)["Id"]
    try:
        yield identifier
    finally:
        api.remove_image(identifier, force=True)


def exported(api: docker.APIClient, image: str) -> tuple[set[str], int]:
    """The paths and bytes that a container of the image sees."""
    container = api.create_container(image, ["none"])["Id"]
    try:
        packed = io.BytesIO(b"".join(api.export(container)))
    finally:
        api.remove_container(container, force=True)
    paths, total = set(), 0
    with tarfile.open(fileobj=packed) as tar:
        for member in tar:
            if member.name.split("/")[0] not in MADE_BY_THE_ENGINE:
                paths.add(member.name)
                total += member.size if member.isreg() else 0
    return paths, total


def seen(index: ImageIndex) -> tuple[set[str], int]:
    """The paths and bytes that an index says to be visible; sums of waste are exact."""
    stack = Stack(index.entries, index.starts)
    paths = {
        index.directories.join(directory, name)
        for directory, held in enumerate(stack.visible)
        for name in held or ()
    }
    wasted = sum(item.bytes for item in stack.waste)
    assert wasted == stack.total_bytes - stack.visible_bytes
    return paths, stack.visible_bytes


def sources(engine: Engine, image: str) -> dict[Source, ImageIndex]:
    """The index from each source that this engine has."""
    reading = build._Reading(engine, engine.image(image), silent, threading.Event())
    found = [reading.of_container(), reading.of_archive()]
    if engine.endpoint.local and Path(engine.info.data_root).is_dir():
        found.append(reading.of_disk())
    return {index.source: index for index in found if index is not None}


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(images)
@example(
    [
        [
            Entry("a", "directory"),
            Entry("a/x", content=b"123456"),
            Entry("a/y", "hardlink", link="a/x"),
        ],
        [Entry("a", "directory", mode=0o700), Entry("a/x", content=b"12")],
        [Entry("a", "directory"), Entry("a/.wh..wh..opq"), Entry("a/z", content=b"1")],
    ]
)
def test_every_source_agrees_with_what_a_container_sees(
    engine: Engine, docker_api: docker.APIClient, layers: list[Layer]
) -> None:
    with loaded(docker_api, layers) as image:
        expected = exported(docker_api, image)
        found = sources(engine, image)
        assert Source.ARCHIVE in found
        for source, index in found.items():
            assert seen(index) == expected, source
            assert index.instructions == tuple(f"RUN step {n}" for n in range(len(layers)))
            assert not index.skipped


def test_all_sources_of_this_engine_work(engine: Engine, busybox_image: str) -> None:
    found = sources(engine, busybox_image)
    columns = {
        source: (list(index.entries.names), list(index.entries.sizes), list(index.entries.modes))
        for source, index in found.items()
    }
    assert columns[Source.ARCHIVE] == columns[Source.TAR_SPLIT_SOCKET]
    if local.find(engine, engine.image(busybox_image).layers):
        assert columns[Source.TAR_SPLIT] == columns[Source.ARCHIVE]


def test_copies_with_another_owner_are_told_by_every_source(
    engine: Engine, docker_api: docker.APIClient
) -> None:
    layers = [[Entry("x", content=b"abc")], [Entry("x", content=b"abc", uid=5)]]
    with loaded(docker_api, layers) as image:
        for index in sources(engine, image).values():
            waste = Stack(index.entries, index.starts).waste
            assert [(item.cause.value, item.bytes) for item in waste] == [("metadata-copy", 3)]


def test_the_container_of_the_socket_source_never_stays(
    engine: Engine, docker_api: docker.APIClient, busybox_image: str
) -> None:
    def containers() -> list[dict[str, str]]:
        return docker_api.containers(all=True, filters={"label": f"{LABEL}={borrowed.PURPOSE}"})

    with borrowed.borrow(engine, busybox_image, threading.Event()) as database:
        assert len(containers()) == 1
        assert isinstance(database, borrowed.BorrowedDatabase)
    assert containers() == []
    with pytest.raises(IndexCancelledError), _cancelled_borrow(engine, busybox_image):
        pass
    assert containers() == []


@contextmanager
def _cancelled_borrow(engine: Engine, image: str) -> Iterator[None]:
    cancel = threading.Event()
    with borrowed.borrow(engine, image, cancel) as database:
        cancel.set()
        with database.open("0" * 64):
            yield


def test_without_permission_no_container_is_made(
    engine: Engine, busybox_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "find", lambda engine, layers: None)
    index = build.build(engine, engine.image(busybox_image), silent, threading.Event())
    assert index.source is Source.ARCHIVE
    allowed = build.build(engine, engine.image(busybox_image), silent, threading.Event(), True)
    assert allowed.source is Source.TAR_SPLIT_SOCKET
    told = index_cost(engine, busybox_image)
    assert told.source is Source.ARCHIVE
    assert "docker create" in told.socket_command and ":ro" in told.socket_command


def test_a_cancelled_archive_ends_soon(
    engine: Engine, busybox_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "find", lambda engine, layers: None)
    cancel = threading.Event()
    told: list[str] = []

    def cancel_when_asked(done: float | None, words: str) -> None:
        cancel.set()
        told.append(words)

    with pytest.raises(IndexCancelledError):
        build.build(engine, engine.image(busybox_image), cancel_when_asked, cancel)
    assert len(told) == 1, "it went on after that"


def test_a_second_look_asks_no_source(
    engine: Engine, busybox_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = IndexCache(tmp_path)
    first = index_image(engine, busybox_image, silent, threading.Event(), cache=cache)
    monkeypatch.setattr(build, "build", None)
    again = index_image(engine, busybox_image, silent, threading.Event(), cache=cache)
    assert list(again.entries.names) == list(first.entries.names)
    assert index_cost(engine, busybox_image, cache).cached


def test_the_session_hands_out_indexes(engine_host: str, busybox_image: str) -> None:
    session = Session(Config(), Options(host=engine_host, read_only=True))
    try:
        session.open()
        image = session.image_index(busybox_image, allow_socket_container=True)
        assert image.source is not Source.TAR_SPLIT_SOCKET  # it would make a container
        assert image.visible_bytes == image.total_bytes > 0
        assert session.index_cost(busybox_image).cached
        assert len(session.layer_sharing(busybox_image)) == len(image.layers)
    finally:
        session.close()


def test_a_damaged_record_gives_way_to_the_archive(
    engine: Engine, busybox_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / local.layerdb.RECORD

    class Damaged(local.LocalDatabase):
        @contextmanager
        def open(self, chain_id: str) -> Iterator[Callable[[int], bytes]]:
            record.write_bytes(gzip.compress(b'{"type":1,"name":"x"')[:-9])
            with record.open("rb") as file:
                yield file.read

    monkeypatch.setattr(local, "find", lambda engine, layers: Damaged(tmp_path))
    index = build.build(engine, engine.image(busybox_image), silent, threading.Event())
    assert index.source is Source.ARCHIVE


def test_podman_gives_its_archive(podman_host: str) -> None:
    from dstui.engine.connect import connect

    layers = [[Entry("a/x", content=b"123")], [Entry("a/.wh.x"), Entry("y", content=b"1")]]
    archive = docker_archive([layer_tar(layer) for layer in layers], "localhost/index:1")
    api = docker.APIClient(base_url=podman_host, version="auto")
    for line in api.load_image(archive):
        assert "error" not in json.dumps(line)
    podman = connect((Endpoint(podman_host, source="test"),))
    try:
        image = podman.inspect(Kind.IMAGE, "localhost/index:1")["Id"]
        index = build.build(podman, podman.image(image), silent, threading.Event(), True)
    finally:
        podman.close()
        api.close()
    assert index.source is Source.ARCHIVE
    assert seen(index) == ({"a", "y"}, 1)


def test_the_only_source_gives_way_to_no_other(
    engine: Engine, busybox_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(only: Source) -> ImageIndex:
        image = engine.image(busybox_image)
        return build.build(engine, image, silent, threading.Event(), only=only)

    assert read(Source.ARCHIVE).source is Source.ARCHIVE
    monkeypatch.setattr(local, "find", lambda engine, layers: None)
    with pytest.raises(UnreadableImageError, match="tar-split"):
        read(Source.TAR_SPLIT)
