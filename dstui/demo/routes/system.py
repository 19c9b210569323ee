"""The engine itself: ping, version, info, disk use and the event stream."""

import json
import queue

from dstui.demo import system_json
from dstui.demo.exchange import ClientGoneError, Exchange
from dstui.demo.journal import Event, Subscription
from dstui.demo.routing import Routes

routes = Routes()
_LOOK_EVERY_S = 0.5
"""How soon a listener that went away is noticed."""


@routes.add("GET", "/_ping")
@routes.add("HEAD", "/_ping")
def ping(exchange: Exchange) -> None:
    exchange.send(b"OK", "text/plain; charset=utf-8")


@routes.add("GET", "/version")
def version(exchange: Exchange) -> None:
    exchange.send_json(system_json.version())


@routes.add("GET", "/info")
def info(exchange: Exchange) -> None:
    with exchange.world.lock:
        answer = system_json.info(exchange.world)
    exchange.send_json(answer)


@routes.add("GET", "/system/df")
def disk_use(exchange: Exchange) -> None:
    with exchange.world.lock:
        answer = system_json.disk_use(exchange.world, exchange.server.cache, exchange.api)
    exchange.send_json(answer)


@routes.add("POST", "/build/prune")
def prune_build_cache(exchange: Exchange) -> None:
    """Records by their ids; without such a filter all of them."""
    cache, ids = exchange.world.build_cache, exchange.filters().get("id")
    with exchange.world.lock:
        chosen = [name for name in cache if ids is None or name in ids]
        held = {parent for record in cache.values() for parent in record.parents}
        if ids is not None:  # what others were made from stays
            chosen = [name for name in chosen if name not in held]
        freed = sum(cache.pop(name).size for name in chosen)
    exchange.send_json({"CachesDeleted": chosen or None, "SpaceReclaimed": freed})


@routes.add("GET", "/events")
def events(exchange: Exchange) -> None:
    filters, until = exchange.filters(), exchange.number("until")
    journal = exchange.world.journal
    subscription = journal.subscribe(exchange.number("since"))
    try:
        with exchange.stream("application/json") as stream:
            while True:
                event = _next(exchange, subscription, until)
                if event is None:
                    return
                if isinstance(event, bytes):
                    stream.write(event + b"\n")
                elif _passes(event, filters):
                    stream.write(json.dumps(event).encode() + b"\n")
    finally:
        journal.unsubscribe(subscription)


def _next(
    exchange: Exchange, subscription: Subscription, until: float | None
) -> Event | bytes | None:
    """The next event, or `None` when the time that was asked for is over."""
    while True:
        left = _LOOK_EVERY_S if until is None else until - exchange.world.clock()
        try:
            event = subscription.events.get(timeout=min(max(0.0, left), _LOOK_EVERY_S))
        except queue.Empty:
            if left <= 0:
                return None
            exchange.wait(0)
            continue
        if event is None:
            raise ClientGoneError  # the engine goes away, and says no more
        return event


def _passes(event: Event, filters: dict[str, list[str]]) -> bool:
    actor = event["Actor"]
    attributes = actor["Attributes"]
    for name, values in filters.items():
        match name:
            case "type":
                passes = event["Type"] in values
            case "event":
                passes = event["Action"].split(":")[0] in [value.split(":")[0] for value in values]
            case "label":
                passes = all(
                    key in attributes and (not equals or attributes[key] == wanted)
                    for key, equals, wanted in (value.partition("=") for value in values)
                )
            case "container" | "image" | "volume" | "network":
                passes = event["Type"] == name and any(
                    value in (actor["ID"], attributes.get("name")) for value in values
                )
            case _:
                passes = True
        if not passes:
            return False
    return True
