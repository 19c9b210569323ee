"""A container of our own that gets the same GPUs as another: started, looked into, removed."""

import contextlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.engine.client import Engine, resource
from dstui.engine.convert.read import mapping, rows, text, texts, whole
from dstui.engine.selftest.exec import PYTHONS, is_missing

LABEL = "dstui.selftest"
"""On each of these containers: what is tested."""

LIVES_S = 420
_SLEEP = ("sleep", str(LIVES_S))
_PYTHON_SLEEP = f"import time; time.sleep({LIVES_S})"
_START_TIMEOUT_S = 60.0
_ABANDONED_AFTER_S = 2 * LIVES_S
_COPIED = (
    "DeviceRequests",
    "Runtime",
    "Devices",
    "DeviceCgroupRules",
    "GroupAdd",
    "SecurityOpt",
    "UsernsMode",
    "CgroupParent",
    "ShmSize",
    "Ulimits",
)
"""What of a container's settings decides about its GPUs and limits; never that it is privileged."""
_GPU_VARIABLES = ("NVIDIA_", "CUDA_VERSION")


class Grant(NamedTuple):
    """How GPUs are given to a container."""

    host: Mapping[str, Any]
    """Keys of the engine's `HostConfig`."""
    environment: tuple[str, ...] = ()
    user: str = ""


def all_gpus() -> Grant:
    """As `--gpus all`."""
    return Grant({"DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]]}]})


def one_gpu(uuid: str) -> Grant:
    """As `--gpus '"device=UUID"'`."""
    return Grant({"DeviceRequests": [{"DeviceIDs": [uuid], "Capabilities": [["gpu"]]}]})


def grant_of(answer: Mapping[str, Any], own_environment: bool) -> Grant:
    """What an inspected container was given; with all its variables, or those of GPUs alone."""
    host, config = mapping(answer.get("HostConfig")), mapping(answer.get("Config"))
    variables = [
        entry
        for entry in rows(config.get("Env"))
        if isinstance(entry, str) and (own_environment or entry.startswith(_GPU_VARIABLES))
    ]
    kept = {name: host[name] for name in _COPIED if host.get(name)}
    return Grant(kept, tuple(variables), text(config.get("User")))


class Sandbox(NamedTuple):
    """A container that runs and does nothing; `None` for a name when nothing could keep it up."""

    container: str | None


@contextlib.contextmanager
def sandbox(engine: Engine, image: str, grant: Grant, what: str) -> Iterator[Sandbox]:
    """Start one and remove it when the block ends, however it ends.

    An image without `sleep` and without Python is not kept up: that it could be started is all
    that is known then. Should dstui be killed meanwhile, the engine removes it after `LIVES_S`.
    Raises `EngineError` in the engine's words when it could not be started.
    """
    remove_abandoned(engine)
    name = f"dstui-selftest-{secrets.token_hex(6)}"
    try:
        for command in (_SLEEP, *((python, "-c", _PYTHON_SLEEP) for python in PYTHONS)):
            _create(engine, name, image, grant, command, what)
            try:
                _start(engine, name)
            except EngineError as error:
                if not is_missing(error.message):
                    raise
                _remove(engine, name)
                continue
            yield Sandbox(name)
            return
        yield Sandbox(None)
    finally:
        _remove(engine, name)


def _create(
    engine: Engine, name: str, image: str, grant: Grant, command: Sequence[str], what: str
) -> None:
    volumes = mapping(mapping(engine.inspect(Kind.IMAGE, image).get("Config")).get("Volumes"))
    body = {
        "Image": image,
        "Entrypoint": list(command),
        "Cmd": [],
        "Env": list(grant.environment),
        "User": grant.user,
        "Labels": {LABEL: what},
        "StopSignal": "SIGKILL",
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            **grant.host,
            "NetworkMode": "none",
            "Tmpfs": dict.fromkeys(volumes, ""),
            "LogConfig": {"Type": "none"},
            "AutoRemove": True,
        },
    }
    engine.rest.ask("POST", "/containers/create", {"name": name}, body, _START_TIMEOUT_S)


def _start(engine: Engine, name: str) -> None:
    path = resource("/containers/{}/start", name)
    engine.rest.ask("POST", path, timeout_s=_START_TIMEOUT_S)


def _remove(engine: Engine, name: str) -> None:
    try:
        path = resource("/containers/{}", name)
        engine.rest.ask("DELETE", path, {"v": 1, "force": 1}, timeout_s=_START_TIMEOUT_S)
    except EngineError as error:
        if not (error.gone or "already in progress" in error.message):
            raise


def remove_abandoned(engine: Engine) -> None:
    """Remove what an earlier self-test left because it was killed."""
    filters = json.dumps({"label": [LABEL]})
    answer = engine.rest.get("/containers/json", {"all": 1, "filters": filters})
    for row in map(mapping, rows(answer)):
        created = whole(row.get("Created"))
        if created is not None and time.time() - created > _ABANDONED_AFTER_S:
            _remove(engine, text(row.get("Id")))


def suitable_image(engine: Engine) -> str | None:
    """An image of the engine to try a GPU with: one of GPU programs where there is one."""
    names = [
        (not any(word in name.lower() for word in _GPU_IMAGES), whole(row.get("Size")) or 0, name)
        for row in map(mapping, rows(engine.rest.get("/images/json")))
        for name in texts(row.get("RepoTags"))
        if name != "<none>:<none>"
    ]
    return min(names)[2] if names else None


_GPU_IMAGES = ("cuda", "pytorch", "torch", "tensorflow", "nvidia", "jax", "rapids", "vllm")
