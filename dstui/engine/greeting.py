"""The first words with an engine: what it is, and which API version both speak."""

import re

from dstui.domain.engine import EngineError, EngineInfo
from dstui.engine.convert.engine import info
from dstui.engine.rest import Answer, Rest

OLDEST_API = (1, 41)
NEWEST_API = (1, 51)
"""The newest version whose shapes are known here; a newer engine is asked in this one."""
OLDEST_PODMAN = (4, 3)


class TooOldError(EngineError):
    """The engine speaks only an API from before 1.41, or is a podman before 4.3."""


def greet(rest: Rest) -> EngineInfo:
    """Agree on the API version and read what the engine tells of itself.

    Two quick calls: `/_ping`, whose headers name the version, and `/info`.
    """
    rest.api_version = ""
    answer = rest.ask("GET", "/_ping", timeout_s=rest.timeout_s)
    podman = answer.headers.get("Libpod-API-Version")
    if podman and _numbers(podman) < OLDEST_PODMAN:
        raise TooOldError(f"podman {podman} is older than {_dotted(OLDEST_PODMAN)}")
    offered = _offered_api(rest, answer)
    if offered < OLDEST_API:
        raise TooOldError(
            f"it speaks API {_dotted(offered)}; dstui needs {_dotted(OLDEST_API)} (Docker 20.10)"
        )
    rest.api_version = _dotted(min(offered, NEWEST_API))
    product = "Podman" if podman else "Docker"
    return info(rest.get("/info"), product, rest.api_version, rest.endpoint)


def _offered_api(rest: Rest, ping: Answer) -> tuple[int, ...]:
    named = ping.headers.get("Api-Version")
    if not named:
        version = rest.get("/version")
        named = version.get("ApiVersion") if isinstance(version, dict) else None
    offered = _numbers(str(named))
    if len(offered) < 2:
        raise EngineError("what answers there does not say which engine API it speaks")
    return offered[:2]


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d{1,6}(?:\.\d{1,6})*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
