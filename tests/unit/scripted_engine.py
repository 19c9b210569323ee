"""An engine that answers each path with the same raw bytes, cut where a test wants it."""

import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dstui.domain.engine import Endpoint
from dstui.domain.kind import Kind


def chunked(*chunks: bytes, end: bool = True) -> bytes:
    """A chunked answer; without `end` it is cut off."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head + body + (b"0\r\n\r\n" if end else b"")


@dataclass
class ScriptedEngine:
    """Listens at `path`; `answers` are the pieces to send, by the path asked for without query.

    With `hold` the connection stays open after the last piece. It stands in for `Engine` too.
    """

    path: Path
    answers: Mapping[str, Sequence[bytes]]
    inspected: Mapping[str, Any] = field(default_factory=dict)
    hold: bool = False
    api_version: str = "1.41"
    requests: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.path))
        self._server.listen()
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._connections:
            connection.close()

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"unix://{self.path}", source="test")

    def inspect(self, kind: Kind, identifier: str) -> dict[str, Any]:
        return dict(self.inspected)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        asked = connection.recv(65536).split(b"\r\n")[0].decode().split(" ")[1]
        self.requests.append(asked)
        path = asked.partition("?")[0].removeprefix(f"/v{self.api_version}")
        missing = b'HTTP/1.1 404 Not Found\r\nContent-Length: 17\r\n\r\n{"message":"no!"}'
        try:
            for piece in self.answers.get(path, [missing]):
                connection.sendall(piece)
            if not self.hold:
                connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
