"""Makes new containers."""

import os
from typing import Any

from dstui.demo import lifecycle
from dstui.demo.errors import ApiError
from dstui.demo.exchange import Exchange
from dstui.demo.model import Container, Image, Mount, Port, Volume
from dstui.demo.routing import Routes
from dstui.demo.world import World

routes = Routes()


@routes.add("POST", "/containers/create")
def create(exchange: Exchange) -> None:
    world, wanted = exchange.world, exchange.body()
    with world.changed:
        image = world.image(str(wanted.get("Image", "")))
        identifier = os.urandom(32).hex()
        name = exchange.query.get("name", "") or f"demo_{identifier[:8]}"
        lifecycle.check_name(world, name)
        container = _container(world, wanted, image, identifier, name)
        world.containers[identifier] = container
        world.changed.notify_all()
        world.tell(container, "create")
    exchange.send_json({"Id": identifier, "Warnings": []}, 201)


def _container(
    world: World, wanted: dict[str, Any], image: Image, identifier: str, name: str
) -> Container:
    host_config = wanted.get("HostConfig") or {}
    entrypoint = _words(wanted.get("Entrypoint")) or image.entrypoint
    command = _words(wanted.get("Cmd")) or ([] if wanted.get("Entrypoint") else image.cmd or [])
    words = [*(entrypoint or []), *command]
    if not words:
        raise ApiError(400, "no command specified")
    network = host_config.get("NetworkMode", "default")
    return Container(
        id=identifier,
        name=name,
        image=image,
        image_name=wanted["Image"],
        path=words[0],
        args=words[1:],
        entrypoint=entrypoint,
        created=world.clock(),
        env=[*(wanted.get("Env") or []), *image.env],
        labels={**(image.labels or {}), **(wanted.get("Labels") or {})},
        user=wanted.get("User") or image.user,
        workdir=wanted.get("WorkingDir") or image.workdir,
        tty=bool(wanted.get("Tty")),
        open_stdin=bool(wanted.get("OpenStdin")),
        mounts=_mounts(world, host_config, wanted.get("Volumes") or {}),
        ports=_ports(wanted, host_config),
        network="bridge" if network == "default" else network,
        host_config={
            key: value
            for key, value in host_config.items()
            if key not in ("Binds", "PortBindings", "NetworkMode")
        },
        gpus=_gpus(world, host_config),
        seed=int(identifier[:6], 16),
        pid=world.population.next_pid(),
    )


def _words(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _mounts(world: World, host_config: dict[str, Any], volumes: dict[str, Any]) -> list[Mount]:
    mounts = []
    for bind in host_config.get("Binds") or []:
        source, destination, *options = bind.split(":")
        read_only = "ro" in options
        if source.startswith("/"):
            mounts.append(Mount("bind", source, destination, read_only))
        else:
            mounts.append(Mount("volume", _volume(world, source), destination, read_only))
    mounted = {mount.destination for mount in mounts}
    for destination in volumes.keys() - mounted:
        name = _volume(world, os.urandom(32).hex(), anonymous=True)
        mounts.append(Mount("volume", name, destination))
    return mounts


def _volume(world: World, name: str, anonymous: bool = False) -> str:
    if name not in world.volumes:
        labels = {"com.docker.volume.anonymous": ""} if anonymous else None
        world.volumes[name] = Volume(name, world.clock(), 0, labels, anonymous)
        world.journal.record("volume", "create", name, {"driver": "local"})
    return name


def _gpus(world: World, host_config: dict[str, Any]) -> tuple[int, ...]:
    every = range(world.gpu_count)
    for request in host_config.get("DeviceRequests") or []:
        if ids := request.get("DeviceIDs"):
            return tuple(index for index in every if str(index) in ids)
        count = int(request.get("Count") or 0)
        return tuple(every if count < 0 else every[:count])
    return ()


def _ports(wanted: dict[str, Any], host_config: dict[str, Any]) -> list[Port]:
    bindings = host_config.get("PortBindings") or {}
    ports = []
    for text in {**(wanted.get("ExposedPorts") or {}), **bindings}:
        number, _, protocol = text.partition("/")
        for binding in bindings.get(text) or [{}]:
            host_port = binding.get("HostPort") or ""
            ports.append(
                Port(
                    int(number),
                    int(host_port) if host_port else None,
                    binding.get("HostIp") or "0.0.0.0",
                    protocol or "tcp",
                )
            )
    return ports
