"""An engine that another takes the place of, at the same socket, while the old one answers on."""

import contextlib
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any


class Replaceable:
    """Answers every question with its name; `/slow` sets `asked` and waits for `go_on`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked = threading.Event()
        self.go_on = threading.Event()
        self._servers: list[socketserver.BaseServer] = []

    def __enter__(self) -> "Replaceable":
        self.replace("first")
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def replace(self, name: str) -> None:
        """From now on another listens at the path; who is connected stays with the old one."""
        self.path.unlink(missing_ok=True)
        server = _Server(str(self.path), self._handler(name))
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def _handler(self, name: str) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/slow":
                    outer.asked.set()
                    outer.go_on.wait()
                body = json.dumps(name).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
