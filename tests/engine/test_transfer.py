"""Images to and from a real registry and files, with and without a password."""

import base64
import io
import json
import logging
import os
import tarfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from dstui.actionlog import ActionLog
from dstui.background import Background, Cancellation
from dstui.domain import transfer as moves
from dstui.domain.action import Action, Outcome
from dstui.domain.engine import Endpoint
from dstui.domain.reference import parse
from dstui.domain.transfer import RefusedBy, TransferProgress, TransferResult
from dstui.engine.actions import perform
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from dstui.engine.credentials import login_for
from dstui.engine.transfer import transfer
from tests.engine.conftest import GuardedRegistry, SilentRegistry
from tests.waiting import PATIENCE_S, wait_until

Tag = Callable[[str], str]


@pytest.fixture(autouse=True)
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty docker config of the test's own."""
    directory = tmp_path / "docker-config"
    directory.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(directory))
    return directory / "config.json"


@pytest.fixture
def tagged(docker_api: docker.APIClient, busybox_image: str) -> Iterator[Tag]:
    """Names the test image in a registry; the names are removed afterwards."""
    names: list[str] = []

    def tag(registry: str) -> str:
        name = f"{registry}/names/{uuid.uuid4().hex[:8]}:1"
        docker_api.tag(busybox_image, *name.rsplit(":", 1))
        names.append(name)
        return name

    yield tag
    for name in names:
        remove(docker_api, name)


def remove(api: docker.APIClient, name: str) -> None:
    for one in (name, name.rsplit(":", 1)[0]):
        for image in api.images(one):
            for reference in [*(image["RepoTags"] or ()), *(image["RepoDigests"] or ())]:
                if reference.startswith(one):
                    api.remove_image(reference, noprune=True)


def push(engine: Engine, name: str, report=lambda progress: None) -> TransferResult:
    return transfer(engine, moves.push(parse(name)), report)


def pull(engine: Engine, name: str, report=lambda progress: None) -> TransferResult:
    return transfer(engine, moves.pull(parse(name)), report)


def log_in(config: Path, registry: GuardedRegistry, password: str) -> None:
    auth = base64.b64encode(f"{registry.user}:{password}".encode()).decode()
    config.write_text(json.dumps({"auths": {registry.address: {"auth": auth}}}))


def test_push_tells_layers_and_digest_and_pull_brings_it_back(
    engine: Engine, docker_api: docker.APIClient, registry: str, tagged: Tag
) -> None:
    name = tagged(registry)
    reports: list[TransferProgress] = []
    pushed = push(engine, name, reports.append)
    assert pushed.outcome.ok, pushed.outcome
    assert pushed.pinned == f"{name.removesuffix(':1')}@{pushed.digest}"
    (layer,) = reports[-1].layers
    assert (layer.done, reports[-1].fraction) == (True, 1.0)
    assert layer.status in ("Pushed", "Layer already exists") or "Mounted" in layer.status

    before = docker_api.inspect_image(name)["Id"]
    remove(docker_api, name)
    pulled = pull(engine, name)
    assert pulled.outcome.ok, pulled.outcome
    assert (pulled.digest, pulled.pinned) == (pushed.digest, pushed.pinned)
    assert docker_api.inspect_image(name)["Id"] == before
    assert pull(engine, pushed.pinned).outcome.ok


def test_an_image_that_is_not_here_arrives_layer_by_layer(
    engine: Engine, docker_api: docker.APIClient, registry: str
) -> None:
    name = f"{registry}/names/{uuid.uuid4().hex[:8]}:1"
    container = docker_api.import_image_from_data(
        _tar_of("payload", os.urandom(3_000_000)), repository=name.rsplit(":", 1)[0], tag="1"
    )
    assert container
    try:
        assert push(engine, name).outcome.ok
        remove(docker_api, name)
        reports: list[TransferProgress] = []
        assert pull(engine, name, reports.append).outcome.ok
        (layer,) = reports[-1].layers
        assert layer.status == "Pull complete"
        fractions = [r.fraction for r in reports if r.fraction is not None]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
    finally:
        remove(docker_api, name)


