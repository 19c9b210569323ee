"""A long answer of the engine, read as it comes, that can be cancelled at any time."""

import http.client
import io
import select
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dstui.domain.engine import EngineError
from dstui.domain.foreign_json import read_json
from dstui.domain.layers.reading import IndexCancelledError
from dstui.domain.text import clean
from dstui.engine.bounded import StrictResponse

if TYPE_CHECKING:
    from dstui.engine.client import Engine

_LOOK_EVERY_S = 0.2
_LONGEST_SILENCE_S = 1800.0
"""An engine that packs a large image says nothing before all of it is packed."""
_BUFFER_BYTES = 256 << 10
_PIECE_BYTES = 1 << 20


class Download:
    """The body of one answer. Raises `EngineError`, and `IndexCancelledError` once `cancel` is set.

    The engine is asked when it is made, which may take minutes; `close` it in the end.
    """

    def __init__(
        self, engine: "Engine", path: str, query: dict[str, str], cancel: threading.Event
    ) -> None:
        try:
            self._socket = engine.dial()
        except OSError as error:
            raise EngineError(f"no connection to the engine: {_words(error)}") from error
        target = f"/v{engine.api_version}{path}" + (f"?{urlencode(query)}" if query else "")
        request = f"GET {target} HTTP/1.1\r\nHost: engine\r\nUser-Agent: dstui\r\n\r\n"
        try:
            self._socket.sendall(request.encode())
            watched: Any = _Watched(self._socket, cancel)  # all that is asked of it is a file
            self._answer = StrictResponse(watched, method="GET")
            self._answer.begin()
            if self._answer.status >= 400:
                words = clean(self._answer.read(4096).decode(errors="replace"))
                raise EngineError(_message(words), self._answer.status)
        except (OSError, http.client.HTTPException) as error:
            self._socket.close()
            raise EngineError(f"no answer from the engine: {_words(error)}") from error
        except BaseException:
            self._socket.close()
            raise
        self._room = memoryview(bytearray(_PIECE_BYTES))

    def read(self) -> bytes:
        """The next piece; nothing at the end."""
        try:
            size = self._answer.readinto(self._room)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EngineError(f"the connection broke: {_words(error)}") from error
        return bytes(self._room[:size])

    def close(self) -> None:
        """End the connection: an engine since 27 then stops to pack."""
        self._socket.close()


class _Watched(io.RawIOBase):
    """Reads a socket as far as nobody cancels."""

    def __init__(self, connection: socket.socket, cancel: threading.Event) -> None:
        self._socket = connection
        self._cancel = cancel
        self._ready = select.poll()
        self._ready.register(connection, select.POLLIN)
        connection.setblocking(False)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `http.client` asks a socket for."""
        return io.BufferedReader(self, _BUFFER_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        deadline = time.monotonic() + _LONGEST_SILENCE_S
        while True:
            if self._cancel.is_set():
                raise IndexCancelledError
            try:
                return self._socket.recv_into(room)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._ready.poll(_LOOK_EVERY_S * 1000)
            if time.monotonic() > deadline:
                raise TimeoutError("the engine does not answer")


def _words(error: Exception) -> str:
    return clean(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _message(body: str) -> str:
    try:
        return str(read_json(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body
