"""The commands that name and move images, on a real engine and a real registry."""

import json
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S, wait_until

DSTUI = Path(sys.executable).with_name("dstui")


@pytest.fixture
def dstui(engine_host, tmp_path, monkeypatch):
    """Runs `dstui` on the test engine with an empty docker config and returns what it said."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(*args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [DSTUI, "--host", engine_host, *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def name(docker_api, registry):
    """A name in the registry, removed afterwards with its digest."""
    repository = f"{registry}/names/{uuid.uuid4().hex[:8]}"
    yield f"{repository}:1"
    for image in docker_api.images(repository):
        for reference in [*(image["RepoTags"] or ()), *(image["RepoDigests"] or ())]:
            if reference.startswith(repository):
                docker_api.remove_image(reference, noprune=True)


def test_from_a_tag_to_a_pinned_pull(dstui, name, busybox_image, tmp_path):
    dstui("tag", busybox_image, name)
    pushed = json.loads(dstui("push", name, "--json").stdout)
    assert pushed["pinned"] == f"{name.removesuffix(':1')}@{pushed['digest']}"
    dstui("untag", name)
    assert dstui("pull", name).stdout == f"{pushed['pinned']}\n"
    assert json.loads(dstui("pull", pushed["pinned"], "--json").stdout)["digest"]

    archive = tmp_path / "image.tar"
    dstui("save", name, "-o", str(archive))
    dstui("save", name, "-o", str(archive), code=1)
    dstui("untag", name)
    assert dstui("load", "-i", str(archive)).stdout == f"{name}\n"

    log = (tmp_path / "state" / "dstui" / "actions.jsonl").read_text().splitlines()
    commands = [json.loads(line)["command"] for line in log]
    assert commands[:3] == [
        f"docker tag {busybox_image} {name}",
        f"docker push {name}",
        f"docker rmi {name}",
    ]
    assert f"docker save --output {archive} {name}" in commands
    assert f"docker load --input {archive}" in commands


def test_a_name_is_taken_from_no_image_unasked(dstui, name, docker_api, busybox_image):
    dstui("tag", busybox_image, name)
    built = docker_api.commit(docker_api.create_container(busybox_image)["Id"])
    for container in docker_api.containers(all=True, filters={"ancestor": busybox_image}):
        if container["State"] == "created":
            docker_api.remove_container(container["Id"])
    try:
        refused = dstui("tag", built["Id"], name, code=1)
        assert "moved only by force" in refused.stderr
        dstui("tag", "--force", built["Id"], name)
        assert docker_api.inspect_image(name)["Id"] == built["Id"]
    finally:
        docker_api.remove_image(built["Id"], force=True)


def test_a_name_that_is_taken_is_warned_of(dstui, busybox_image, name, registry):
    dstui("tag", busybox_image, name)
    path = name.removeprefix(f"{registry}/").removesuffix(":1")
    fields = ["--registry", "local", "--host", registry, "--image", path]
    mine = json.loads(dstui("name", *fields, "--tag", "1", "--of", busybox_image, "--json").stdout)
    assert (mine["reference"], mine["warnings"]) == (name, [])
    assert mine["engine"]["id"]
    digest = dstui("name", *fields, "--tag-by", "digest", "--of", busybox_image).stdout
    assert len(digest.rpartition(":")[2].strip()) == 12


def test_what_is_refused_is_explained(dstui, registry, tmp_path):
    nothing = dstui("pull", f"{registry}/names/nothing:1", code=1)
    assert "has no image of this name and tag" in nothing.stderr
    dstui("push", "127.0.0.1:1/names/nothing:1", code=1)
    dstui("load", "-i", str(tmp_path / "nothing.tar"), code=1)
    dstui("untag", "names/nothing:1", code=1)


@pytest.mark.parametrize(
    "command",
    [("tag", "a", "b:1"), ("untag", "b:1"), ("push", "b:1"), ("pull", "b:1"), ("load", "-i", "x")],
)
def test_read_only_refuses(dstui, busybox_image, command):
    words = [busybox_image if word == "a" else word for word in command]
    assert "read-only" in dstui("--read-only", *words, code=5).stderr


def test_read_only_may_save(dstui, busybox_image, tmp_path):
    dstui("--read-only", "save", busybox_image, "-o", str(tmp_path / "image.tar"))


def test_an_interrupt_cancels(engine_host, silent_registry):
    command = [DSTUI, "--host", engine_host, "pull", f"{silent_registry.address}/a:1"]
    pulling = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(silent_registry.asked, "the engine to ask the registry")
        pulling.send_signal(signal.SIGINT)
        _, said = pulling.communicate(timeout=PATIENCE_S)
        assert (pulling.returncode, said) == (130, "")
    finally:
        pulling.kill()
