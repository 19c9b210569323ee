"""Sends a file as the content of a request."""

import select
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, BinaryIO

from dstui.domain.engine import EngineError
from dstui.domain.text import clean
from dstui.engine.wire import Reply, answer, connect, head

if TYPE_CHECKING:
    from dstui.engine.client import Engine

_PIECE_BYTES = 1024 * 1024
_WOULD_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def upload(
    engine: "Engine",
    path: str,
    query: Mapping[str, str],
    content: BinaryIO,
    size: int,
    sent: Callable[[int], object],
    opened: Callable[[socket.socket], object],
) -> Reply:
    """POST `size` bytes of `content`; `sent` is told how many are on their way.

    `opened` gets the socket, to shut it from another thread. Raises `EngineError`, and the
    `OSError` of a content that cannot be read.
    """
    connection = connect(engine)
    opened(connection)
    try:
        headers = ("Content-Type: application/x-tar", f"Content-Length: {size}")
        connection.sendall(head(engine, "POST", path, query, headers))
        connection.setblocking(False)
        came = _Sender(connection, sent).send_all(content, size)
        connection.settimeout(None)
    except BaseException:
        connection.close()
        raise
    return answer(connection, came)


class _Sender:
    """Sends, and keeps what comes meanwhile: the engine may answer before it has read all."""

    def __init__(self, connection: socket.socket, sent: Callable[[int], object]) -> None:
        self._connection = connection
        self._sent = sent
        self._came = b""
        self._over = False

    def send_all(self, content: BinaryIO, size: int) -> bytes:
        """Send until all is sent or the engine has refused; returns what came of its answer."""
        total = 0
        while total < size and not self._over:
            piece = content.read(min(_PIECE_BYTES, size - total))
            if not piece:
                raise EngineError("the file became shorter while it was read")
            self._send(memoryview(piece))
            total += len(piece)
            self._sent(total)
        return self._came

    def _send(self, rest: memoryview) -> None:
        while rest and not self._over:
            self._wait()
            try:
                rest = rest[self._connection.send(rest) :]
            except _WOULD_WAIT:
                continue
            except OSError as error:
                if self._came:
                    self._over = True  # it has said why before it closed
                    return
                words = clean(error.strerror or str(error))
                raise EngineError(f"the connection broke: {words}") from error

    def _wait(self) -> None:
        """Until the engine takes more, having read what it says."""
        either = select.poll()
        either.register(self._connection, select.POLLIN | select.POLLOUT)
        for _, events in either.poll():
            if not events & select.POLLIN:
                continue
            try:
                came = self._connection.recv(64 * 1024)
            except _WOULD_WAIT:
                continue
            except OSError:
                came = b""
            self._came += came
            refused = self._came.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
            self._over = not came or refused
