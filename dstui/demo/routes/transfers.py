"""Names for images, and their way to a registry and back: as slow as a good network is."""

import json
from typing import Any

from dstui.demo.errors import ApiError
from dstui.demo.exchange import Exchange, Stream
from dstui.demo.model import Image, Layer, digest
from dstui.demo.population import full_tag, image_by_name
from dstui.demo.routing import Routes

routes = Routes()
_STEPS = 20
_NEW_LAYERS = 2
"""How many layers of an image its registry does not have yet: the uppermost."""


@routes.add("POST", "/images/{name*}/tag")
def tag(exchange: Exchange) -> None:
    world = exchange.world
    name = full_tag(f"{exchange.query['repo']}:{exchange.query.get('tag') or 'latest'}")
    with world.changed:
        image = world.image(exchange.params["name"])
        for other in world.images:
            other.tags = [kept for kept in other.tags if kept != name]
        image.tags.append(name)
        world.journal.record("image", "tag", image.id, {"name": name})
    exchange.send_empty(201)


@routes.add("POST", "/images/{name*}/push")
def push(exchange: Exchange) -> None:
    world, repository = exchange.world, exchange.params["name"]
    name = full_tag(f"{repository}:{exchange.query.get('tag') or 'latest'}")
    image = image_by_name(world.images, name)
    if image is None:
        words = f"An image does not exist locally with the tag: {repository}"
        raise ApiError(404, words)
    with exchange.stream("application/json") as stream:
        _say(stream, status=f"The push refers to repository [{repository}]")
        _send_layers(exchange, stream, [layer for layer in image.layers if layer.diff_id])
        told, size = f"sha256:{digest('manifest', image.id)}", 528
        _say(stream, status=f"{name.rpartition(':')[2]}: digest: {told} size: {size}")
        _say(stream, progressDetail={}, aux={"Digest": told, "Size": size})
        _keep_digest(exchange, image, f"{name.rpartition(':')[0]}@{told}")


@routes.add("POST", "/images/create")
def pull(exchange: Exchange) -> None:
    """What is here is up to date; the simulated registries have nothing else."""
    world = exchange.world
    repository, wanted = exchange.query.get("fromImage", ""), exchange.query.get("tag", "")
    separator = "@" if ":" in wanted else ":"
    name = full_tag(f"{repository}:{wanted}") if separator == ":" else f"{repository}@{wanted}"
    image = image_by_name(world.images, name)
    if image is None:
        raise ApiError(404, f"manifest for {name} not found: manifest unknown: manifest unknown")
    with exchange.stream("application/json") as stream:
        _say(stream, status=f"Pulling from {repository}", id=wanted)
        if image.digests:
            _say(stream, status=f"Digest: {image.digests[0].rpartition('@')[2]}")
        _say(stream, status=f"Status: Image is up to date for {name}")


@routes.add("GET", "/images/{name*}/get")
def save(exchange: Exchange) -> None:
    raise ApiError(501, "a simulated image has no bytes that could be saved")


@routes.add("POST", "/images/load")
def load(exchange: Exchange) -> None:
    raise ApiError(501, "a simulated engine cannot load an image")


def _send_layers(exchange: Exchange, stream: Stream, layers: list[Layer]) -> None:
    """The new layers grow side by side; the others are there already."""
    for layer in reversed(layers):
        _say(stream, status="Preparing", progressDetail={}, id=_short(layer))
    known, new = layers[:-_NEW_LAYERS], layers[-_NEW_LAYERS:]
    for layer in known:
        _say(stream, status="Layer already exists", progressDetail={}, id=_short(layer))
    for step in range(1, _STEPS + 1):
        exchange.wait(exchange.server.pace.transfer_s / _STEPS)
        for layer in new:
            sent = {"current": layer.size * step // _STEPS, "total": layer.size}
            _say(stream, status="Pushing", progressDetail=sent, id=_short(layer))
    for layer in new:
        _say(stream, status="Pushed", progressDetail={}, id=_short(layer))


def _keep_digest(exchange: Exchange, image: Image, name: str) -> None:
    with exchange.world.changed:
        if name not in image.digests:
            image.digests.append(name)
        exchange.world.journal.record("image", "push", image.id, {"name": name})


def _short(layer: Layer) -> str:
    return layer.diff_id.removeprefix("sha256:")[:12]


def _say(stream: Stream, **message: Any) -> None:
    stream.write(json.dumps(message).encode() + b"\r\n")
