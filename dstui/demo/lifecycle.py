"""What can be done to the simulated objects, each with the events and refusals of a real engine."""

import contextlib
import re
import socket
import time

from dstui.demo.errors import ApiError, NotModifiedError
from dstui.demo.model import Container, Image
from dstui.demo.population import full_tag
from dstui.demo.world import World

_NAME = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_SIGNALS = {
    "HUP": 1, "INT": 2, "QUIT": 3, "ABRT": 6, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12,
    "TERM": 15, "CONT": 18, "STOP": 19, "WINCH": 28,
}  # fmt: skip
_FATAL = (2, 3, 6, 9, 11, 15)


def start(world: World, container: Container) -> None:
    with world.changed:
        if container.state == "paused":
            raise ApiError(409, "cannot start a paused container, try unpause instead")
        if container.alive:
            raise NotModifiedError
        world.tell_network(container, "connect")
        container.state = "running"
        container.started = world.clock()
        container.paused_at, container.paused_s = None, 0.0
        container.exit_code, container.oom_killed, container.error = 0, False, ""
        container.health = "starting" if container.has_health else ""
        _changed(world, container)
        world.tell(container, "start")


def stop(world: World, container: Container, grace_s: float) -> None:
    """Ends it with SIGTERM; a shell ignores that and is killed when the grace time is over."""
    if not container.alive:
        raise NotModifiedError
    world.tell(container, "kill", signal="15")
    heeds = not container.tty
    gone = world.wait_until(lambda: not container.alive, min(world.stop_s, grace_s))
    if not gone and not heeds:
        gone = world.wait_until(lambda: not container.alive, max(0.0, grace_s - world.stop_s))
        if not gone:
            world.tell(container, "kill", signal="9")
    if not gone:
        end(world, container, 143 if heeds else 137)
    world.tell(container, "stop")


def end(world: World, container: Container, exit_code: int, oom_killed: bool = False) -> None:
    """Its main process is no more."""
    with world.changed:
        if not container.alive:
            return
        if world.stale_s:
            world.stale[container.id] = (time.monotonic() + world.stale_s, container.state)
        container.state = "exited"
        container.finished = world.clock()
        container.exit_code, container.oom_killed = exit_code, oom_killed
        container.paused_at = None
        container.health = ""
        _changed(world, container)
        if oom_killed:
            world.tell(container, "oom")
        world.tell(container, "die", exitCode=str(exit_code))
        world.tell_network(container, "disconnect")
        removes_itself = container.host_config.get("AutoRemove") is True
    for session in tuple(container.sessions):
        with contextlib.suppress(OSError):
            session.shutdown(socket.SHUT_RDWR)
    if removes_itself:
        remove(world, container, force=False, volumes=True)


def restart(world: World, container: Container, grace_s: float) -> None:
    with contextlib.suppress(NotModifiedError):
        stop(world, container, grace_s)
    start(world, container)
    world.tell(container, "restart")


def kill(world: World, container: Container, signal: str) -> None:
    word = signal.upper().removeprefix("SIG") or "KILL"
    number = int(word) if word.isdigit() else _SIGNALS.get(word, 0)
    if not number:
        raise ApiError(400, f"Invalid signal: {signal}")
    if not container.alive:
        raise ApiError(
            409,
            f"Cannot kill container: {container.id}: Container {container.id} is not running",
        )
    world.tell(container, "kill", signal=str(number))
    if number in _FATAL:
        end(world, container, 128 + number)


def pause(world: World, container: Container) -> None:
    with world.changed:
        if not container.alive:
            raise ApiError(409, f"Container {container.id} is not running")
        if container.state == "paused":
            raise ApiError(409, f"Container {container.id} is already paused")
        container.state, container.paused_at = "paused", world.clock()
        _changed(world, container)
        world.tell(container, "pause")


def unpause(world: World, container: Container) -> None:
    with world.changed:
        if container.state != "paused":
            raise ApiError(500, f"Container {container.id} is not paused")
        container.paused_s += world.clock() - (container.paused_at or world.clock())
        container.state, container.paused_at = "running", None
        _changed(world, container)
        world.tell(container, "unpause")


def rename(world: World, container: Container, name: str) -> None:
    with world.changed:
        if not name:
            raise ApiError(400, "Neither old nor new names may be empty")
        name = name.removeprefix("/")
        if name == container.name:
            raise ApiError(400, "Renaming a container with the same name as its current name")
        check_name(world, name, "Error when allocating new name: ")
        old, container.name = container.name, name
        _changed(world, container)
        world.tell(container, "rename", oldName=f"/{old}")


