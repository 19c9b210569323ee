"""Runs commands in containers: create, start (on a hijacked connection), inspect, resize."""

import os
from dataclasses import dataclass

from dstui.demo.errors import ApiError
from dstui.demo.exchange import MULTIPLEXED_STREAM, RAW_STREAM, Exchange
from dstui.demo.model import Container
from dstui.demo.routing import Routes
from dstui.demo.shell import run_command

routes = Routes()


@dataclass(slots=True)
class Exec:
    id: str
    container: Container
    command: list[str]
    tty: bool
    open_stdin: bool
    user: str
    detach_keys: str
    running: bool = False
    exit_code: int | None = None


def _exec(exchange: Exchange) -> Exec:
    found = exchange.server.execs.get(exchange.params["id"])
    if not isinstance(found, Exec):
        raise ApiError(404, f"No such exec instance: {exchange.params['id']}")
    return found


@routes.add("POST", "/containers/{name}/exec")
def create(exchange: Exchange) -> None:
    container, wanted = exchange.world.container(exchange.params["name"]), exchange.body()
    if container.state == "paused":
        raise ApiError(
            409, f"Container {container.id} is paused, unpause the container before exec"
        )
    if container.state != "running":
        raise ApiError(409, f"Container {container.id} is not running")
    if not wanted.get("Cmd"):
        raise ApiError(400, "No exec command specified")
    made = Exec(
        id=os.urandom(32).hex(),
        container=container,
        command=list(wanted["Cmd"]),
        tty=bool(wanted.get("Tty")),
        open_stdin=bool(wanted.get("AttachStdin")),
        user=wanted.get("User") or "",
        detach_keys=wanted.get("DetachKeys") or "",
    )
    exchange.server.execs[made.id] = made
    exchange.world.tell(container, f"exec_create: {' '.join(made.command)}", execID=made.id)
    exchange.send_json({"Id": made.id}, 201)


@routes.add("POST", "/exec/{id}/start")
def start(exchange: Exchange) -> None:
    started = _exec(exchange)
    container = started.container
    if not container.alive:
        raise ApiError(409, f"Container {container.id} is not running")
    if started.running or started.exit_code is not None:
        raise ApiError(409, f"Error: Exec command {started.id} is already running")
    exchange.world.tell(container, f"exec_start: {' '.join(started.command)}", execID=started.id)
    if exchange.body().get("Detach"):
        started.exit_code = 0
        exchange.send_empty(200)
        return
    plain = started.tty or exchange.api < (1, 42)
    exchange.hijack(RAW_STREAM if plain else MULTIPLEXED_STREAM)
    started.running, killed = True, 137
    try:
        started.exit_code = killed
        started.exit_code = run_command(
            exchange, container, started.command, started.tty, started.user, session=started.id
        )
    finally:
        started.running = False
        exchange.world.tell(
            container, "exec_die", execID=started.id, exitCode=str(started.exit_code)
        )


@routes.add("GET", "/exec/{id}/json")
def inspect(exchange: Exchange) -> None:
    found = _exec(exchange)
    exchange.send_json(
        {
            "ID": found.id,
            "Running": found.running,
            "ExitCode": None if found.running else found.exit_code,
            "ProcessConfig": {
                "tty": found.tty,
                "entrypoint": found.command[0],
                "arguments": found.command[1:],
                "privileged": False,
            },
            "OpenStdin": found.open_stdin,
            "OpenStderr": True,
            "OpenStdout": True,
            "CanRemove": False,
            "ContainerID": found.container.id,
            "DetachKeys": found.detach_keys,
            "Pid": found.container.pid + 40 if found.running else 0,
        }
    )


@routes.add("POST", "/exec/{id}/resize")
def resize(exchange: Exchange) -> None:
    found = _exec(exchange)
    if not found.running:
        raise ApiError(409, f"Container {found.container.id} is not running")
    size = exchange.query.get("h", "0"), exchange.query.get("w", "0")
    exchange.server.sizes[found.id] = size
    exchange.send_empty(200)
