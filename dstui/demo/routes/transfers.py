"""Names for images, and their way to a registry and back: as slow as a good network is."""

import json
from typing import Any

from dstui.demo import archives
from dstui.demo.errors import ApiError
from dstui.demo.exchange import Exchange, Stream
from dstui.demo.model import Image, Layer, digest
from dstui.demo.population import full_tag, image_by_name
from dstui.demo.registries import another_tag, full_name, push_refusal, unreachable
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
        if problem := push_refusal(repository, world.images):
            _say(stream, errorDetail={"message": problem}, error=problem)
            return
        _send_layers(exchange, stream, [layer for layer in image.layers if layer.diff_id])
        told, size = f"sha256:{digest('manifest', image.id)}", 528
        _say(stream, status=f"{name.rpartition(':')[2]}: digest: {told} size: {size}")
        _say(stream, progressDetail={}, aux={"Digest": told, "Size": size})
        _keep_digest(exchange, image, f"{name.rpartition(':')[0]}@{told}")


@routes.add("POST", "/images/create")
def pull(exchange: Exchange) -> None:
    """What is here is up to date; of a repository that is known here there is every other tag."""
    world = exchange.world
    repository, wanted = exchange.query.get("fromImage", ""), exchange.query.get("tag", "")
    separator = "@" if ":" in wanted else ":"
    name = full_tag(f"{repository}:{wanted}") if separator == ":" else f"{repository}@{wanted}"
    if problem := unreachable(repository, world.images):
        raise ApiError(500, problem)
    here = image_by_name(world.images, name)
    image = here or another_tag(name, world.images, world.clock())
    if image is None:
        raise ApiError(404, f"manifest for {name} not found: manifest unknown: manifest unknown")
    with exchange.stream("application/json") as stream:
        _say(stream, status=f"Pulling from {repository}", id=wanted)
        if here is None:
            _fetch_layers(exchange, stream, image)
            with world.changed:
                world.images.append(image)
                world.journal.record("image", "pull", name, {"name": name})
        if image.digests:
            _say(stream, status=f"Digest: {image.digests[0].rpartition('@')[2]}")
        what = "Image is up to date" if here else "Downloaded newer image"
        _say(stream, status=f"Status: {what} for {name}")


@routes.add("GET", "/distribution/{name*}/json")
def distribution(exchange: Exchange) -> None:
    """A registry has every digest of its own that an image here has."""
    world, name = exchange.world, exchange.params["name"]
    repository, _, wanted = name.rpartition("@")
    if problem := unreachable(repository, world.images):
        raise ApiError(500, problem)
    known = {full_name(digest) for image in world.images for digest in image.digests}
    if full_name(name) not in known:
        raise ApiError(404, "manifest unknown: manifest unknown")
    exchange.send_json({"Descriptor": {"digest": wanted}, "Platforms": []})


@routes.add("GET", "/images/{name*}/get")
def save(exchange: Exchange) -> None:
    name = exchange.params["name"]
    image = exchange.world.image(name)
    if image.size > archives.LARGEST:
        raise ApiError(501, "only a small simulated image has bytes that can be saved")
    tag = full_tag(name)
    pieces = list(archives.archive(image, tag if tag in image.tags else ""))
    with exchange.stream("application/x-tar") as stream:
        for piece in pieces:
            exchange.wait(exchange.server.pace.transfer_s / len(pieces))
            stream.write(piece)


@routes.add("POST", "/images/load")
def load(exchange: Exchange) -> None:
    """Takes the names that the archive brings from the images that have them."""
    world = exchange.world
    length = exchange.headers.get("Content-Length", "")
    body = archives.Body(exchange.reader, int(length) if length.isdigit() else 0)
    try:
        loaded = archives.images_of(body, world.clock())
    finally:
        body.drain()
    with exchange.stream("application/json") as stream, world.changed:
        for image in loaded:
            known = next((one for one in world.images if one.id == image.id), None)
            for other in world.images:
                other.tags = [tag for tag in other.tags if tag not in image.tags]
            if known is None:
                world.images.append(image)
            else:
                known.tags += image.tags
            world.journal.record("image", "load", image.id, {"name": image.id})
            for tag in image.tags or [image.id]:
                _say(stream, stream=f"Loaded image: {tag}\n")


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


def _fetch_layers(exchange: Exchange, stream: Stream, image: Image) -> None:
    """What is here already is said to be; the rest comes side by side, and is then unpacked."""
    here = {layer.diff_id for other in exchange.world.images for layer in other.layers}
    new = [layer for layer in image.layers if layer.diff_id and layer.diff_id not in here]
    for layer in image.layers:
        status = "Pulling fs layer" if layer in new else "Already exists"
        _say(stream, status=status, progressDetail={}, id=_short(layer))
    for status, done in (("Downloading", "Download complete"), ("Extracting", "Pull complete")):
        for step in range(1, _STEPS + 1):
            exchange.wait(exchange.server.pace.transfer_s / _STEPS / 2)
            for layer in new:
                came = {"current": layer.size * step // _STEPS, "total": layer.size}
                _say(stream, status=status, progressDetail=came, id=_short(layer))
        for layer in new:
            _say(stream, status=done, progressDetail={}, id=_short(layer))


def _keep_digest(exchange: Exchange, image: Image, name: str) -> None:
    with exchange.world.changed:
        if name not in image.digests:
            image.digests.append(name)
        exchange.world.journal.record("image", "push", image.id, {"name": name})


def _short(layer: Layer) -> str:
    return layer.diff_id.removeprefix("sha256:")[:12]


def _say(stream: Stream, /, **message: Any) -> None:
    stream.write(json.dumps(message).encode() + b"\r\n")
