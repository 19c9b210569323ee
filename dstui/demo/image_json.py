"""Images in the shapes of the API: list, inspect, history, and what they share."""

from collections import Counter
from itertools import accumulate
from typing import Any

from dstui.demo.model import Image, digest, iso
from dstui.demo.world import World

FIRST_WITHOUT_VIRTUAL_SIZE = (1, 44)
ApiVersion = tuple[int, int]


def image_summary(world: World, image: Image, api: ApiVersion) -> dict[str, Any]:
    """An entry of `GET /images/json`."""
    entry: dict[str, Any] = {
        "Containers": -1,
        "Created": int(image.created),
        "Id": image.id,
        "Labels": image.labels,
        "ParentId": _parent(image) if image.built_here else "",
        "RepoDigests": image.digests,
        "RepoTags": image.tags,
        "SharedSize": -1,
        "Size": image.size,
    }
    if api < FIRST_WITHOUT_VIRTUAL_SIZE:
        entry["VirtualSize"] = image.size
    return entry


def measured_summary(world: World, image: Image, api: ApiVersion) -> dict[str, Any]:
    """The same with what `GET /system/df` measures besides."""
    uses = _uses_of_layers(world)
    return {
        **image_summary(world, image, api),
        "Containers": len(world.users_of_image(image)),
        "SharedSize": sum(
            layer.size
            for chain, layer in zip(_chains(image), image.layers, strict=True)
            if layer.diff_id and uses[chain] > 1
        ),
    }


def all_layers_size(world: World) -> int:
    """The size of all layers, each counted once."""
    sizes = {
        chain: layer.size
        for image in world.images
        for chain, layer in zip(_chains(image), image.layers, strict=True)
        if layer.diff_id
    }
    return sum(sizes.values())


def _uses_of_layers(world: World) -> Counter[str]:
    return Counter(
        chain
        for image in world.images
        for chain, layer in zip(_chains(image), image.layers, strict=True)
        if layer.diff_id
    )


def _chains(image: Image) -> list[str]:
    """The chain id of each step: a layer is shared only with the same layers below it."""
    return list(accumulate((layer.diff_id for layer in image.layers), lambda a, b: f"{a} {b}"))


def image_inspection(world: World, image: Image, api: ApiVersion) -> dict[str, Any]:
    """The answer of `GET /images/NAME/json`."""
    answer: dict[str, Any] = {
        "Id": image.id,
        "RepoTags": image.tags,
        "RepoDigests": image.digests,
        "Parent": _parent(image) if image.built_here else "",
        "Comment": image.layers[-1].comment,
        "Created": iso(image.created),
        "DockerVersion": "27.3.1" if image.built_here else "",
        "Author": "",
        "Config": _config(image),
        "Architecture": "amd64",
        "Os": "linux",
        "Size": image.size,
        "GraphDriver": {
            "Data": {"UpperDir": f"/var/lib/docker-demo/overlay2/{digest(image.id)}/diff"},
            "Name": "overlay2",
        },
        "RootFS": {"Type": "layers", "Layers": image.diff_ids},
        "Metadata": {"LastTagTime": iso(image.created + 7)},
    }
    if api < FIRST_WITHOUT_VIRTUAL_SIZE:
        answer["VirtualSize"] = image.size
    return answer


def _config(image: Image) -> dict[str, Any]:
    return {
        "Hostname": "",
        "Domainname": "",
        "User": image.user,
        "AttachStdin": False,
        "AttachStdout": False,
        "AttachStderr": False,
        "ExposedPorts": {port: {} for port in image.ports},
        "Tty": False,
        "OpenStdin": False,
        "StdinOnce": False,
        "Env": image.env,
        "Cmd": image.cmd,
        "Image": "",
        "Volumes": {path: {} for path in image.volumes} or None,
        "WorkingDir": image.workdir,
        "Entrypoint": image.entrypoint,
        "OnBuild": None,
        "Labels": image.labels,
    }


def history(world: World, image: Image) -> list[dict[str, Any]]:
    """The answer of `GET /images/NAME/history`, newest first."""
    newest = len(image.layers) - 1
    return [
        {
            "Comment": layer.comment,
            "Created": int(world.born - layer.days_old * 86_400),
            "CreatedBy": layer.created_by,
            "Id": image.id if number == newest else _step_id(image, number),
            "Size": layer.size,
            "Tags": (image.tags or None) if number == newest else None,
        }
        for number, layer in reversed(list(enumerate(image.layers)))
    ]


def _parent(image: Image) -> str:
    return _step_id(image, len(image.layers) - 2)


def _step_id(image: Image, number: int) -> str:
    """Only the classic builder keeps an image for every step, and only where it built."""
    layer = image.layers[number]
    if not image.built_here or layer.comment:
        return "<missing>"
    return "sha256:" + digest("step", *(step.created_by for step in image.layers[: number + 1]))
