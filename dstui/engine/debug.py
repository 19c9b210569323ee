"""A shell beside a container that has none: a throwaway container in the target's namespaces."""

import contextlib
import secrets
from typing import TYPE_CHECKING, Any

from dstui.domain.engine import EngineError, ShellRequest
from dstui.domain.text import clean
from dstui.engine.attach import Attachment, open_attachment, running_container
from dstui.engine.client import resource
from dstui.engine.maker import MAKER_LABEL, this_process
from dstui.engine.terminal import first_shell, program_is_missing, terminal_environment

if TYPE_CHECKING:
    from dstui.engine.client import Engine

DEBUG_LABEL = "dstui.debug"
"""On each debug container: the id of its target."""

_SHELLS = ("bash", "zsh", "ash", "sh")


def debug_shell(engine: "Engine", request: ShellRequest, image: str) -> "DebugTerminal":
    """Open a shell of `image` that sees the target's processes and network.

    The target's files are at `$TARGET_ROOT`. Raises `EngineError` when the target does not run,
    and when the image is not on the engine or has no shell.
    """
    target = running_container(engine, request.container_id)
    body = _container(target, image, request)
    name = f"dstui-debug-{str(target['Id'])[:12]}-{secrets.token_hex(2)}"
    try:
        answer = engine.rest.ask("POST", "/containers/create", {"name": name}, body)
    except EngineError as error:
        if not error.gone:
            raise
        words = f"the engine has no image {image}: pull it, or choose another with ctrl+x"
        raise EngineError(words, error.status) from error
    return _started(engine, str(answer.json()["Id"]), request, image)


def _started(
    engine: "Engine", identifier: str, request: ShellRequest, image: str
) -> "DebugTerminal":
    path = resource("/containers/{}", identifier)
    try:
        terminal = DebugTerminal(engine, open_attachment(engine, identifier, stdin=True), path)
    except EngineError:
        _remove(engine, path)
        raise
    try:
        engine.rest.ask("POST", f"{path}/start")
    except EngineError as error:
        terminal.close()
        if not request.command and program_is_missing("sh", error.message):
            words = f"{clean(image)} has no shell: choose another image with ctrl+x"
            raise EngineError(words, error.status) from error
        raise
    terminal.resize(request.rows, request.columns)
    return terminal


class DebugTerminal(Attachment):
    """The shell of a debug container, which goes with it."""

    def close(self) -> None:
        """Remove the debug container, whatever runs in it."""
        super().close()
        _remove(self._engine, self._resource)


def _remove(engine: "Engine", path: str) -> None:
    with contextlib.suppress(EngineError):  # it removes itself too, and may have been quicker
        engine.rest.ask("DELETE", path, {"force": 1, "v": 1})


def _container(target: dict[str, Any], image: str, request: ShellRequest) -> dict[str, Any]:
    shared = f"container:{target['Id']}"
    host = target.get("HostConfig") or {}
    # with the host's processes in sight, process 1 is the host's
    first = target["State"]["Pid"] if host.get("PidMode") == "host" else 1
    return {
        "Image": image,
        "Entrypoint": list(request.command) or first_shell(_SHELLS),
        "Cmd": [],
        "Env": [*terminal_environment(), f"TARGET_ROOT=/proc/{first}/root"],
        "User": request.user or "0",
        "WorkingDir": request.working_dir or "/",
        "Labels": {DEBUG_LABEL: str(target["Id"]), MAKER_LABEL: this_process()},
        "Tty": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": {
            "AutoRemove": True,
            "PidMode": shared,
            "NetworkMode": shared,
            "UsernsMode": host.get("UsernsMode") or "",
            "CapAdd": ["SYS_PTRACE"],  # to enter /proc/1/root of another user's process
            "LogConfig": {"Type": "none"},
        },
    }
