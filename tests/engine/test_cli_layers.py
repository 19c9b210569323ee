"""`dstui layers` and `dstui diff` on images of a real engine."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RUN_ID
from tests.layer_stacks import Entry, docker_archive, layer_tar
from tests.waiting import PATIENCE_S

DSTUI = Path(sys.executable).with_name("dstui")
SITE = "usr/lib/python3/dist-packages"

BASE = [
    Entry("app/model.bin", content=b"m" * 4000),
    Entry("app/keep", content=b"k" * 1000),
    Entry(f"{SITE}/torch-2.5.1.dist-info/METADATA", content=b"x"),
    Entry(f"{SITE}/torch/lib.so", content=b"t" * 3000),
]
CLEANED = [Entry("app/.wh.model.bin"), Entry("app/new", content=b"n" * 500)]
OTHER = [
    Entry(f"{SITE}/.wh.torch-2.5.1.dist-info"),
    Entry(f"{SITE}/torch-2.6.0.dist-info/METADATA", content=b"x"),
    Entry(f"{SITE}/torch/lib.so", content=b"t" * 3500),
]


@pytest.fixture
def dstui(engine_host, tmp_path, monkeypatch):
    """Runs `dstui` on the test engine with a cache and a state of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(*args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [DSTUI, "--host", engine_host, *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def two_images(docker_api) -> Iterator[tuple[str, str]]:
    """Two images with a layer in common."""
    names = (f"dstui-test/first:{RUN_ID}", f"dstui-test/second:{RUN_ID}")
    for name, upper in zip(names, (CLEANED, OTHER), strict=True):
        packed = docker_archive([layer_tar(BASE), layer_tar(upper)], name)
        for line in docker_api.load_image(io.BytesIO(packed)):
            assert "error" not in line, line
    yield names
    for name in names:
        docker_api.remove_image(name, force=True)


def test_the_json_tells_layers_waste_and_packages(dstui, two_images):
    first, second = two_images
    told = json.loads(dstui("layers", first, "--json").stdout)
    assert told["schema"] == 1
    assert told["image"]["references"] == [first]
    assert [layer["size_bytes"] for layer in told["layers"]] == [8001, 500]
    assert [layer["shared_with"] for layer in told["layers"]] == [[second], []]
    assert (told["visible_bytes"], told["wasted_bytes"]) == (4501, 4000)
    assert told["efficiency"] == pytest.approx(4501 / 8501)
    assert told["waste"][0] == {
        "cause": "deleted",
        "path": "app/model.bin",
        "bytes": 4000,
        "files": 1,
        "layer": 1,
        "wasted_by": 2,
        "fix": "Delete /app/model.bin in the RUN that writes it (layer 1): "
        "&& rm -rf /app/model.bin",
    }
    assert [(p["name"], p["version"]) for p in told["packages"]] == [("torch", "2.5.1")]


def test_the_text_names_source_layers_causes_and_fixes(dstui, two_images):
    first, second = two_images
    shown = dstui("layers", first).stdout
    for words in ("waste  efficiency", "read from", "RUN step 0", second, "rm -rf /app/model.bin"):
        assert words in shown
    assert "▸" not in shown


@pytest.mark.parametrize("source", ["tar-split", "tar-split-socket", "archive"])
def test_every_source_can_be_asked_for(dstui, two_images, source, docker_api):
    data_root = docker_api.info()["DockerRootDir"]
    if source == "tar-split" and not Path(data_root, "image").is_dir():
        pytest.skip("the engine's disk is not this machine's, or may not be read")
    done = dstui("layers", two_images[0], "--source", source, "--json")
    assert json.loads(done.stdout)["source"] == source
    assert ("never started" in done.stderr) == (source == "tar-split-socket")
    left = docker_api.containers(all=True, filters={"label": "dstui.throwaway=index"})
    assert not [c for c in left if c["Image"] in two_images]


def test_ci_fails_where_an_image_is_worse_than_its_limits(dstui, two_images):
    first = two_images[0]
    assert "efficiency 52.9%, less than 90.0%" in dstui("layers", first, "--ci", code=1).stderr
    done = dstui("layers", first, "--max-wasted", "3kB", "--min-efficiency", "0.5", code=1)
    assert "4kB wasted, more than 3kB" in done.stderr
    assert "efficiency" not in done.stderr
    dstui("layers", first, "--ci", "--max-wasted", "4kB")
    dstui("layers", first, "--ci", "--min-efficiency", "0.5", "--json")


def test_sizes_that_are_none_are_refused(dstui, two_images):
    for text in ("much", "-1", "3 bananas", ""):
        assert "is no size" in dstui("layers", two_images[0], "--max-wasted", text, code=2).stderr


def test_an_image_that_is_not_there(dstui):
    assert "nosuch" in dstui("layers", "dstui-test/nosuch:1", code=1).stderr


def test_read_only_makes_no_container(dstui, two_images):
    command = ("--read-only", "layers", two_images[0], "--source", "tar-split-socket")
    assert "read-only" in dstui(*command, code=5).stderr


def test_the_difference_of_two_images(dstui, two_images):
    told = json.loads(dstui("diff", *two_images, "--json").stdout)
    assert [image["references"] for image in told["images"]] == [[name] for name in two_images]
    assert (told["shared_layers"], told["shared_bytes"], told["own_layers"]) == (1, 8001, [1, 1])
    (package,) = told["packages"]
    assert (package["difference"], package["before"], package["after"]) == (
        "changed",
        "2.5.1",
        "2.6.0",
    )
    changed = {file["path"]: file["difference"] for file in told["files"]}
    assert changed["app/model.bin"] == "added"
    assert changed["app/new"] == "removed"
    assert changed[f"{SITE}/torch/lib.so"] == "changed"

    shown = dstui("diff", *two_images).stdout
    for words in ("1 layer", "stored once", "2.5.1", "2.6.0", "/app/model.bin"):
        assert words in shown
