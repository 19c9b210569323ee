"""Which images a real engine has for a debug shell."""

import io
import json
import tarfile
from collections.abc import Iterator
from hashlib import sha256

import docker
import pytest

from dstui.domain.debug_image import Evidence
from dstui.engine.client import Engine
from dstui.engine.debug_images import debug_images
from tests.conftest import RUN_ID

FOREIGN = f"dstui-test/of-another-machine:{RUN_ID}"
BUILT = f"dstui-test/built-with-a-shell:{RUN_ID}"


@pytest.fixture
def built_image(docker_api: docker.APIClient, busybox_image: str) -> Iterator[str]:
    """An image that starts a program, and that a shell has built."""
    recipe = f'FROM {busybox_image}\nRUN echo made >/made\nCMD ["/app"]\n'
    for line in docker_api.build(
        fileobj=io.BytesIO(recipe.encode()), tag=BUILT, rm=True, decode=True
    ):
        assert "error" not in line, line["error"]
    yield BUILT
    docker_api.remove_image(BUILT, force=True)


def test_every_image_with_a_name_is_offered_with_what_speaks_for_it(
    engine: Engine, busybox_image: str, built_image: str, shellless_image: str
) -> None:
    offered = {image.reference: image for image in debug_images(engine)}
    assert offered[busybox_image].evidence is Evidence.TOOLS
    assert offered[built_image].evidence is Evidence.BUILT_WITH_ONE
    assert offered[shellless_image].evidence is Evidence.NONE
    assert offered[busybox_image].size_bytes > 0
    order = [
        reference
        for reference in offered
        if reference in (busybox_image, built_image, shellless_image)
    ]
    assert order == [busybox_image, built_image, shellless_image]


@pytest.fixture
def foreign_image(docker_api: docker.APIClient) -> Iterator[str]:
    """An image for another machine, as `docker load` takes it."""
    layer = _tar({})
    config = json.dumps(
        {
            "architecture": "s390x",
            "os": "linux",
            "config": {"Cmd": ["sh"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(layer).hexdigest()}"]},
        }
    ).encode()
    manifest = json.dumps(
        [{"Config": "config.json", "RepoTags": [FOREIGN], "Layers": ["layer.tar"]}]
    ).encode()
    archive = _tar({"config.json": config, "layer.tar": layer, "manifest.json": manifest})
    for line in docker_api.load_image(archive):
        assert "error" not in line, line
    yield FOREIGN
    docker_api.remove_image(FOREIGN, force=True)


def _tar(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_an_image_of_another_machine_is_not_offered(engine: Engine, foreign_image: str) -> None:
    assert foreign_image in {name for image in engine.images() for name in image.references}
    assert foreign_image not in {image.reference for image in debug_images(engine)}
