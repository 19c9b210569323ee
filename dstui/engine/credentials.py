"""Logins for registries, from the docker config and its credential helpers.

They go into one header of one request and nowhere else: no message, log or `repr` has them.
"""

import base64
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dstui.domain.foreign_json import read_json
from dstui.domain.reference import HUB
from dstui.domain.text import clean
from dstui.ownfiles import read_file

if TYPE_CHECKING:
    from docker.auth import AuthConfig

_HELPER_TIMEOUT_S = 60.0
_HUB_KEY = "https://index.docker.io/v1/"
"""Under which `docker login` keeps the login of Docker Hub."""
_TOKEN_USER = "<token>"
_NOT_FOUND = "credentials not found"


@dataclass(frozen=True, slots=True)
class Login:
    """What to send to the engine for one registry."""

    header: str = field(repr=False)
    """The value of `X-Registry-Auth`."""
    found: bool = False
    """Whether there is a login at all."""
    problem: str = ""
    """Why a login that the config speaks of cannot be had."""


class _HelperError(Exception):
    """A credential helper failed; in its own words."""


def login_for(domain: str) -> Login:
    """The login of the docker config for a registry. May take as long as a helper does."""
    path = config_path()
    try:
        config = _auth_config(path)
        found = _from_helper(config, domain) or _from_file(config, domain)
    except _HelperError as error:
        return _login({}, str(error))
    except OSError as error:
        return _login({}, f"cannot read {path}: {error.strerror}")
    except _unreadable():
        return _login({}, f"{path} is no docker config that can be read")
    return _login(found)


def config_path() -> Path:
    """Where `docker login` keeps what it is told."""
    directory = os.environ.get("DOCKER_CONFIG")
    return (Path(directory) if directory else Path.home() / ".docker") / "config.json"


def _login(values: dict[str, str], problem: str = "") -> Login:
    encoded = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    return Login(encoded, bool(values), problem)


def _unreadable() -> tuple[type[Exception], ...]:
    """What the SDK raises for a config that has not the right shape."""
    from docker.errors import DockerException

    return (DockerException, ValueError, TypeError, AttributeError, KeyError)


def _auth_config(path: Path) -> "AuthConfig":
    from docker.auth import AuthConfig, load_config

    try:
        content = read_json(read_file(path))
    except FileNotFoundError:
        content = {}
    # the SDK takes an empty one for none, and then looks for other files
    return load_config(config_dict=content) if content else AuthConfig({})


def _from_file(config: "AuthConfig", domain: str) -> dict[str, str]:
    from docker.auth import AuthConfig

    found = AuthConfig({"auths": config.auths}).resolve_authconfig(domain) or {}
    if token := found.get("IdentityToken"):
        return _token(token, domain)
    if not found.get("username"):
        return {}
    return _password(found["username"], found["password"], domain)


def _from_helper(config: "AuthConfig", domain: str) -> dict[str, str]:
    server = _HUB_KEY if domain == HUB else domain
    name = config.get_credential_store(server)
    if not name:
        return {}
    answer = _ask_helper(f"docker-credential-{name}", server)
    user, secret = answer.get("Username", ""), answer.get("Secret", "")
    if not secret:
        return {}
    return _token(secret, domain) if user == _TOKEN_USER else _password(user, secret, domain)


def _ask_helper(program: str, server: str) -> dict[str, Any]:
    """What the helper knows of a server; empty when it knows nothing.

    Not by the SDK, which would let it write to our terminal and wait for it forever.
    """
    path = shutil.which(program)
    if path is None:
        raise _HelperError(f"the credential helper {clean(program)} is not installed")
    try:
        done = subprocess.run(
            [path, "get"],
            input=server.encode(),
            capture_output=True,
            timeout=_HELPER_TIMEOUT_S,
            start_new_session=True,  # it may ask in a window, but not on our terminal
        )
    except subprocess.TimeoutExpired:
        raise _HelperError(f"the credential helper {clean(program)} does not answer") from None
    except OSError as error:
        raise _HelperError(f"cannot run {clean(program)}: {error.strerror}") from None
    if done.returncode != 0:
        said = clean((done.stdout or done.stderr).decode(errors="replace").strip(), 200)
        if _NOT_FOUND in said:
            return {}
        raise _HelperError(f"the credential helper {clean(program)} failed: {said}")
    try:
        answer = read_json(done.stdout)
    except ValueError:
        raise _HelperError(f"the credential helper {clean(program)} gave no JSON") from None
    return answer if isinstance(answer, dict) else {}


def _password(user: str, password: str, domain: str) -> dict[str, str]:
    return {"username": user, "password": password, "serveraddress": _server(domain)}


def _token(token: str, domain: str) -> dict[str, str]:
    return {"identitytoken": token, "serveraddress": _server(domain)}


def _server(domain: str) -> str:
    return _HUB_KEY if domain == HUB else domain
