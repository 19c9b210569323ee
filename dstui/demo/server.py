"""The simulated engine: HTTP/1.1 on a Unix socket, a thread for each connection."""

import contextlib
import re
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from dstui.demo.container_json import ListCache
from dstui.demo.errors import ApiError, NotModifiedError
from dstui.demo.exchange import ClientGoneError, Exchange
from dstui.demo.faults import Faults
from dstui.demo.image_json import ApiVersion
from dstui.demo.life import Life
from dstui.demo.routes import ROUTES
from dstui.demo.system_json import API_VERSION, OLDEST_API_VERSION
from dstui.demo.world import World

_VERSION = re.compile(r"/v(\d+)\.(\d+)(/.*)")
_BACKLOG = 512
_HANG_STEP_S = 0.02


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast things happen."""

    stats_every_s: float = 1.0
    stats_frames: int | None = None
    """Stats streams fall silent after so many frames: a picture then always shows the same."""
    life_every_s: float = 0.0
    """How often a job begins or ends by itself; 0 is never."""
    stop_s: float = 0.0
    """How long a container takes to heed a stop."""
    transfer_s: float = 4.0
    """How long a push or a pull takes."""


class DemoServer:
    """Serves a world; can be started once. Faults may be changed at any time."""

    def __init__(
        self,
        world: World,
        socket_path: str | Path,
        faults: Faults | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.pace = pace or Pace()
        self.cache = ListCache(world)
        self.execs: dict[str, Any] = {}
        self.sizes: dict[str, tuple[str, str]] = {}
        """Rows and columns of the terminals, by the id of the exec or container."""
        self.stopping = threading.Event()
        self.path = Path(socket_path)
        world.stop_s = self.pace.stop_s
        self._life = Life(self)
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def host(self) -> str:
        """What to give to a client as the engine's address."""
        return f"unix://{self.path}"

    def start(self, listener: socket.socket | None = None) -> None:
        """Serve from threads of its own, on the socket's path or on a socket that listens."""
        if listener is None:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(self.path))
            listener.listen(_BACKLOG)
        self._listener = listener
        self.apply_faults({})
        threading.Thread(target=self._accept, name="demo-accept", daemon=True).start()
        self._life.start()

    def stop(self) -> None:
        """End every connection and remove the socket."""
        self.stopping.set()
        self._life.wake()
        self.world.journal.close()
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self.drop_connections()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> "DemoServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def drop_connections(self) -> None:
        """Close every connection, as an engine that restarts does."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def apply_faults(self, changes: dict[str, Any]) -> None:
        """Switch faults on or off by name, also those that live in the world."""
        self.faults.update(changes)
        self.world.stale_s = self.faults.stale_list_s
        self.world.lost_gpus = set(self.faults.lost_gpus)
        if self.faults.hostile:
            from dstui.demo.hostile_objects import add_hostile_objects

            add_hostile_objects(self.world)
        self._life.wake()

    def _accept(self) -> None:
        assert self._listener is not None
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self.stopping.is_set():
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(
                target=self._serve, args=(connection,), name="demo-connection", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError):
                _Connection(connection, "", self)  # type: ignore[arg-type]
        finally:
            with self._lock:
                self._connections.discard(connection)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


class _Connection(BaseHTTPRequestHandler):
    """Reads requests until the client is gone."""

    protocol_version = "HTTP/1.1"
    server: "DemoServer"  # type: ignore[assignment]

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is not ours."""

    def answer(self) -> None:
        path, api, refusal = _split_version(urlsplit(self.path).path)
        exchange = Exchange(
            server=self.server,
            connection=self.connection,
            reader=self.rfile,
            method=self.command,
            path=unquote(path, errors="surrogateescape"),
            query=_query(self.path),
            headers=self.headers,
            body=self._read_body(),
            api=api,
        )
        try:
            _respond(exchange, refusal)
        except ClientGoneError:
            exchange.keep_alive = False
        self.close_connection = self.close_connection or not exchange.keep_alive

    do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = answer  # noqa: N815

    def _read_body(self) -> bytes:
        if self.headers.get("Content-Type") == "application/x-tar":
            return b""  # its handler reads it piece by piece
        length = self.headers.get("Content-Length", "")
        return self.rfile.read(int(length)) if length.isdigit() else b""


def _respond(exchange: Exchange, refusal: ApiError | None) -> None:
    try:
        _disturb(exchange)
        handler = ROUTES.find(exchange)
        if refusal:
            raise refusal
        if handler is None:
            raise ApiError(404, "page not found")
        handler(exchange)
    except NotModifiedError:
        exchange.send_empty(304)
    except ApiError as error:
        exchange.send_json({"message": error.message}, error.status)


def _disturb(exchange: Exchange) -> None:
    faults = exchange.faults
    if exchange.path.startswith("/_demo") or not faults.hits(exchange.path):
        return
    while faults.hang:
        exchange.wait(_HANG_STEP_S)
    if faults.delay_s:
        exchange.wait(faults.delay_s)
    if faults.error_status:
        raise ApiError(faults.error_status, "simulated failure")


def _split_version(path: str) -> tuple[str, ApiVersion, ApiError | None]:
    newest, oldest = _parse(API_VERSION), _parse(OLDEST_API_VERSION)
    match = _VERSION.fullmatch(path)
    if match is None:
        return path, newest, None
    api = int(match[1]), int(match[2])
    text = f"{api[0]}.{api[1]}"
    refusal = None
    if api > newest:
        refusal = ApiError(
            400,
            f"client version {text} is too new. Maximum supported API version is {API_VERSION}",
        )
    elif api < oldest:
        refusal = ApiError(
            400,
            f"client version {text} is too old. Minimum supported API version is "
            f"{OLDEST_API_VERSION}, please upgrade your client to a newer version",
        )
    return match[3], api, refusal


def _parse(version: str) -> ApiVersion:
    major, minor = version.split(".")
    return int(major), int(minor)


def _query(target: str) -> dict[str, str]:
    pairs = parse_qs(urlsplit(target).query, keep_blank_values=True)
    return {name: values[-1] for name, values in pairs.items()}
