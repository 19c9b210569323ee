"""Answers of the engine that are read as they come: streams of bytes and hijacked terminals.

A buffered reader cannot be watched, interrupted or handed to `select`. A `Reply` can: it never
waits, and is hung up from any thread.
"""

import contextlib
import json
import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dstui.domain.engine import EngineError
from dstui.domain.foreign_json import read_json
from dstui.domain.text import clean
from dstui.engine.dial import Dialer

if TYPE_CHECKING:
    from dstui.engine.client import Engine

_ANSWER_TIMEOUT_S = 30.0
_LONGEST_HEAD = 64 * 1024
_READ_BYTES = 256 * 1024
_LONGEST_SIZE = 4096
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_RAW = ("Connection: Upgrade", "Upgrade: tcp")
_NO_HEADERS: Mapping[str, str] = {}


class Chunks:
    """Takes a chunked body apart, however its bytes are cut. Keeps nothing of the content."""

    def __init__(self) -> None:
        self._rest = b""
        """The beginning of a line that tells a size."""
        self._left = 0
        """Bytes that the present chunk still has."""
        self._ends = False
        """Whether the present chunk's line end comes next."""
        self.complete = False

    def feed(self, data: bytes) -> bytes:
        """The content in `data`; raises `ValueError` when it is not chunked."""
        buffer = self._rest + data if self._rest else data
        content, at = [], 0
        while not self.complete:
            if self._left:
                content.append(buffer[at : at + self._left])
                at += len(content[-1])
                self._left -= len(content[-1])
            end = buffer.find(b"\r\n", at)
            if self._left or end < 0:
                break
            self._take_line(buffer[at:end])
            at = end + 2
        self._rest = buffer[at:]
        if len(self._rest) > _LONGEST_SIZE:
            raise ValueError("an invalid chunk: its size has no end")
        return b"".join(content)

    def _take_line(self, line: bytes) -> None:
        if self._ends:
            if line:
                raise ValueError("an invalid chunk: it does not end where it says")
            self._ends = False
            return
        digits = line.partition(b";")[0].strip()
        if not _SIZE.fullmatch(digits):
            raise ValueError("an invalid size of a chunk")
        self._left = int(digits, 16)
        self._ends = True
        self.complete = self._left == 0


class Reply:
    """The answer to one request, on a connection that is its alone.

    One thread reads and closes it; any thread may `hang_up`.
    """

    def __init__(self, connection: socket.socket, head: str, rest: bytes) -> None:
        self._socket = connection
        self._unread = rest
        status, *lines = head.split("\r\n")
        self.status = int(status.split(" ", 2)[1])
        self.headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()
        self._chunks = Chunks() if chunked else None
        length = self.headers.get("content-length", "")
        self._left = int(length) if length.isdigit() and self.status != 101 else None
        self.ended = self._left == 0
        self._ready = select.poll()
        self._ready.register(connection, select.POLLIN)
        connection.setblocking(False)

    def fileno(self) -> int:
        """The socket's descriptor, for `select`; what `pending` tells has been read from it."""
        return self._socket.fileno()

    @property
    def pending(self) -> bool:
        """Whether there is more to `receive` without the socket being readable."""
        return bool(self._unread)

    def wait(self, seconds: float | None) -> bool:
        """Whether there is something to `receive` within so many seconds."""
        if self.pending or self.ended:
            return True
        return bool(self._ready.poll(None if seconds is None else seconds * 1000))

    def receive(self) -> bytes:
        """What has come of the body, never waiting: empty too when only a part of it has come.

        `ended` tells the end. Raises `EngineError` when the connection broke before it.
        """
        try:
            data = self._unread or self._read_socket()
        except (BlockingIOError, ssl.SSLWantReadError):
            return b""
        except OSError as error:
            self.ended = True
            raise EngineError(f"the connection broke: {error.strerror or error}") from error
        self._unread = b""
        if not data:
            self.ended = True
            if self._chunks is not None or self._left:
                raise EngineError("the engine closed the connection before the end")
            return b""
        if self._chunks is not None:
            return self._dechunk(self._chunks, data)
        if self._left is not None:
            self._left -= len(data)
            self.ended = self._left <= 0
        return data

    def _read_socket(self) -> bytes:
        data = self._socket.recv(_READ_BYTES)
        hidden = getattr(self._socket, "pending", None)  # decrypted, so the socket looks empty
        while hidden is not None and hidden():
            data += self._socket.recv(hidden())
        return data

    def _dechunk(self, chunks: Chunks, data: bytes) -> bytes:
        try:
            content = chunks.feed(data)
        except ValueError as error:
            self.ended = True
            raise EngineError("the engine sent a malformed stream") from error
        self.ended = chunks.complete
        return content

    def read_all(self, seconds: float, most: int = 1 << 20) -> bytes:
        """The rest of the body; what came of it when it takes longer, or has more than `most`."""
        body, deadline = bytearray(), time.monotonic() + seconds
        while not self.ended and len(body) < most:
            if not self.wait(max(0.0, deadline - time.monotonic())):
                break
            body += self.receive()
        return bytes(body[:most])

    def send(self, data: bytes) -> None:
        """Send on a hijacked connection; returns when all of `data` is taken.

        What comes meanwhile is kept for `receive`: the other end may not read before it has
        written. Raises `EngineError` when the connection broke.
        """
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                self._wait_to_send()
            except OSError as error:
                raise EngineError(f"the connection broke: {error.strerror or error}") from error

    def _wait_to_send(self) -> None:
        either = select.poll()
        either.register(self._socket, select.POLLIN | select.POLLOUT)
        for _, events in either.poll():
            if events & select.POLLIN:
                with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
                    came = self._read_socket()
                    if not came:
                        raise ConnectionResetError("the other end is closed")
                    self._unread += came

    def finish_sending(self) -> None:
        """Tell the other end that no more input comes."""
        shut(self._socket, socket.SHUT_WR)

    def hang_up(self) -> None:
        """End the connection from any thread: who reads it is woken and sees its end."""
        shut(self._socket)

    def close(self) -> None:
        """End the connection and free it; only the reading thread may."""
        self.hang_up()
        self._socket.close()