def check_name(world: World, name: str, before: str = "") -> None:
    """Refuse a name that is malformed or taken."""
    if not _NAME.fullmatch(name):
        raise ApiError(
            400,
            f"{before}Invalid container name (/{name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
        )
    for other in world.containers.values():
        if other.name == name:
            raise ApiError(
                409,
                f'{before}Conflict. The container name "/{name}" is already in use by container '
                f'"{other.id}". You have to remove (or rename) that container to be able to reuse '
                "that name.",
            )


def remove(world: World, container: Container, force: bool, volumes: bool) -> None:
    if container.alive:
        if not force:
            word = "paused" if container.state == "paused" else "running"
            raise ApiError(
                409,
                f"You cannot remove a {word} container {container.id}. Stop the container before "
                "attempting removal or force remove",
            )
        world.tell(container, "kill", signal="9")
        end(world, container, 137)
    with world.changed:
        if world.containers.pop(container.id, None) is None:
            return  # it removed itself when it ended
        if volumes:
            _remove_anonymous_volumes(world, container)
        world.changed.notify_all()
        world.tell(container, "destroy")


def _remove_anonymous_volumes(world: World, container: Container) -> None:
    for mount in container.mounts:
        volume = world.volumes.get(mount.source)
        if volume and volume.anonymous and not world.users_of_volume(volume.name):
            remove_volume(world, volume.name)


def remove_volume(world: World, name: str) -> None:
    volume = world.volume(name)
    users = world.users_of_volume(name)
    if users:
        ids = ", ".join(user.id for user in users)
        raise ApiError(409, f"remove {name}: volume is in use - [{ids}]")
    del world.volumes[volume.name]
    world.journal.record("volume", "destroy", name, {"driver": "local"})


def remove_network(world: World, name: str) -> None:
    network = world.network(name)
    if network.predefined:
        raise ApiError(403, f"{name} is a pre-defined network and cannot be removed")
    if world.members_of_network(network):
        raise ApiError(
            403,
            f"error while removing network: network {network.name} id {network.id} has active "
            "endpoints",
        )
    world.networks.remove(network)
    world.journal.record(
        "network", "destroy", network.id, {"name": network.name, "type": network.driver}
    )


def remove_image(world: World, name: str, force: bool) -> list[dict[str, str]]:
    """Untag it, and delete it with its last tag; answers what was done, as the engine does."""
    image = world.image(name)
    by_id = name.removeprefix("sha256:") in image.id
    users = world.users_of_image(image)
    short = image.id.removeprefix("sha256:")[:12]
    if by_id and len(image.tags) > 1 and not force:
        raise ApiError(
            409,
            f"conflict: unable to delete {short} (must be forced) - image is referenced in "
            "multiple repositories",
        )
    last = by_id or len(image.tags) <= 1
    if last and users:
        _refuse_used_image(image, name, users, by_id, force)
    names = list(image.tags) if by_id else [tag for tag in image.tags if tag == full_tag(name)]
    done = [{"Untagged": tag} for tag in names]
    image.tags = [tag for tag in image.tags if tag not in names]
    for tag in names:
        world.journal.record("image", "untag", image.id, {"name": tag})
    if not image.tags and (by_id or not users):
        done += [{"Untagged": reference} for reference in image.digests]
        done += [{"Deleted": image.id}]
        world.images.remove(image)
        world.journal.record("image", "delete", image.id, {"name": image.id})
    return done


def _refuse_used_image(
    image: Image, name: str, users: list[Container], by_id: bool, force: bool
) -> None:
    short = image.id.removeprefix("sha256:")[:12]
    running = next((user for user in users if user.alive), None)
    if by_id and running:
        raise ApiError(
            409,
            f"conflict: unable to delete {short} (cannot be forced) - image is being used by "
            f"running container {running.id[:12]}",
        )
    if force:
        return
    if by_id:
        raise ApiError(
            409,
            f"conflict: unable to delete {short} (must be forced) - image is being used by stopped "
            f"container {users[0].id[:12]}",
        )
    raise ApiError(
        409,
        f'conflict: unable to remove repository reference "{name}" (must force) - container '
        f"{users[0].id[:12]} is using its referenced image {short}",
    )


def _changed(world: World, container: Container) -> None:
    container.revision += 1
    world.changed.notify_all()
