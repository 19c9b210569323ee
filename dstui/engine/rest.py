"""The engine's HTTP API for plain questions and answers, and for streams of lines.

The SDK takes longer to import than all of dstui's start: what is asked first and often goes
through here, on the standard library alone. Both speak to the same engine in the same version.
"""

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlencode

from dstui.domain.engine import Endpoint, EngineError
from dstui.domain.foreign_json import read_json
from dstui.domain.text import clean
from dstui.engine.bounded import (
    LARGEST_ANSWER,
    AnswerTooLargeError,
    StrictResponse,
    whole_body,
)
from dstui.engine.dial import Dialer, SshError, SshSocket

READ_TIMEOUT_S = 30.0
LONGEST_LINE = 1 << 20
"""Of a stream: what a longer one says is not read."""
_ENDLESS_LINE = 64 << 20
_IDLE_CONNECTIONS = 4
_DEAD = (ConnectionError, http.client.BadStatusLine, SshError)
"""How a kept connection fails that the other side has meanwhile closed."""
_JSON = {"Content-Type": "application/json"}

Query = Mapping[str, str | int | None]
_NOTHING: Query = {}


class Answer(NamedTuple):
    """An answer that is no refusal."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """The body's JSON. Raises `EngineError` when it cannot be used."""
        try:
            return read_json(self.body)
        except ValueError as error:
            raise EngineError(f"the engine's answer cannot be used: {error}") from error