def request(
    engine: "Engine",
    method: str,
    path: str,
    query: dict[str, Any] | None = None,
    body: dict[str, Any] | None = None,
    hijack: bool = False,
    headers: Mapping[str, str] = _NO_HEADERS,
    timeout_s: float | None = _ANSWER_TIMEOUT_S,
    opened: Callable[[socket.socket], object] | None = None,
) -> Reply:
    """Ask the engine something whose answer is read piece by piece.

    `path` has no version; `hijack` asks for the raw connection (exec, attach). `opened` gets the
    socket before the answer comes, so that it can be shut from another thread. Raises
    `EngineError` when the engine refuses or is not there.
    """
    content = b"" if body is None else json.dumps(body).encode()
    lines = [*_RAW] if hijack else []
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Content-Type: application/json"] if body is not None else ()
    lines += [f"Content-Length: {len(content)}"] if content or method == "POST" else ()
    connection = connect(engine)
    if opened is not None:
        opened(connection)
    try:
        connection.settimeout(timeout_s)
        connection.sendall(head(engine, method, path, query, lines) + content)
        return answer(connection)
    except OSError as error:
        connection.close()
        raise EngineError(f"no answer from the engine: {clean(str(error))}") from error


def connect(engine: "Engine") -> socket.socket:
    """A new connection; raises `EngineError`."""
    try:
        return Dialer(engine.endpoint).dial()
    except OSError as error:
        words = clean(error.strerror or str(error))
        raise EngineError(f"no connection to the engine: {words}") from error


def shut(connection: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    """End a connection from any thread: who waits for it is woken."""
    with contextlib.suppress(OSError):  # it may have ended by itself
        socket.socket.shutdown(connection, how)  # past any TLS, whose farewell could wait


def head(
    engine: "Engine",
    method: str,
    path: str,
    query: Mapping[str, Any] | None,
    headers: Iterable[str],
) -> bytes:
    """The lines of a request, up to its content."""
    target = f"/v{engine.api_version}{path}" + (f"?{urlencode(query)}" if query else "")
    lines = [f"{method} {target} HTTP/1.1", "Host: engine", "User-Agent: dstui", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def answer(connection: socket.socket, came: bytes = b"") -> Reply:
    """The answer on a connection, of which `came` has come already; raises `EngineError`."""
    try:
        reply = Reply(connection, *_read_head(connection, came))
    except (OSError, ValueError, IndexError) as error:
        connection.close()
        raise EngineError(f"no answer from the engine: {clean(str(error))}") from error
    if reply.status >= 400:
        try:
            raise EngineError(_refusal(reply), reply.status)
        finally:
            reply.close()
    return reply


def _read_head(connection: socket.socket, came: bytes) -> tuple[str, bytes]:
    data = came
    while (end := data.find(b"\r\n\r\n")) < 0:
        more = connection.recv(16 * 1024)
        if not more or len(data) > _LONGEST_HEAD:
            raise ValueError("it closed the connection")
        data += more
    return data[:end].decode("latin-1"), data[end + 4 :]


def _refusal(reply: Reply) -> str:
    body = reply.read_all(5.0)
    try:
        return clean(read_json(body)["message"])
    except (ValueError, KeyError, TypeError):
        said = clean(body.decode(errors="replace").strip())
        return said or f"HTTP status {reply.status}"
