"""Where an engine may be, by the settings that the `docker` command line heeds."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dstui.domain.engine import (
    ConnectionFailure,
    Endpoint,
    EngineUnreachableError,
    FailureKind,
)
from dstui.domain.foreign_json import read_json
from dstui.domain.text import clean
from dstui.ownfiles import read_file

_CERTIFICATES = {"ca": "ca.pem", "cert": "cert.pem", "key": "key.pem"}
_DEFAULT_CONTEXT = "default"


def candidates(
    host: str | None = None,
    context: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Endpoint, ...]:
    """The endpoints to try, in order.

    A setting that names an engine leaves only that one: dstui never goes on to another engine than
    the one meant. Raises `EngineUnreachableError` for a context that does not exist.
    """
    if host:
        return (_with_variables(host, "--host", environ),)
    if context:
        return _of_context(context, "--context", environ)
    if host := environ.get("DOCKER_HOST"):
        return (_with_variables(host, "DOCKER_HOST", environ),)
    if context := environ.get("DOCKER_CONTEXT"):
        return _of_context(context, "DOCKER_CONTEXT", environ)
    if context := _current_context(environ):
        return _of_context(context, "current docker context", environ)
    return _usual_sockets(environ)


def _usual_sockets(environ: Mapping[str, str]) -> tuple[Endpoint, ...]:
    own = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    return (
        Endpoint("unix:///var/run/docker.sock", "default socket"),
        Endpoint(f"unix://{own}/docker.sock", "rootless docker"),
        Endpoint("unix:///run/podman/podman.sock", "podman"),
        Endpoint(f"unix://{own}/podman/podman.sock", "rootless podman"),
    )


def _with_variables(host: str, source: str, environ: Mapping[str, str]) -> Endpoint:
    """The host with the TLS that the variables ask for, as `docker --host` takes them."""
    address = _complete(host)
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    wanted = verify or bool(environ.get("DOCKER_TLS"))
    if not wanted or not address.startswith(("tcp://", "https://")):
        return Endpoint(address, source)
    return Endpoint(address, source, tls=_variable_certificates(environ), verify=verify)


def _complete(host: str) -> str:
    host = host.strip()
    if "://" in host:
        return host
    return f"unix://{host}" if host.startswith("/") else f"tcp://{host}"


def _variable_certificates(environ: Mapping[str, str]) -> dict[str, str]:
    if folder := environ.get("DOCKER_CERT_PATH"):
        return {role: str(Path(folder) / name) for role, name in _CERTIFICATES.items()}
    return _certificates_in(_config_folder(environ))


def _certificates_in(folder: Path) -> dict[str, str]:
    files = {role: folder / name for role, name in _CERTIFICATES.items()}
    return {role: str(file) for role, file in files.items() if file.exists()}


# Contexts


def _of_context(name: str, source: str, environ: Mapping[str, str]) -> tuple[Endpoint, ...]:
    if name == _DEFAULT_CONTEXT:
        host = environ.get("DOCKER_HOST")
        return (_with_variables(host, "DOCKER_HOST", environ),) if host else _usual_sockets(environ)
    import hashlib

    folder = _config_folder(environ) / "contexts"
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = _read_json(folder / "meta" / key / "meta.json")
    engine = _mapping(_mapping(meta.get("Endpoints")).get("docker"))
    host = engine.get("Host")
    if not isinstance(host, str) or not host:
        raise EngineUnreachableError((_no_such_context(name, source),))
    skip_verify = engine.get("SkipTLSVerify") is True
    certificates = _certificates_in(folder / "tls" / key / "docker")
    secure = bool(certificates) or skip_verify
    return (
        Endpoint(
            _complete(host),
            source,
            context=clean(name),
            tls=certificates if secure and not host.startswith(("unix:", "ssh:")) else None,
            verify=not skip_verify,
        ),
    )


def _no_such_context(name: str, source: str) -> ConnectionFailure:
    return ConnectionFailure(
        Endpoint("", source, context=clean(name)),
        FailureKind.BAD_ADDRESS,
        f"there is no docker context named {clean(name)!r} ({source})",
        "See `docker context ls`, or name an engine with --host.",
    )


def _current_context(environ: Mapping[str, str]) -> str | None:
    name = _read_json(_config_folder(environ) / "config.json").get("currentContext")
    return name if isinstance(name, str) and name != _DEFAULT_CONTEXT else None


def _config_folder(environ: Mapping[str, str]) -> Path:
    folder = environ.get("DOCKER_CONFIG")
    home = environ.get("HOME")
    return Path(folder) if folder else (Path(home) if home else Path.home()) / ".docker"


def _read_json(file: Path) -> Mapping[str, Any]:
    try:
        return _mapping(read_json(read_file(file)))
    except (OSError, ValueError):
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
