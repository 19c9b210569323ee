"""Connected sockets to an engine: unix, TCP, TLS, or through the system's ssh."""

import os
import socket
import subprocess
import tempfile
from typing import IO, TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from dstui.background import spawn
from dstui.domain.engine import Endpoint
from dstui.domain.text import clean

if TYPE_CHECKING:
    import ssl

CONNECT_TIMEOUT_S = 5.0
SSH_TIMEOUT_S = 20.0
"""Resolving, key exchange and log-in take a while over a slow link."""

_PORT, _TLS_PORT = 2375, 2376
_LIBRARY_VARIABLES = ("LD_LIBRARY_PATH", "SSL_CERT_FILE")
"""Set for Python by some packagers; the system's ssh would load the wrong libraries."""


class BadAddressError(OSError):
    """The endpoint's address cannot be dialled."""


class TlsError(OSError):
    """The certificates cannot be used, or the server's was refused."""


class SshError(OSError):
    """ssh ended; in its own words."""


class Dialer:
    """Opens sockets to one endpoint, from any thread.

    Over ssh each socket is one end of a pair whose other end is the standard input and output of
    `ssh HOST docker system dial-stdio`: to its reader it is a socket like any other.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._tunnels: set[subprocess.Popen[bytes]] = set()

    @property
    def timeout_s(self) -> float:
        """How long a first answer may take."""
        return SSH_TIMEOUT_S if self.endpoint.host.startswith("ssh://") else CONNECT_TIMEOUT_S

    def dial(self) -> socket.socket:
        """A new socket, with `timeout_s` as its time-out. Raises `OSError`."""
        address = _split(self.endpoint.host)
        match address.scheme:
            case "unix":
                return _dial_unix(self.endpoint.host.removeprefix("unix://"))
            case "tcp" | "http" | "https":
                return self._dial_tcp(address)
            case "ssh":
                return self._dial_ssh(address)
        raise BadAddressError(f"{clean(self.endpoint.host)}: not unix://, tcp:// or ssh://")

    def close(self) -> None:
        """End every ssh that still runs."""
        for tunnel in tuple(self._tunnels):
            tunnel.terminate()

    def _dial_tcp(self, address: SplitResult) -> socket.socket:
        secure = self.endpoint.tls is not None or address.scheme == "https"
        port = address.port or (_TLS_PORT if secure else _PORT)
        connection = socket.create_connection((address.hostname, port), CONNECT_TIMEOUT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._secured(connection, address.hostname) if secure else connection

    def _secured(self, connection: socket.socket, name: str | None) -> socket.socket:
        import ssl

        try:
            return _tls_context(self.endpoint).wrap_socket(connection, server_hostname=name)
        except ssl.SSLError as error:
            connection.close()
            raise TlsError(_words_of_tls(error)) from error
        except OSError:
            connection.close()
            raise

    def _dial_ssh(self, address: SplitResult) -> socket.socket:
        ours, theirs = socket.socketpair()
        words = tempfile.TemporaryFile()  # noqa: SIM115 - the tunnel closes it
        environment = {k: v for k, v in os.environ.items() if k not in _LIBRARY_VARIABLES}
        with theirs:
            try:
                ssh = subprocess.Popen(
                    _ssh_command(address),
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=words,
                    env=environment,
                    start_new_session=True,  # neither our terminal nor its Ctrl-C are for it
                )
            except OSError as error:
                ours.close()
                words.close()
                raise SshError(f"cannot run ssh: {error.strerror}") from error
        self._tunnels.add(ssh)
        tunnel = SshSocket(ours, ssh, words)
        spawn("ssh", lambda: self._tunnels.discard(tunnel.wait()))
        tunnel.settimeout(SSH_TIMEOUT_S)
        return tunnel


class SshSocket(socket.socket):
    """Our end of the pair. Once it is closed, ssh reads the end of its input and ends too."""

    def __init__(self, ours: socket.socket, ssh: subprocess.Popen[bytes], words: IO[bytes]) -> None:
        super().__init__(fileno=ours.detach())
        self._ssh = ssh
        self._words = words

    def wait(self) -> subprocess.Popen[bytes]:
        """Wait for the end of ssh."""
        self._ssh.wait()
        return self._ssh

    def failure(self) -> SshError | None:
        """What ssh said, when it has ended in failure."""
        try:
            status = self._ssh.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return None
        self._words.seek(0)
        said = clean(self._words.read(4096).decode(errors="replace").strip())
        return SshError(said or f"ssh ended with status {status}")


def _split(host: str) -> SplitResult:
    try:
        address = urlsplit(host)
        _ = address.port
    except ValueError as error:
        raise BadAddressError(f"{clean(host)}: {error}") from error
    if address.scheme != "unix" and not address.hostname:
        raise BadAddressError(f"{clean(host)}: no host name in it")
    return address


def _dial_unix(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_TIMEOUT_S)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        if error.errno is None:  # Python's own check of the path's length
            raise BadAddressError(f"{clean(path)}: {error}") from error
        raise
    return connection


def _tls_context(endpoint: Endpoint) -> "ssl.SSLContext":
    import ssl

    files = endpoint.tls or {}
    for file in files.values():
        if not os.access(file, os.R_OK):
            raise TlsError(f"cannot read {clean(file)}")
    context = ssl.create_default_context(cafile=files.get("ca"))
    if not endpoint.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if "cert" in files:
        context.load_cert_chain(files["cert"], files.get("key"))
    return context


def _words_of_tls(error: OSError) -> str:
    return getattr(error, "verify_message", "") or clean(str(error.strerror or error))


def _ssh_command(address: SplitResult) -> list[str]:
    login = ["-l", address.username] if address.username else []
    port = ["-p", str(address.port)] if address.port else []
    socket_path = ["--host", f"unix://{address.path}"] if address.path.strip("/") else []
    remote = " ".join(["docker", *socket_path, "system", "dial-stdio"])
    # BatchMode: a question would be asked on the terminal that the interface is drawn on
    options = ["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15"]
    return ["ssh", *options, *login, *port, "--", address.hostname or "", remote]