def _tar_of(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_a_registry_with_a_password(
    engine: Engine,
    guarded_registry: GuardedRegistry,
    tagged: Tag,
    docker_config: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    name = tagged(guarded_registry.address)
    nobody = push(engine, name)
    assert nobody.refused_by is RefusedBy.LOGIN
    assert "no login" in nobody.outcome.cause
    assert nobody.outcome.fix == f"docker login {guarded_registry.address}"

    log_in(docker_config, guarded_registry, "wrong")
    wrong = push(engine, name)
    assert wrong.refused_by is RefusedBy.LOGIN
    assert "was not enough" in wrong.outcome.cause

    log_in(docker_config, guarded_registry, guarded_registry.password)
    right = push(engine, name)
    assert right.outcome.ok, right.outcome
    assert pull(engine, name).digest == right.digest

    log = tmp_path / "actions.jsonl"
    ActionLog(log).write(engine.info, right.outcome)
    assert json.loads(log.read_text())["command"] == f"docker push {name}"
    told = repr((nobody, wrong, right, login_for(guarded_registry.address)))
    for text in (told, log.read_text(), caplog.text):
        assert guarded_registry.password not in text


def test_a_helper_gives_the_password(
    engine: Engine,
    guarded_registry: GuardedRegistry,
    tagged: Tag,
    docker_config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = {"Username": guarded_registry.user, "Secret": guarded_registry.password}
    helper = tmp_path / "docker-credential-lab"
    helper.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{json.dumps(answer)}'\n")
    helper.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    docker_config.write_text(json.dumps({"credHelpers": {guarded_registry.address: "lab"}}))
    assert push(engine, tagged(guarded_registry.address)).outcome.ok


def test_refusals_say_whether_it_was_the_name_or_the_network(
    engine: Engine, registry: str, tagged: Tag
) -> None:
    nothing = push(engine, f"{registry}/names/nothing:1")
    assert nothing.refused_by is RefusedBy.NAME
    assert nothing.outcome.cause == "there is no image of this name here"
    unknown = pull(engine, f"{registry}/names/nothing:1")
    assert unknown.refused_by is RefusedBy.NAME
    assert unknown.outcome.cause == f"{registry} has no image of this name and tag"

    closed = push(engine, tagged("127.0.0.1:1"))
    assert closed.refused_by is RefusedBy.NETWORK
    assert closed.outcome.cause == "nothing listens at 127.0.0.1:1"
    assert pull(engine, "host.invalid/app:1").refused_by is RefusedBy.NETWORK

    by_digest = push(engine, f"{registry}/a@sha256:{'a' * 64}")
    assert by_digest.outcome.message.startswith("an image is pushed by a tag")


@pytest.mark.parametrize("make", [moves.push, moves.pull])
def test_a_transfer_that_hangs_can_be_cancelled(
    engine: Engine, silent_registry: SilentRegistry, tagged: Tag, make: Callable[..., Action]
) -> None:
    cancellation = Cancellation()
    action = make(parse(tagged(silent_registry.address)))
    running = Background(1).submit(transfer, engine, action, lambda p: None, cancellation)
    wait_until(silent_registry.asked, "the engine to ask the registry")
    assert not running.done()
    cancellation.cancel()
    result = running.result(PATIENCE_S)
    assert result.cancelled
    assert (result.outcome.ok, result.outcome.message) == (False, "cancelled")


def test_what_was_cancelled_before_it_began_does_nothing(
    engine: Engine, registry: str, tagged: Tag
) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    result = transfer(engine, moves.push(parse(tagged(registry))), cancellation=cancellation)
    assert result.cancelled


# Files


def test_save_and_load_keep_the_name(
    engine: Engine, docker_api: docker.APIClient, registry: str, tagged: Tag, tmp_path: Path
) -> None:
    name, path = tagged(registry), tmp_path / "image.tar"
    reports: list[TransferProgress] = []
    saved = transfer(engine, moves.save(name, str(path)), reports.append)
    assert saved.outcome.ok, saved.outcome
    (row,) = reports[-1].layers
    assert (row.current, reports[-1].fraction) == (path.stat().st_size, 1.0)
    assert all(report.fraction < 1 for report in reports[:-1] if report.fraction is not None)
    assert path.stat().st_mode & 0o077 == 0
    with tarfile.open(path) as archive:
        assert "manifest.json" in archive.getnames()

    docker_api.remove_image(name)
    loaded = transfer(engine, moves.load(str(path)), reports.append)
    assert loaded.outcome.ok, loaded.outcome
    assert loaded.loaded == (name,)
    assert reports[-1].fraction == 1.0
    assert docker_api.inspect_image(name)


def test_a_file_is_replaced_only_when_asked(
    engine: Engine, busybox_image: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine"
    path.write_text("precious")
    refused = transfer(engine, moves.save(busybox_image, str(path)))
    assert refused.refused_by is RefusedBy.FILE
    assert path.read_text() == "precious"
    assert transfer(engine, moves.save(busybox_image, str(path), overwrite=True)).outcome.ok
    assert path.stat().st_size > 500_000


def test_nothing_is_left_of_a_save_that_failed_or_was_cancelled(
    engine: Engine, busybox_image: str, tmp_path: Path
) -> None:
    before = set(tmp_path.iterdir())
    path = str(tmp_path / "image.tar")
    assert transfer(engine, moves.save("names/nothing:1", path)).refused_by is RefusedBy.NAME
    nowhere = transfer(engine, moves.save(busybox_image, str(tmp_path / "no" / "where.tar")))
    assert nowhere.refused_by is RefusedBy.FILE
    folder = transfer(engine, moves.save(busybox_image, str(tmp_path)))
    assert folder.refused_by is RefusedBy.FILE
    cancellation = Cancellation()
    cancelled = transfer(
        engine, moves.save(busybox_image, path), lambda p: cancellation.cancel(), cancellation
    )
    assert cancelled.cancelled
    assert set(tmp_path.iterdir()) == before


def test_files_that_are_no_archive(engine: Engine, busybox_image: str, tmp_path: Path) -> None:
    whole = tmp_path / "image.tar"
    assert transfer(engine, moves.save(busybox_image, str(whole))).outcome.ok
    contents = {
        "nonsense": b"hello" * 1000,
        "empty": b"",
        "half": whole.read_bytes()[:700_000],
        "other": _tar_of("file", b"x"),
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        result = transfer(engine, moves.load(str(path)))
        assert result.refused_by is RefusedBy.FILE, result.outcome
        assert result.outcome.cause == f"{path} is no image archive, or not a whole one"
    assert transfer(engine, moves.load(str(tmp_path / "none"))).refused_by is RefusedBy.FILE
    assert transfer(engine, moves.load(str(tmp_path))).refused_by is RefusedBy.FILE


def test_a_load_can_be_cancelled(engine: Engine, busybox_image: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    assert transfer(engine, moves.save(busybox_image, str(path))).outcome.ok
    cancellation = Cancellation()
    action = moves.load(str(path))
    result = transfer(engine, action, lambda p: cancellation.cancel(), cancellation)
    assert result.cancelled


# Names


def tag(engine: Engine, source: str, name: str, **options: object) -> Outcome:
    return perform(engine, moves.tag(source, parse(name), **options))  # type: ignore[arg-type]


def test_a_tag_moves_only_when_asked(
    engine: Engine, docker_api: docker.APIClient, busybox_image: str
) -> None:
    target = f"names/{uuid.uuid4().hex[:8]}:1"
    other = docker_api.import_image_from_data(_tar_of("f", b"x"), repository="names/other", tag="1")
    assert other
    try:
        assert tag(engine, busybox_image, target).ok
        assert tag(engine, busybox_image, target).message == "it had this name already"
        first = docker_api.inspect_image(busybox_image)["Id"]

        refused = tag(engine, "names/other:1", target)
        assert not refused.ok
        assert "names another image here" in refused.message
        assert docker_api.inspect_image(target)["Id"] == first

        moved = tag(engine, "names/other:1", target, move=True)
        assert moved.ok
        assert moved.message == f"it was {first[7:19]} until now"
        assert docker_api.inspect_image(target)["Id"] != first
    finally:
        remove(docker_api, target)
        remove(docker_api, "names/other:1")


def test_untag_never_removes_an_image(
    engine: Engine, docker_api: docker.APIClient, busybox_image: str
) -> None:
    target = parse(f"names/{uuid.uuid4().hex[:8]}:1")
    assert tag(engine, busybox_image, str(target)).ok
    elsewhere = moves.untag(target, image_id="sha256:" + "0" * 64)
    assert "another image now" in perform(engine, elsewhere).message
    assert perform(engine, moves.untag(target)).ok
    assert target.familiar not in docker_api.inspect_image(busybox_image)["RepoTags"]

    last = perform(engine, moves.untag(parse(busybox_image)))
    assert not last.ok
    assert "last name" in last.message
    assert docker_api.inspect_image(busybox_image)


def test_a_bad_name_reaches_no_engine(engine: Engine, busybox_image: str) -> None:
    action = replace(moves.tag(busybox_image, parse("a:1")), new_name="a:2.5.1+cu124")
    outcome = perform(engine, action)
    assert outcome.message == "`+` cannot stand in a tag: 2.5.1+cu124 -> 2.5.1-cu124"
    pulled = transfer(engine, replace(moves.pull(parse("a:1")), name="A"))
    assert pulled.refused_by is RefusedBy.NAME


# Podman


def test_podman_loads_tags_and_saves(
    podman_host: str, engine: Engine, busybox_image: str, tmp_path: Path
) -> None:
    path = tmp_path / "image.tar"
    assert transfer(engine, moves.save(busybox_image, str(path))).outcome.ok
    podman = connect((Endpoint(podman_host, source="the test"),))
    try:
        loaded = transfer(podman, moves.load(str(path)))
        assert loaded.outcome.ok, loaded.outcome
        (name,) = loaded.loaded
        assert tag(podman, name, "names/podman:1").ok
        assert perform(podman, moves.untag(parse("names/podman:1"))).ok
        assert "last name" in perform(podman, moves.untag(parse(name))).message
        again = transfer(podman, moves.save(name, str(tmp_path / "again.tar")))
        assert again.outcome.ok, again.outcome
        closed = transfer(podman, moves.pull(parse("127.0.0.1:1/app:1")))
        assert closed.refused_by is RefusedBy.NETWORK
    finally:
        podman.close()
