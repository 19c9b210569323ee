"""A connected socket to the engine, whatever carries it: a path, TCP, TLS or ssh."""

import socket
import ssl
import subprocess
from urllib.parse import SplitResult, urlsplit

from dstui.domain.engine import Endpoint

_CONNECT_TIMEOUT_S = 15.0


def dial(endpoint: Endpoint) -> socket.socket:
    """A connected socket to the engine: unix, TCP, TLS, or through the system's ssh.

    Raises `OSError`.
    """
    address = urlsplit(endpoint.host)
    if address.scheme == "unix":
        return _dial_unix(endpoint.host.removeprefix("unix://"))
    if address.scheme == "ssh":
        return SshSocket(endpoint.host)
    default_port = 2375 if endpoint.tls is None else 2376
    connection = socket.create_connection(
        (address.hostname or "localhost", address.port or default_port), _CONNECT_TIMEOUT_S
    )
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if endpoint.tls is None and address.scheme != "https":
        return connection
    return _tls(endpoint).wrap_socket(connection, server_hostname=address.hostname)


def _dial_unix(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_CONNECT_TIMEOUT_S)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _tls(endpoint: Endpoint) -> ssl.SSLContext:
    files = endpoint.tls or {}
    context = ssl.create_default_context(cafile=files.get("ca"))
    if not endpoint.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if "cert" in files:
        context.load_cert_chain(files["cert"], files.get("key"))
    return context


class SshSocket(socket.socket):
    """One end of a socket pair whose other end is `ssh HOST docker system dial-stdio`."""

    def __init__(self, host: str) -> None:
        ours, theirs = socket.socketpair()
        super().__init__(fileno=ours.detach())
        try:
            with theirs:
                self._ssh = subprocess.Popen(
                    _ssh_command(urlsplit(host)),
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C on our terminal is not for it
                )
        except OSError:
            super().close()
            raise

    def close(self) -> None:
        """Close our end and end ssh with it."""
        super().close()
        self._ssh.terminate()
        self._ssh.wait()


def _ssh_command(address: SplitResult) -> list[str]:
    login = ["-l", address.username] if address.username else []
    port = ["-p", str(address.port)] if address.port else []
    host = address.hostname or ""
    never_ask = ["-o", "BatchMode=yes"]
    return ["ssh", "-T", *never_ask, *login, *port, "--", host, "docker", "system", "dial-stdio"]
