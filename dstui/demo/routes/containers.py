"""Lists and inspects containers, and changes their state."""

import json

from dstui.demo import lifecycle
from dstui.demo.container_filters import matches
from dstui.demo.container_json import inspection
from dstui.demo.errors import ApiError
from dstui.demo.exchange import Exchange
from dstui.demo.model import Container
from dstui.demo.routing import Routes
from dstui.demo.usage_json import processes

routes = Routes()
_DEFAULT_GRACE_S = 10.0
_WAIT_STEP_S = 0.1


def _container(exchange: Exchange) -> Container:
    return exchange.world.container(exchange.params["name"])


@routes.add("GET", "/containers/json")
def list_containers(exchange: Exchange) -> None:
    world, filters = exchange.world, exchange.filters()
    limit = int(exchange.number("limit") or 0)
    everything = exchange.flag("all") or limit > 0 or "status" in filters
    with world.lock:
        chosen = [
            container
            for container in world.containers.values()
            if (everything or world.shown_state(container) in ("running", "paused", "restarting"))
            and matches(world, container, filters)
        ]
        chosen.sort(key=lambda container: -container.created)
        chosen = chosen[:limit] if limit > 0 else chosen
        entries = [exchange.server.cache.entry(container) for container in chosen]
    if exchange.flag("size"):
        entries = [_with_size(*pair) for pair in zip(entries, chosen, strict=True)]
    exchange.send(f"[{','.join(entries)}]\n".encode(), "application/json")


def _with_size(entry: str, container: Container) -> str:
    sizes = {"SizeRw": container.writable, "SizeRootFs": container.image.size + container.writable}
    return json.dumps({**json.loads(entry), **sizes})


@routes.add("GET", "/containers/{name}/json")
def inspect(exchange: Exchange) -> None:
    world = exchange.world
    with world.lock:
        container = _container(exchange)
        answer = inspection(world, container)
        shown = world.shown_state(container)
        if shown != container.state:
            answer["State"] |= {"Status": shown, "Running": True, "Pid": container.pid}
        if exchange.flag("size"):
            answer["SizeRw"] = container.writable
            answer["SizeRootFs"] = container.image.size + container.writable
    exchange.send_json(answer)


@routes.add("GET", "/containers/{name}/top")
def top(exchange: Exchange) -> None:
    container = _container(exchange)
    if container.state not in ("running", "paused"):
        raise ApiError(409, f"Container {container.id} is not running")
    exchange.world.tell(container, "top")
    exchange.send_json(
        processes(container, exchange.query.get("ps_args", "-ef"), exchange.world.clock())
    )


@routes.add("POST", "/containers/{name}/start")
def start(exchange: Exchange) -> None:
    lifecycle.start(exchange.world, _container(exchange))
    exchange.send_empty(204)


@routes.add("POST", "/containers/{name}/stop")
def stop(exchange: Exchange) -> None:
    lifecycle.stop(exchange.world, _container(exchange), _grace(exchange))
    exchange.send_empty(204)


@routes.add("POST", "/containers/{name}/restart")
def restart(exchange: Exchange) -> None:
    lifecycle.restart(exchange.world, _container(exchange), _grace(exchange))
    exchange.send_empty(204)


def _grace(exchange: Exchange) -> float:
    given = exchange.number("t")
    return _DEFAULT_GRACE_S if given is None else given


@routes.add("POST", "/containers/{name}/kill")
def kill(exchange: Exchange) -> None:
    lifecycle.kill(exchange.world, _container(exchange), exchange.query.get("signal", ""))
    exchange.send_empty(204)


@routes.add("POST", "/containers/{name}/pause")
def pause(exchange: Exchange) -> None:
    lifecycle.pause(exchange.world, _container(exchange))
    exchange.send_empty(204)


@routes.add("POST", "/containers/{name}/unpause")
def unpause(exchange: Exchange) -> None:
    lifecycle.unpause(exchange.world, _container(exchange))
    exchange.send_empty(204)


@routes.add("POST", "/containers/{name}/rename")
def rename(exchange: Exchange) -> None:
    lifecycle.rename(exchange.world, _container(exchange), exchange.query.get("name", ""))
    exchange.send_empty(204)


@routes.add("DELETE", "/containers/{name}")
def remove(exchange: Exchange) -> None:
    lifecycle.remove(
        exchange.world, _container(exchange), exchange.flag("force"), exchange.flag("v")
    )
    exchange.send_empty(204)


@routes.add("POST", "/containers/{name}/wait")
def wait(exchange: Exchange) -> None:
    world, container = exchange.world, _container(exchange)
    started, awaits_next = container.started, exchange.query.get("condition") == "next-exit"
    with exchange.stream("application/json") as stream:
        while not _has_ended(exchange, container, started if awaits_next else None):
            exchange.wait(0)
            world.wait_until(lambda: not container.alive, _WAIT_STEP_S)
        stream.write(json.dumps({"StatusCode": container.exit_code}).encode() + b"\n")


def _has_ended(exchange: Exchange, container: Container, since: float | None) -> bool:
    if exchange.query.get("condition") == "removed":
        return container.id not in exchange.world.containers
    if since is not None and (container.finished or 0.0) < since:
        return False
    return not container.alive


@routes.add("POST", "/containers/{name}/resize")
def resize(exchange: Exchange) -> None:
    container = _container(exchange)
    if not container.alive:
        raise ApiError(409, f"Container {container.id} is not running")
    height, width = exchange.query.get("h", "0"), exchange.query.get("w", "0")
    exchange.server.sizes[container.id] = height, width
    exchange.world.tell(container, "resize", height=height, width=width)
    exchange.send_empty(200)
