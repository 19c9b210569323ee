"""What a container uses: once, or a frame a second for as long as the client stays."""

import json

from dstui.demo.exchange import Exchange
from dstui.demo.model import Container
from dstui.demo.routing import Routes
from dstui.demo.usage_json import stats

routes = Routes()
_FRAME_S = 1.0


@routes.add("GET", "/containers/{name}/stats")
def container_stats(exchange: Exchange) -> None:
    container = exchange.world.container(exchange.params["name"])
    if exchange.flag("stream", default=True):
        _stream(exchange, container)
        return
    now, before = exchange.world.clock(), None
    if container.state == "running" and not exchange.flag("one-shot"):
        before = now
        exchange.wait(exchange.server.pace.stats_every_s)
        now = max(exchange.world.clock(), before + _FRAME_S)
    exchange.send_json(stats(exchange.world, container, now, before))


def _stream(exchange: Exchange, container: Container) -> None:
    """Frames are at least a second of the world's time apart, even if its clock stands still."""
    world, pace = exchange.world, exchange.server.pace
    before: float | None = None
    sent = 0
    with exchange.stream("application/json") as stream:
        while container.id in world.containers:
            now = world.clock() if before is None else max(world.clock(), before + _FRAME_S)
            if pace.stats_frames is None or sent < pace.stats_frames:
                frame = json.dumps(stats(world, container, now, before)).encode() + b"\n"
                stream.write(frame[: len(frame) // 2] if exchange.faults.malformed else frame)
                sent += 1
            before = now
            exchange.wait(pace.stats_every_s)
