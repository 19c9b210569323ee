"""A person's terminal on the main process of a container."""

from typing import TYPE_CHECKING, Any

from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.text import clean
from dstui.engine.client import resource
from dstui.engine.logframes import Frames
from dstui.engine.terminal import UNTYPED_KEYS, RawTerminal
from dstui.engine.wire import Reply, request

if TYPE_CHECKING:
    from dstui.engine.client import Engine

_INTERRUPT, _END_OF_INPUT = b"\x03", b"\x04"


def attach(
    engine: "Engine", container_id: str, detach_keys: str, rows: int, columns: int
) -> "Attachment":
    """Attach to a running container; typing `detach_keys` leaves it running.

    Raises `EngineError`, also for keys that cannot be typed.
    """
    container = running_container(engine, container_id)
    config = container.get("Config") or {}
    keys = DetachKeys(detach_keys)
    stdin = bool(config.get("OpenStdin"))
    reply = open_attachment(engine, container_id, stdin, detach_keys)
    path = resource("/containers/{}", container_id)
    if not config.get("Tty"):
        return PlainAttachment(engine, reply, path, keys, stdin)
    terminal = Attachment(engine, reply, path)
    terminal.resize(rows + 1, columns)  # a change makes a full-screen program draw itself anew
    terminal.resize(rows, columns)
    return terminal


def running_container(engine: "Engine", container_id: str) -> dict[str, Any]:
    """The engine's description of a container. Raises `EngineError` when it does not run."""
    container = engine.inspect(Kind.CONTAINER, container_id)
    if not (container.get("State") or {}).get("Running"):
        name = clean(str(container.get("Name") or container_id).removeprefix("/"))
        raise EngineError(f"{name} is not running: start it first")
    return container


def open_attachment(
    engine: "Engine", container_id: str, stdin: bool, detach_keys: str = UNTYPED_KEYS
) -> Reply:
    """The raw connection to the main process of a container, which need not run yet."""
    query = {
        "stream": 1,
        "stdin": int(stdin),
        "stdout": 1,
        "stderr": 1,
        "detachKeys": detach_keys,
    }
    path = resource("/containers/{}/attach", container_id)
    return request(engine, "POST", path, query, hijack=True)


class DetachKeys:
    """Recognises the keys that detach, in the form of `docker attach --detach-keys`."""

    def __init__(self, keys: str) -> None:
        try:
            self._sequence = b"".join(_byte_of(key.strip()) for key in keys.split(","))
        except ValueError as error:
            raise EngineError(
                f"detach keys {keys!r}: write them like `ctrl-],ctrl-]` or `a`"
            ) from error
        self._typed = b""

    def typed(self, data: bytes) -> tuple[bytes, bool]:
        """What to pass on of `data`, and whether the keys were typed; held back while they may."""
        passed = bytearray()
        for byte in data:
            self._typed += bytes([byte])
            while not self._sequence.startswith(self._typed):
                passed.append(self._typed[0])
                self._typed = self._typed[1:]
            if self._typed == self._sequence:
                return bytes(passed), True
        return bytes(passed), False


def _byte_of(key: str) -> bytes:
    letter = key.lower().removeprefix("ctrl-")
    if letter == key.lower() and len(key) == 1:
        return key.encode("ascii")
    if len(letter) != 1 or not ("a" <= letter <= "z" or letter in "@[\\]^_"):
        raise ValueError(key)
    return bytes([ord(letter.upper()) & 0x1F])


class Attachment(RawTerminal):
    """A container that has a terminal; the engine knows the keys that detach."""

    def close(self) -> None:
        """Leave the container as it is."""
        self._reply.close()

    def exit_code(self) -> int | None:
        """The container's exit code, when it has ended."""
        try:
            state = self._engine.rest.get(f"{self._resource}/json").get("State") or {}
        except EngineError:
            return None
        code = state.get("ExitCode")
        return code if isinstance(code, int) and not state.get("Running") else None


class PlainAttachment(Attachment):
    """A container without a terminal: two streams out, and lines in if it reads them.

    What is typed is echoed here, Enter ends a line, ctrl-d ends the input, ctrl-c detaches: a
    signal would end somebody's work.
    """

    def __init__(
        self, engine: "Engine", reply: Reply, resource: str, keys: DetachKeys, stdin: bool
    ) -> None:
        super().__init__(engine, reply, resource)
        self._keys = keys
        self._stdin = stdin
        self._frames = Frames()
        self._echo = b""

    @property
    def pending(self) -> bool:
        """Whether there is output to receive although the descriptor may not be readable."""
        return bool(self._echo) or super().pending

    def receive(self) -> bytes:
        """Output of both streams, with the line ends of a raw terminal."""
        output, self._echo = self._echo, b""
        try:
            while not output and (data := super().receive()):
                output = b"".join(message for _, message in self._frames.feed(data))
        except ValueError:  # not the engine's format: there is no way to go on
            return b""
        return output.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def send(self, data: bytes) -> None:
        """Type `data`, up to what detaches."""
        typed, detached = self._keys.typed(data.replace(b"\r", b"\n"))
        line, ending, _ = typed.partition(_END_OF_INPUT)
        if self._stdin and line:
            self._echo += line
            super().send(line)
        if self._stdin and ending:
            self._reply.finish_sending()
        if detached or _INTERRUPT in data:
            self._reply.hang_up()

    def resize(self, rows: int, columns: int) -> None:
        """It has no window."""