class Rest:
    """Requests to one endpoint, from any thread.

    What goes wrong is an `EngineError`: with a status when the engine refused, else caused by the
    `OSError` or `HTTPException` that broke the connection.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.api_version = ""
        """Asked for in each request; empty before it was negotiated."""
        self._dialer = Dialer(endpoint)
        self._lock = threading.Lock()
        self._idle: list[_Connection] = []
        self._era = 0
        """Rises with each loss of the engine: a connection from before is not kept."""

    @property
    def timeout_s(self) -> float:
        """How long a first answer may take on the way to this endpoint."""
        return self._dialer.timeout_s

    def get(
        self,
        path: str,
        query: Query = _NOTHING,
        timeout_s: float | None = READ_TIMEOUT_S,
        largest: int = LARGEST_ANSWER,
    ) -> Any:
        """The JSON of a resource."""
        return self.ask("GET", path, query, timeout_s=timeout_s, largest=largest).json()

    def ask(
        self,
        method: str,
        path: str,
        query: Query = _NOTHING,
        body: object = None,
        timeout_s: float | None = READ_TIMEOUT_S,
        largest: int = LARGEST_ANSWER,
    ) -> Answer:
        """One request and its whole answer, which may have `largest` bytes.

        A question may go over a kept connection and is asked again on a new one if that was dead;
        a mutation is sent once, on a new one.
        """
        kept = self._kept_connection() if method == "GET" else None
        if kept is not None:
            try:
                return self._exchange(kept, method, path, query, body, timeout_s, largest)
            except EngineError as error:
                if not isinstance(error.__cause__, _DEAD):
                    raise
        connection = self._new_connection()
        return self._exchange(connection, method, path, query, body, timeout_s, largest)

    def lines(self, path: str, query: Query = _NOTHING) -> "LineStream":
        """A stream of lines on a connection of its own."""
        connection = self._new_connection()
        response = self._send(connection, "GET", path, query, None, self.timeout_s)
        return LineStream(connection, response)

    def dial(self) -> socket.socket:
        """A new socket to the endpoint. Raises `OSError`."""
        return self._dialer.dial()

    def close(self) -> None:
        """Close the kept connections."""
        self.begin_anew()
        self._dialer.close()

    def begin_anew(self) -> None:
        """Keep no connection from before now: it may lead to an engine that was replaced."""
        with self._lock:
            self._era += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _new_connection(self) -> "_Connection":
        return _Connection(self._dialer, self._era)

    def _kept_connection(self) -> "_Connection | None":
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _keep(self, connection: "_Connection") -> None:
        with self._lock:
            fresh = connection.era == self._era and connection.sock is not None
            if fresh and len(self._idle) < _IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _exchange(
        self,
        connection: "_Connection",
        method: str,
        path: str,
        query: Query,
        body: object,
        timeout_s: float | None,
        largest: int,
    ) -> Answer:
        response = self._send(connection, method, path, query, body, timeout_s)
        try:
            content = whole_body(response, largest, timeout_s)
            answer = Answer(response.status, response.headers, content)
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.fail(error)
        self._keep(connection)
        return answer

    def _send(
        self,
        connection: "_Connection",
        method: str,
        path: str,
        query: Query,
        body: object,
        timeout_s: float | None,
    ) -> http.client.HTTPResponse:
        given = {name: value for name, value in query.items() if value is not None}
        version = f"/v{self.api_version}" if self.api_version else ""
        target = version + path + (f"?{urlencode(given)}" if given else "")
        content = None if body is None else json.dumps(body)
        try:
            connection.wait_at_most(timeout_s)
            connection.request(method, target, content, _JSON if content else {})
            response = connection.getresponse()
            if response.status < 400:
                return response
            refusal = EngineError(_words(response), response.status)
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.fail(error)
        connection.close()
        raise refusal


class LineStream:
    """Lines as they come. One thread reads; any thread may close."""

    def __init__(self, connection: "_Connection", response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._response = response
        connection.wait_at_most(None)

    def __iter__(self) -> Iterator[bytes]:
        """Yield each line until the engine ends the stream; raises `EngineError` when it breaks.

        Of a line that is longer than `LONGEST_LINE` its beginning is yielded, without an end.
        """
        try:
            while line := self._response.readline(LONGEST_LINE):
                yield line
                if not line.endswith(b"\n"):
                    self._pass_over_line()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.fail(error)
        finally:
            self._response.close()
            self._connection.close()

    def _pass_over_line(self) -> None:
        passed = 0
        while rest := self._response.readline(LONGEST_LINE):
            passed += len(rest)
            if rest.endswith(b"\n"):
                return
            if passed > _ENDLESS_LINE:
                raise AnswerTooLargeError(_ENDLESS_LINE)

    def close(self) -> None:
        """End it: the reader sees the end of the stream."""
        self._connection.hang_up()


class _Connection(http.client.HTTPConnection):
    """An HTTP connection over whatever the dialer opens."""

    response_class = StrictResponse

    def __init__(self, dialer: Dialer, era: int) -> None:
        super().__init__("docker")
        self.era = era
        self._dialer = dialer
        self._socket: socket.socket | None = None

    def connect(self) -> None:
        self.sock = self._socket = self._dialer.dial()

    def wait_at_most(self, seconds: float | None) -> None:
        """Set how long the next answer may be waited for; `None` is forever."""
        if self._socket is None:
            self.connect()
        assert self._socket is not None
        self._socket.settimeout(seconds)

    def hang_up(self) -> None:
        if self._socket is None:
            return
        with suppress(OSError):  # it may have ended by itself
            # past any TLS: its closing handshake would wait for the other side
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def fail(self, error: Exception) -> NoReturn:
        """Close the connection and raise what `error` means here."""
        said = self._socket.failure() if isinstance(self._socket, SshSocket) else None
        self.close()
        cause = said or error
        raise EngineError(_reason(cause)) from cause


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the engine does not answer"
    if isinstance(error, AnswerTooLargeError):
        return str(error)
    if isinstance(error, http.client.HTTPException):
        return "the engine closed the connection"
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"no connection to the engine: {clean(words)}"


def _words(response: http.client.HTTPResponse) -> str:
    body = response.read(64 * 1024)
    try:
        return clean(read_json(body)["message"])
    except (ValueError, KeyError, TypeError):
        said = clean(body.decode(errors="replace").strip())
        return said or f"HTTP status {response.status}"
