"""One size for an image on the engine that the tests are given, whatever its image store."""

import docker

from dstui.domain.image import ImageStore
from dstui.engine.client import Engine
from tests.image_builder import build


def test_a_list_an_inspect_and_the_engines_own_list_tell_one_size(
    engine: Engine, docker_api: docker.APIClient
) -> None:
    reference = "dstui-test/sizes:1"
    content = bytes(range(256)) * 4096
    identifier = build(
        docker_api, reference, "FROM scratch\nCOPY a /a\nCOPY a /b\n", {"a": content}
    )
    try:
        told = next(row["Size"] for row in docker_api.images() if row["Id"] == identifier)
        listed = next(image for image in engine.images() if image.id == identifier)
        inspected = engine.image(reference)
        assert (listed.size_bytes, inspected.size_bytes) == (told, told)
        assert told >= 2 * len(content)
        unpacked = sum(step.size_bytes for step in engine.history(identifier))
        on_containerd = engine.info.image_store is ImageStore.CONTAINERD
        # the transferred form is kept beside the unpacked one there, and only there
        assert (told > unpacked * 1.001) == on_containerd
    finally:
        docker_api.remove_image(reference)
