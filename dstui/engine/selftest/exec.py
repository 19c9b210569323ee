"""Short commands in a running container: their output, and their end when nobody waits for it."""

import threading
import time
from collections.abc import Sequence

from dstui.domain.engine import EngineError
from dstui.domain.selftest.answers import Answer, Ran, answers
from dstui.domain.text import clean
from dstui.engine.client import Engine, resource
from dstui.engine.convert.read import mapping, whole
from dstui.engine.logframes import Frames
from dstui.engine.wire import Reply, request
from dstui.probes import program

PYTHONS = (
    "python3",
    "python",
    "/opt/conda/bin/python",
    "/opt/venv/bin/python",
    "/usr/local/bin/python3",
    "/usr/bin/python3",
)
"""Where Python may be, the likeliest first."""

_NOT_STARTED = (125, 126, 127)
_MISSING = ("executable file not found", "no such file or directory", "not found in $path")
_LOOK_EVERY_S = 0.1
_END_PATIENCE_S = 1.0
_MOST_OUTPUT = 4 * 1024 * 1024


class MissingProgramError(EngineError):
    """The container has no such program."""


class TooSlowError(EngineError):
    """The command did not end in time, or is not wanted any more."""


def is_missing(message: str) -> bool:
    """Whether a runtime says that there is no such program."""
    words = message.lower()
    return "exec" in words and any(said in words for said in _MISSING)


def run(
    engine: Engine, container: str, command: Sequence[str], limit_s: float, stop: threading.Event
) -> Ran:
    """Run a command to its end. Its input stays open until then: a probe ends with it.

    Raises `MissingProgramError`, `TooSlowError` and other `EngineError`s.
    """
    identifier = _create(engine, container, command)
    try:
        reply = request(
            engine,
            "POST",
            f"/exec/{identifier}/start",
            body={"Detach": False, "Tty": False},
            hijack=True,
        )
    except EngineError as error:
        if is_missing(error.message):
            raise MissingProgramError(error.message, error.status) from error
        raise
    try:
        output = _output(reply, time.monotonic() + limit_s, limit_s, stop)
    finally:
        reply.close()
    code = _exit_code(engine, identifier)
    if code in _NOT_STARTED and is_missing(output):
        raise MissingProgramError(clean(output.strip()))
    return Ran(code, output)


def _create(engine: Engine, container: str, command: Sequence[str]) -> str:
    body = {
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": False,
        "Cmd": list(command),
    }
    path = resource("/containers/{}/exec", container)
    return str(engine.rest.ask("POST", path, body=body).json()["Id"])


def _output(reply: Reply, deadline: float, limit_s: float, stop: threading.Event) -> str:
    came = bytearray()
    while not reply.ended:
        if stop.is_set():
            raise TooSlowError("cancelled")
        if time.monotonic() > deadline:
            raise TooSlowError(f"it did not end within {limit_s:.0f} s")
        if reply.wait(_LOOK_EVERY_S):
            came += reply.receive()
        if len(came) > _MOST_OUTPUT:
            raise EngineError("it writes without end")
    return _text(bytes(came))


def _text(data: bytes) -> str:
    """The content of the frames; what could not be started is told without frames."""
    try:
        content = b"".join(content for _, content in Frames().feed(data))
    except ValueError:
        content = b""
    return (content or data).decode(errors="replace")


def _exit_code(engine: Engine, identifier: str) -> int | None:
    deadline = time.monotonic() + _END_PATIENCE_S
    while True:
        state = mapping(engine.rest.get(f"/exec/{identifier}/json"))
        if not state.get("Running") or time.monotonic() > deadline:
            return whole(state.get("ExitCode"))
        time.sleep(_LOOK_EVERY_S / 5)


class Python:
    """The Python of a container, which runs the probes."""

    def __init__(self, engine: Engine, container: str, path: str) -> None:
        self._engine = engine
        self._container = container
        self.path = path

    def probe(
        self, name: str, limit_s: float, stop: threading.Event, *arguments: str
    ) -> tuple[list[Answer], Ran]:
        """What a probe answers, and how it ended."""
        words = [self.path, "-c", program(name), str(int(limit_s)), *arguments]
        ran = run(self._engine, self._container, words, limit_s, stop)
        return list(answers(ran.output)), ran
