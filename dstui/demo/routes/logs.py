"""Logs, and the output of a container that is attached to."""

from collections.abc import Callable

from dstui.demo.errors import ApiError
from dstui.demo.exchange import MULTIPLEXED_STREAM, RAW_STREAM, ClientGoneError, Exchange
from dstui.demo.loglines import STDERR, STDOUT, Line, line_count, line_time, lines
from dstui.demo.model import Container, iso
from dstui.demo.routing import Routes
from dstui.demo.shell import run_shell

routes = Routes()
Write = Callable[[bytes], None]
_LONGEST_PAUSE_S = 1.0
_FLOOD_LINES = 500
_SHELLS = ("sh", "bash", "ash", "zsh")


def frame(stream: int, data: bytes) -> bytes:
    """Data of one of the streams of a container without a TTY."""
    return bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


@routes.add("GET", "/containers/{name}/logs")
def logs(exchange: Exchange) -> None:
    container = exchange.world.container(exchange.params["name"])
    streams = _wanted_streams(exchange)
    with exchange.stream(_content_type(exchange, container)) as stream:
        send = _sender(exchange, container, streams, stream.write)
        _send_past(exchange, container, send)
        if exchange.flag("follow") and container.alive:
            _follow(exchange, container, send)


@routes.add("POST", "/containers/{name}/attach")
def attach(exchange: Exchange) -> None:
    container = exchange.world.container(exchange.params["name"])
    if container.state == "paused":
        raise ApiError(
            409, f"container {container.id} is paused, unpause the container before attach"
        )
    exchange.world.tell(container, "attach")
    exchange.hijack(_content_type(exchange, container))
    if container.open_stdin and container.path.rpartition("/")[2] in _SHELLS:
        run_shell(exchange, container, container.tty, session=container.id)
        return
    send = _sender(exchange, container, {STDOUT, STDERR}, exchange.write_raw)
    if exchange.flag("logs"):
        _send_past(exchange, container, send)
    if exchange.flag("stream"):
        exchange.world.wait_until(lambda: container.alive, 0.1)
        _follow(exchange, container, send)


def _content_type(exchange: Exchange, container: Container) -> str:
    plain = container.tty or exchange.api < (1, 42)
    return RAW_STREAM if plain else MULTIPLEXED_STREAM


def _wanted_streams(exchange: Exchange) -> set[int]:
    chosen = {
        stream for stream, name in ((STDOUT, "stdout"), (STDERR, "stderr")) if exchange.flag(name)
    }
    if not chosen:
        raise ApiError(400, "Bad parameters: you must choose at least one stream")
    return chosen


def _sender(
    exchange: Exchange, container: Container, streams: set[int], write: Write
) -> Callable[[Line], None]:
    with_times = exchange.flag("timestamps")

    def send(line: Line) -> None:
        if not container.tty and line.stream not in streams:
            return
        time = f"{iso(line.time)} ".encode() if with_times else b""
        if container.tty:
            write(time + line.text + b"\r\n")
        else:
            write(frame(line.stream, time + line.text + b"\n"))

    return send


def _send_past(exchange: Exchange, container: Container, send: Callable[[Line], None]) -> None:
    count = line_count(container, exchange.world.clock())
    since, until = exchange.number("since") or 0.0, exchange.number("until") or float("inf")
    tail = exchange.query.get("tail", "all")
    first = max(0, count - int(tail)) if tail.isdigit() else 0
    for line in lines(container, first, count):
        if since <= line.time <= until:
            send(line)


def _follow(exchange: Exchange, container: Container, send: Callable[[Line], None]) -> None:
    clock = exchange.world.clock
    number = line_count(container, clock())
    while container.alive:
        if exchange.faults.flood:
            for line in lines(container, number, number + _FLOOD_LINES):
                send(line._replace(time=clock()))
            number += _FLOOD_LINES
            continue
        exchange.wait(min(max(0.01, line_time(container, number) - clock()), _LONGEST_PAUSE_S))
        if exchange.server.stopping.is_set():
            raise ClientGoneError
        count = line_count(container, clock())
        for line in lines(container, number, count):
            send(line)
        number = max(number, count)
