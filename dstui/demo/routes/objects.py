"""Volumes and networks: list, inspect, remove."""

import re

from dstui.demo import lifecycle
from dstui.demo.container_filters import has_label
from dstui.demo.errors import ApiError
from dstui.demo.exchange import Exchange
from dstui.demo.model import Network, Volume
from dstui.demo.routing import Routes
from dstui.demo.system_json import network_entry, volume_entry
from dstui.demo.world import World

routes = Routes()


@routes.add("GET", "/volumes")
def list_volumes(exchange: Exchange) -> None:
    world, filters = exchange.world, exchange.filters()
    with world.lock:
        chosen = [volume for volume in world.volumes.values() if _passes(world, volume, filters)]
    exchange.send_json({"Volumes": [volume_entry(found) for found in chosen], "Warnings": None})


def _passes(world: World, volume: Volume, filters: dict[str, list[str]]) -> bool:
    for name, values in filters.items():
        match name:
            case "dangling":
                wanted = values[0].lower() in ("true", "1")
                passes = (not world.users_of_volume(volume.name)) == wanted
            case "name":
                passes = any(re.search(value, volume.name) for value in values)
            case "label":
                passes = all(has_label(volume.labels, value) for value in values)
            case "driver":
                passes = "local" in values
            case _:
                raise ApiError(400, f"invalid filter '{name}'")
        if not passes:
            return False
    return True


@routes.add("GET", "/volumes/{name}")
def inspect_volume(exchange: Exchange) -> None:
    exchange.send_json(volume_entry(exchange.world.volume(exchange.params["name"])))


@routes.add("DELETE", "/volumes/{name}")
def remove_volume(exchange: Exchange) -> None:
    with exchange.world.lock:
        lifecycle.remove_volume(exchange.world, exchange.params["name"])
    exchange.send_empty(204)


@routes.add("GET", "/networks")
def list_networks(exchange: Exchange) -> None:
    filters = exchange.filters()
    with exchange.world.lock:
        chosen = [network for network in exchange.world.networks if _is_wanted(network, filters)]
    exchange.send_json([network_entry(network, []) for network in chosen])


def _is_wanted(network: Network, filters: dict[str, list[str]]) -> bool:
    for name, values in filters.items():
        match name:
            case "name":
                passes = any(re.search(value, network.name) for value in values)
            case "id":
                passes = any(network.id.startswith(value) for value in values)
            case "driver":
                passes = network.driver in values
            case "label":
                passes = all(has_label(network.labels, value) for value in values)
            case _:
                raise ApiError(400, f"invalid filter '{name}'")
        if not passes:
            return False
    return True


@routes.add("GET", "/networks/{name}")
def inspect_network(exchange: Exchange) -> None:
    world = exchange.world
    with world.lock:
        network = world.network(exchange.params["name"])
        answer = network_entry(network, world.members_of_network(network))
    exchange.send_json(answer)


@routes.add("DELETE", "/networks/{name}")
def remove_network(exchange: Exchange) -> None:
    with exchange.world.lock:
        lifecycle.remove_network(exchange.world, exchange.params["name"])
    exchange.send_empty(204)
