"""One request and the means to answer it: JSON, a stream of chunks, or a hijacked connection."""

import array
import contextlib
import fcntl
import json
import select
import socket
import termios
import time
from collections.abc import Mapping
from email.message import Message
from http import HTTPStatus
from io import BufferedIOBase
from typing import TYPE_CHECKING, Any

from dstui.demo.errors import ApiError
from dstui.demo.faults import Faults
from dstui.demo.image_json import ApiVersion
from dstui.demo.system_json import API_VERSION, ENGINE_VERSION

if TYPE_CHECKING:
    from dstui.demo.server import DemoServer

RAW_STREAM = "application/vnd.docker.raw-stream"
MULTIPLEXED_STREAM = "application/vnd.docker.multiplexed-stream"
_STANDARD_HEADERS = (
    f"Api-Version: {API_VERSION}\r\n"
    "Docker-Experimental: false\r\n"
    "Ostype: linux\r\n"
    f"Server: Docker/{ENGINE_VERSION} (linux)\r\n"
)
_HEAD_IS_READ_WITHIN_S = 1.0
_GONE = (BrokenPipeError, ConnectionResetError, OSError)


class ClientGoneError(Exception):
    """The client closed the connection, or the server does."""


class Exchange:
    """A request of the API. Each handler answers it exactly once."""

    def __init__(
        self,
        server: "DemoServer",
        connection: socket.socket,
        reader: BufferedIOBase,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Message,
        body: bytes,
        api: ApiVersion,
    ) -> None:
        self.server = server
        self.world = server.world
        self.connection = connection
        self.reader = reader
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.api = api
        self.params: Mapping[str, str] = {}
        self.keep_alive = True
        self._body = body

    @property
    def faults(self) -> Faults:
        return self.server.faults

    # The question

    def flag(self, name: str, default: bool = False) -> bool:
        """A parameter that is on or off, as the engine reads it."""
        if name not in self.query:
            return default
        return self.query[name].lower() not in ("", "0", "no", "false", "none")

    def number(self, name: str) -> float | None:
        """A parameter that is a number, such as seconds since the epoch with a fraction."""
        try:
            return float(self.query[name]) if self.query.get(name) else None
        except ValueError:
            raise ApiError(400, f'invalid value for "{name}": {self.query[name]}') from None

    def filters(self) -> dict[str, list[str]]:
        """The `filters` parameter, in either of its two notations."""
        text = self.query.get("filters", "")
        if not text:
            return {}
        try:
            given = json.loads(text)
            return {
                name: list(values)  # a list, or a mapping from value to true
                for name, values in given.items()
            }
        except (ValueError, AttributeError, TypeError):
            raise ApiError(
                400, f"invalid character '{text[:1]}' looking for beginning of value"
            ) from None

    def body(self) -> dict[str, Any]:
        """The JSON that came with the request."""
        try:
            found = json.loads(self._body or b"{}")
        except ValueError as error:
            raise ApiError(400, f"invalid JSON: {error}") from None
        if not isinstance(found, dict):
            raise ApiError(400, "invalid JSON: an object is wanted")
        return found

    # The answer

    def send_json(self, answer: Any, status: int = 200) -> None:
        self.send(json.dumps(answer).encode() + b"\n", "application/json", status)

    def send(self, content: bytes, content_type: str, status: int = 200, headers: str = "") -> None:
        disturbed = self.faults.hits(self.path) and content_type == "application/json"
        promised = len(content)
        if disturbed and (self.faults.malformed or self.faults.cut):
            content = content[: len(content) // 2]
            self.keep_alive = self.keep_alive and not self.faults.cut
            promised = promised if self.faults.cut else len(content)
        head = (
            f"{self._status_line(status)}{_STANDARD_HEADERS}{headers}"
            f"Content-Type: {content_type}\r\nContent-Length: {promised}\r\n\r\n"
        )
        self._write(head.encode() + (b"" if self.method == "HEAD" else content))

    def send_empty(self, status: int, headers: str = "") -> None:
        length = "" if status in (204, 304) else "Content-Length: 0\r\n"
        self._write(f"{self._status_line(status)}{_STANDARD_HEADERS}{headers}{length}\r\n".encode())

    def stream(self, content_type: str) -> "Stream":
        """Begin an answer of unknown length; its head is sent at once."""
        self._write(
            f"{self._status_line(200)}{_STANDARD_HEADERS}Content-Type: {content_type}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        return Stream(self)

    def hijack(self, content_type: str) -> None:
        """Turn the connection into a raw one, in the way that the client asked for."""
        self.keep_alive = False
        if self.headers.get("Upgrade", "").lower() == "tcp":
            head = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
        else:
            head = "HTTP/1.1 200 OK\r\n"
        self._write(f"{head}Content-Type: {content_type}\r\n\r\n".encode())
        self._wait_until_read()

    def _wait_until_read(self) -> None:
        """Let the client take the head first, as it can before a real process starts to write.

        A client may read the head through a buffer and all else from the bare socket: what came
        along with the head would be lost to it.
        """
        deadline = time.monotonic() + _HEAD_IS_READ_WITHIN_S
        while self._unread() and time.monotonic() < deadline:
            time.sleep(0.001)

    def _unread(self) -> int:
        """The bytes that the client has not read yet."""
        count = array.array("i", [0])
        fcntl.ioctl(self.connection, termios.TIOCOUTQ, count)
        return count[0]

    def write_raw(self, data: bytes) -> None:
        """Write to a hijacked connection."""
        self._write(data)

    def read_raw(self) -> bytes:
        """What the client wrote to a hijacked connection; empty when it is gone."""
        with contextlib.suppress(*_GONE):
            return self.reader.read1(65_536)
        return b""

    def wait(self, seconds: float) -> None:
        """Let time pass; raises `ClientGoneError` as soon as the connection is closed."""
        poll = select.poll()
        poll.register(self.connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        if poll.poll(max(0.0, seconds) * 1000):
            raise ClientGoneError

    def _status_line(self, status: int) -> str:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"

    def _write(self, data: bytes) -> None:
        try:
            self.connection.sendall(data)
        except _GONE:
            raise ClientGoneError from None


class Stream:
    """An answer in chunks. Leaving the `with` block ends it in order."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._sent = 0

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure is None:
            self._exchange.write_raw(b"0\r\n\r\n")

    def write(self, data: bytes) -> None:
        """Send one chunk."""
        if not data:
            return
        limit = self._exchange.faults.drop_streams_after
        if limit is not None and self._exchange.faults.hits(self._exchange.path):
            self._sent += len(data)
            if self._sent > limit:
                self._exchange.write_raw(b"%x\r\n%b" % (len(data), data[: len(data) // 2]))
                self._exchange.keep_alive = False
                raise ClientGoneError
        self._exchange.write_raw(b"%x\r\n%b\r\n" % (len(data), data))
