"""An engine that says what a test tells it to say, over HTTP on a unix socket."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, Any]
"""A status and a body: bytes as they are, anything else as JSON."""
Route = Callable[[dict[str, str]], Reply] | Reply

INFO = {"ID": "scripted", "Name": "box", "ServerVersion": "20.10.24", "NCPU": 2}
HANG_UP = (0, b"")
"""The connection is closed without an answer."""


class ScriptedEngine:
    """Answers by `routes` (`GET /containers/json`, without the version); 404 for all others.

    `events` are the raw bytes of the event stream: what is put there is sent as one chunk, `None`
    cuts the stream. `asked` lists all requests so far.
    """

    def __init__(self, path: Path, headers: dict[str, str] | None = None) -> None:
        self.host = f"unix://{path}"
        self.headers = {"Api-Version": "1.41"} if headers is None else headers
        self.asked: list[str] = []
        self.released = threading.Event()
        """Set when the test ends: routes that hang wait for it."""
        self.routes: dict[str, Route] = {
            "GET /_ping": (200, b"OK"),
            "GET /info": (200, INFO),
            "GET /containers/json": (200, []),
            "GET /images/json": (200, []),
            "GET /volumes": (200, {"Volumes": []}),
            "GET /networks": (200, []),
        }
        self.events: SimpleQueue[bytes | None] = SimpleQueue()
        self.server = _Server(str(path), self)

    def hang(self, _query: dict[str, str]) -> Reply:
        """A route that never answers."""
        self.released.wait()
        return HANG_UP

    def tell(self, kind: str, action: str, identifier: str, **attributes: str) -> None:
        """Send an event."""
        event = {
            "Type": kind,
            "Action": action,
            "Actor": {"ID": identifier, "Attributes": attributes},
            "timeNano": 1_700_000_000_000_000_000,
        }
        self.events.put(json.dumps(event).encode() + b"\n")

    def count(self, request: str) -> int:
        """How often it was asked this."""
        return self.asked.count(request)


@contextmanager
def scripted_engine(path: Path, headers: dict[str, str] | None = None) -> Iterator[ScriptedEngine]:
    """A running one."""
    engine = ScriptedEngine(path, headers)
    thread = threading.Thread(target=engine.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield engine
    finally:
        engine.released.set()
        engine.events.put(None)
        engine.server.shutdown()
        engine.server.server_close()


def container_row(identifier: str, name: str, state: str = "running", **more: Any) -> Any:
    """A row of `GET /containers/json`."""
    row = {"Id": identifier, "Names": [f"/{name}"], "Image": "busybox", "State": state}
    return {**row, "Created": 1_700_000_000, "Status": "Up 2 hours", **more}


def container_answer(identifier: str, name: str, state: str = "running", **more: Any) -> Any:
    """An answer of `GET /containers/ID/json`."""
    return {
        "Id": identifier,
        "Name": f"/{name}",
        "State": {"Status": state, "Pid": 77 if state == "running" else 0},
        "Config": {"Image": "busybox", "User": "ann"},
        **more,
    }


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, engine: ScriptedEngine) -> None:
        super().__init__(path, _Handler)
        self.engine = engine


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def answer(self) -> None:
        engine = self.server.engine
        address = urlsplit(self.path)
        path = address.path
        if path.startswith("/v1."):
            path = "/" + path.split("/", 2)[2]
        request = f"{self.command} {path}"
        engine.asked.append(request)
        if request == "GET /events" and request not in engine.routes:
            self.stream(engine)
            return
        route = engine.routes.get(request, (404, {"message": f"no such thing: {path}"}))
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        status, body = route(query) if callable(route) else route
        if status == 0:
            self.close_connection = True
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in engine.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815

    def stream(self, engine: ScriptedEngine) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while (data := engine.events.get()) is not None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def address_string(self) -> str:
        return "unix"
