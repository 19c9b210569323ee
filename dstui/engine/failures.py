"""Why an engine could not be reached, and what to do about it."""

import getpass
import grp
import os
import re
import socket
import stat
from http.client import HTTPException
from urllib.parse import urlsplit

from dstui.domain.engine import ConnectionFailure, Endpoint, EngineError, FailureKind
from dstui.engine.dial import BadAddressError, SshError, TlsError
from dstui.engine.greeting import TooOldError

_NO_ENGINE = "what answers there is no engine"


def failure_of(endpoint: Endpoint, error: EngineError) -> ConnectionFailure:
    """What `error`, met while connecting, tells the user."""
    cause = error.__cause__
    if isinstance(error, TooOldError):
        kind, reason, fix = FailureKind.TOO_OLD, error.message, "Update the engine."
    elif error.status is not None:
        kind, reason, fix = _refusal(endpoint, error)
    elif isinstance(cause, SshError):
        kind, reason, fix = FailureKind.SSH, str(cause), _ssh_fix(endpoint, str(cause))
    elif isinstance(cause, OSError | HTTPException):
        kind, reason, fix = _broken(endpoint, cause)
    else:
        kind, reason, fix = FailureKind.OTHER, error.message, _what_answers(endpoint)
    return ConnectionFailure(endpoint, kind, reason, fix)


def _refusal(endpoint: Endpoint, error: EngineError) -> tuple[FailureKind, str, str]:
    if "HTTPS server" in error.message:
        return FailureKind.TLS, "the engine wants TLS", _tls_fix()
    if error.gone:
        return FailureKind.OTHER, _NO_ENGINE, _what_answers(endpoint)
    reason = f"the engine refused with status {error.status}: {error.message}"
    return FailureKind.OTHER, reason, "See the engine's own log: journalctl -u docker."


def _broken(endpoint: Endpoint, error: Exception) -> tuple[FailureKind, str, str]:
    match error:
        case BadAddressError() | socket.gaierror():
            reason = error.strerror or str(error)
            return FailureKind.BAD_ADDRESS, reason, _address_fix(endpoint)
        case TlsError():
            return FailureKind.TLS, str(error), _tls_fix()
        case FileNotFoundError() | NotADirectoryError():
            return FailureKind.NO_SOCKET, "there is no such socket", _start_fix(endpoint)
        case PermissionError():
            return FailureKind.PERMISSION, *_permission(endpoint)
        case ConnectionRefusedError() if endpoint.local and not _is_socket(_path(endpoint)):
            return FailureKind.BAD_ADDRESS, "this file is not a socket", _address_fix(endpoint)
        case ConnectionRefusedError():
            return FailureKind.REFUSED, "nothing listens there", _start_fix(endpoint)
        case TimeoutError():
            return FailureKind.TIMEOUT, "it did not answer in time", _time_out_fix(endpoint)
        case OSError() if endpoint.tls is not None:
            return FailureKind.TLS, error.strerror or str(error), _tls_fix()
        case OSError(strerror=str(words)):
            return FailureKind.OTHER, words, _what_answers(endpoint)
        case _:
            return FailureKind.OTHER, _NO_ENGINE, _what_answers(endpoint)


# What to do


def _start_fix(endpoint: Endpoint) -> str:
    if not endpoint.local:
        return f"Start the engine there, and see that it listens on {endpoint.host}."
    path = _path(endpoint)
    service = "podman.socket" if "podman" in path else "docker"
    own = path.startswith((f"/run/user/{os.getuid()}/", os.environ.get("XDG_RUNTIME_DIR") or "//"))
    return (
        f"Start it: systemctl --user start {service}"
        if own
        else (f"Start it: sudo systemctl start {service}")
    )


def _permission(endpoint: Endpoint) -> tuple[str, str]:
    user = getpass.getuser()
    path = _path(endpoint)
    try:
        group_id = os.stat(path).st_gid  # noqa: PTH116 - a path that may be anything
        group = grp.getgrgid(group_id)
    except (OSError, KeyError):
        return f"{user} may not open it", "Ask the machine's administrator for access."
    if group_id == 0:
        return (
            f"{user} may not open it: it belongs to root alone",
            f"Run as root, or give the socket to a group: sudo chgrp docker {path}",
        )
    if user in group.gr_mem:
        return (
            f"{user} is in group {group.gr_name}, but this login is older than that",
            f"Log in again, or run: newgrp {group.gr_name}",
        )
    return (
        f"{user} may not open it: it belongs to group {group.gr_name}",
        f"sudo usermod -aG {group.gr_name} {user}, then newgrp {group.gr_name} or log in again. "
        "Who is in that group can become root on the machine.",
    )


def _tls_fix() -> str:
    return (
        "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and "
        "key.pem, or use a docker context that holds them."
    )


def _time_out_fix(endpoint: Endpoint) -> str:
    if endpoint.local:
        return "The engine hangs: see its log (journalctl -u docker), restart it if need be."
    return "Is the machine up, and does a firewall let you through?"


def _address_fix(endpoint: Endpoint) -> str:
    return f"Check {endpoint.source}: unix:///path, tcp://host:port or ssh://user@host."


def _what_answers(endpoint: Endpoint) -> str:
    return f"Check that {endpoint.host} is a Docker or Podman engine."


_SSH_FIXES = (
    (
        r"permission denied|too many authentication failures",
        "dstui asks no password: load your key with ssh-add, or set one up with ssh-copy-id {0}.",
    ),
    (r"host key verification failed|authenticity", "Connect once by hand: ssh {0}"),
    (r"could not resolve", "Check the host's name, or your ~/.ssh/config."),
    (r"command not found|not found", "Install the docker command on {0}: it carries the traffic."),
    (r"cannot run ssh", "Install the OpenSSH client."),
)


def _ssh_fix(endpoint: Endpoint, said: str) -> str:
    address = urlsplit(endpoint.host)
    login = f"{address.username}@" if address.username else ""
    target = f"{login}{address.hostname}" + (f" -p {address.port}" if address.port else "")
    for pattern, fix in _SSH_FIXES:
        if re.search(pattern, said, re.IGNORECASE):
            return fix.format(target)
    return f"Try by hand: ssh {target} docker version"


def _path(endpoint: Endpoint) -> str:
    return endpoint.host.removeprefix("unix://")


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)  # noqa: PTH116
    except OSError:
        return True  # gone meanwhile, so not a matter of the address
