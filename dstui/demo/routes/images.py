"""Images: list, inspect, history, remove."""

import re
from fnmatch import translate

from dstui.demo import lifecycle
from dstui.demo.container_filters import has_label
from dstui.demo.errors import ApiError
from dstui.demo.exchange import Exchange
from dstui.demo.image_json import history, image_inspection, image_summary, measured_summary
from dstui.demo.model import Image
from dstui.demo.routing import Routes

routes = Routes()


@routes.add("GET", "/images/json")
def list_images(exchange: Exchange) -> None:
    world, filters = exchange.world, exchange.filters()
    describe = measured_summary if exchange.flag("shared-size") else image_summary
    with world.lock:
        chosen = [image for image in world.images if _matches(image, filters)]
        chosen.sort(key=lambda image: -image.created)
        answer = [describe(world, image, exchange.api) for image in chosen]
    exchange.send_json(answer)


def _matches(image: Image, filters: dict[str, list[str]]) -> bool:
    for name, values in filters.items():
        match name:
            case "dangling":
                passes = (not image.tags) == (values[0].lower() in ("true", "1"))
            case "label":
                passes = all(has_label(image.labels, value) for value in values)
            case "reference":
                passes = any(_refers(image, value) for value in values)
            case _:
                raise ApiError(400, f"invalid filter '{name}'")
        if not passes:
            return False
    return True


def _refers(image: Image, pattern: str) -> bool:
    expression = re.compile(translate(pattern))
    return any(
        expression.match(tag) or expression.match(tag.rpartition(":")[0]) for tag in image.tags
    )


@routes.add("GET", "/images/{name*}/json")
def inspect(exchange: Exchange) -> None:
    world, name = exchange.world, exchange.params["name"]
    exchange.send_json(image_inspection(world, world.image(name), exchange.api))


@routes.add("GET", "/images/{name*}/history")
def image_history(exchange: Exchange) -> None:
    exchange.send_json(history(exchange.world, exchange.world.image(exchange.params["name"])))


@routes.add("DELETE", "/images/{name*}")
def remove(exchange: Exchange) -> None:
    with exchange.world.changed:
        done = lifecycle.remove_image(
            exchange.world, exchange.params["name"], exchange.flag("force")
        )
    exchange.send_json(done)
