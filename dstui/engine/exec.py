"""Shells and other interactive commands in a running container.

The engine keeps an exec'd process when its connection is closed (tried on Docker 20.10). So each
session is marked by a variable in its environment, and closing it hangs up, as the end of a
terminal does, every process in the container that carries the mark.
"""

import contextlib
import secrets
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dstui.domain.engine import EngineError, NoShellError, ShellRequest
from dstui.domain.kind import Kind
from dstui.domain.text import clean
from dstui.engine.attach import attach
from dstui.engine.client import resource
from dstui.engine.debug import debug_shell
from dstui.engine.terminal import (
    UNTYPED_KEYS,
    RawTerminal,
    first_shell,
    program_is_missing,
    terminal_environment,
)
from dstui.engine.wire import Reply, request

if TYPE_CHECKING:
    from dstui.engine.client import Engine

__all__ = ["ExecTerminal", "attach", "debug_shell", "open_shell"]

_MARK = "DSTUI_SESSION"
_NOT_STARTED = (125, 126, 127)
_START_PATIENCE_S = 15.0
_END_PATIENCE_S = 1.0
_POLL_S = 0.01
_SIGNAL_MARKED = """
for environment in /proc/[0-9]*/environ; do
  while IFS= read -r variables || [ -n "$variables" ]; do
    case $variables in *"$1"*) pid=${environment#/proc/}; kill -"$2" "${pid%/environ}";; esac
  done <"$environment"
done 2>/dev/null
"""


class NotStartedError(EngineError):
    """The command could not be started, in the engine's words."""


def open_shell(engine: "Engine", request: ShellRequest, shells: Sequence[str]) -> "ExecTerminal":
    """Start the requested command, or the first of `shells` that the container has.

    Raises `NoShellError` when it has none of them.
    """
    if request.command:
        return ExecTerminal.start(engine, request, request.command)
    for command in (first_shell(shells), *([shell] for shell in shells if shell != "sh")):
        try:
            return ExecTerminal.start(engine, request, command)
        except NotStartedError as error:
            if not program_is_missing(command[0], error.message):
                raise
    image = (engine.inspect(Kind.CONTAINER, request.container_id).get("Config") or {}).get("Image")
    raise NoShellError(clean(str(image or "the image")))


class ExecTerminal(RawTerminal):
    """A command that runs in a container, on a terminal."""

    def __init__(
        self, engine: "Engine", reply: Reply, exec_id: str, request: ShellRequest, mark: str
    ) -> None:
        super().__init__(engine, reply, f"/exec/{exec_id}")
        self._request = request
        self._mark = mark

    @classmethod
    def start(
        cls, engine: "Engine", request: ShellRequest, command: Sequence[str]
    ) -> "ExecTerminal":
        """Start `command`. Raises `NotStartedError` with the engine's reason."""
        mark = f"{_MARK}={secrets.token_hex(8)}"
        environment = [*terminal_environment(), mark]
        exec_id = _create(engine, request, command, environment, tty=True)
        terminal = cls(engine, _start(engine, exec_id, tty=True), exec_id, request, mark)
        try:
            terminal._wait_for_start()
        except EngineError:
            terminal._reply.close()
            raise
        terminal.resize(request.rows, request.columns)
        return terminal

    def _wait_for_start(self) -> None:
        """The engine takes the connection before it starts the process: wait for that."""
        for state in self._states(_START_PATIENCE_S):
            if state.get("Running") and state.get("Pid"):
                return
            if not state.get("Running") and state.get("ExitCode") is not None:
                if state["ExitCode"] in _NOT_STARTED and not state.get("Pid"):
                    words = self._reply.read_all(_END_PATIENCE_S).decode(errors="replace")
                    raise NotStartedError(clean(words.strip()))
                return
        raise EngineError("the engine did not start the command in time")

    def exit_code(self) -> int | None:
        """The command's exit code; waits a moment for the engine to note its end."""
        for state in self._states(_END_PATIENCE_S):
            if not state.get("Running"):
                code = state.get("ExitCode")
                return code if isinstance(code, int) else None
        return None

    def close(self) -> None:
        """End the session: hang up what still runs of it, kill what ignores that.

        Needs a shell in the container; without one, a command that survives its terminal stays.
        """
        self._reply.close()
        with contextlib.suppress(EngineError):  # the container itself is gone
            for signal in ("HUP", "KILL"):
                if not self._running():
                    return
                self._signal(signal)
                for state in self._states(_END_PATIENCE_S):
                    if not state.get("Running"):
                        return

    def _running(self) -> bool:
        return bool(self._engine.rest.get(f"{self._resource}/json").get("Running"))

    def _signal(self, name: str) -> None:
        command = ["sh", "-c", _SIGNAL_MARKED, "sh", self._mark, name]
        exec_id = _create(self._engine, self._request, command, [], tty=False)
        reply = _start(self._engine, exec_id, tty=False)
        reply.read_all(_END_PATIENCE_S)
        reply.close()

    def _states(self, seconds: float) -> Iterator[dict[str, Any]]:
        """What the engine knows of the session, again and again for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            yield self._engine.rest.get(f"{self._resource}/json")
            time.sleep(_POLL_S)


def _create(
    engine: "Engine",
    request: ShellRequest,
    command: Sequence[str],
    environment: Sequence[str],
    tty: bool,
) -> str:
    body = {
        "AttachStdin": tty,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": tty,
        "DetachKeys": UNTYPED_KEYS,
        "Cmd": list(command),
        "Env": list(environment),
        "User": request.user,
        "WorkingDir": request.working_dir if tty else "",
    }
    path = resource("/containers/{}/exec", request.container_id)
    return str(engine.rest.ask("POST", path, body=body).json()["Id"])


def _start(engine: "Engine", exec_id: str, tty: bool) -> Reply:
    body = {"Detach": False, "Tty": tty}
    return request(engine, "POST", f"/exec/{exec_id}/start", body=body, hijack=True)
