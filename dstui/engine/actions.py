"""Mutations of single objects. Each tells what came of it."""

import time
from collections.abc import Callable

from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.diagnosis import remedy_of
from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.remedies import Remedy
from dstui.engine.build_cache import remove_record
from dstui.engine.client import Engine, resource
from dstui.engine.rest import Query
from dstui.engine.tags import tag, untag

USUAL_GRACE_S = 10
"""What the engine gives a container that names no stop timeout of its own."""

_MARGIN_S = 60.0
"""For the work that the engine itself has with a request."""

_CONTAINER, _IMAGE = "/containers/{}", "/images/{}"
_VOLUME, _NETWORK = "/volumes/{}", "/networks/{}"


def perform(engine: Engine, action: Action) -> Outcome:
    """Do it, wait for the engine's answer, and tell. Never raises an `EngineError`.

    What is so already is no failure; the outcome's message says that it was.
    """
    began = time.monotonic()
    try:
        message = _deed(action)(engine, action)
    except EngineError as error:
        known = _gone(action) if error.gone else remedy_of(error.message)
        seconds = time.monotonic() - began
        return Outcome(action, False, error.message, known.cause, known.fix, seconds)
    return Outcome(action, True, message, seconds=time.monotonic() - began)


Deed = Callable[[Engine, Action], str]


def _deed(action: Action) -> Deed:
    deed = _DEEDS.get((action.kind, action.verb))
    if deed is None:
        raise EngineError(f"there is no {action.verb.value} of a {action.kind.value}")
    return deed


def _gone(action: Action) -> Remedy:
    return Remedy(f"the {action.kind.value} {action.target} is gone", "")


# Containers


def _start(engine: Engine, action: Action) -> str:
    return "was running already" if _post(engine, action, "start") == 304 else ""


def _stop(engine: Engine, action: Action) -> str:
    return "was not running" if _end(engine, action, "stop") == 304 else ""


def _restart(engine: Engine, action: Action) -> str:
    _end(engine, action, "restart")
    return ""


def _pause(engine: Engine, action: Action) -> str:
    return _unless(
        "is already paused", "was paused already", lambda: _post(engine, action, "pause")
    )


def _unpause(engine: Engine, action: Action) -> str:
    return _unless("is not paused", "was not paused", lambda: _post(engine, action, "unpause"))


def _kill(engine: Engine, action: Action) -> str:
    _post(engine, action, "kill", {"signal": action.signal})
    return ""


def _rename(engine: Engine, action: Action) -> str:
    _post(engine, action, "rename", {"name": action.new_name})
    return ""


def _remove_container(engine: Engine, action: Action) -> str:
    if action.force:
        return _end_and_remove(engine, action)
    return _delete(engine, _CONTAINER, action, {"v": int(action.volumes)})


def _end_and_remove(engine: Engine, action: Action) -> str:
    """Gracefully first: a program killed amid its work can leave a GPU unusable until a reboot."""
    try:
        _end(engine, action, "stop")
    except EngineError as error:
        if error.gone or error.status is None:
            raise
    try:
        return _delete(engine, _CONTAINER, action, {"v": int(action.volumes), "force": 1})
    except EngineError as error:
        # one run with --rm is removed by the engine as soon as it has stopped
        if error.gone or "already in progress" in error.message:
            return "removed by the engine once it had stopped"
        raise


def _end(engine: Engine, action: Action, how: str) -> int:
    """Stop or restart it. The engine answers only after the end, which the time-out allows for."""
    grace = _grace(engine, action)
    timeout = None if grace < 0 else grace + _MARGIN_S
    return _post(engine, action, how, {"t": action.grace_s}, timeout)


def _grace(engine: Engine, action: Action) -> int:
    if action.grace_s is not None:
        return action.grace_s
    own = engine.container(action.id).stop_timeout_s
    return USUAL_GRACE_S if own is None else own


def _post(
    engine: Engine,
    action: Action,
    verb: str,
    query: Query | None = None,
    timeout_s: float | None = _MARGIN_S,
) -> int:
    path = resource(_CONTAINER, action.id) + f"/{verb}"
    return engine.rest.ask("POST", path, query or {}, timeout_s=timeout_s).status


def _unless(refusal: str, message: str, ask: Callable[[], object]) -> str:
    try:
        ask()
    except EngineError as error:
        if refusal in error.message:
            return message
        raise
    return ""


# Images, volumes, networks


def _remove_image(engine: Engine, action: Action) -> str:
    # podman would take the image with it that it was built on, where that has a single name
    keep_parents = not action.parents or engine.info.product == "Podman"
    noprune = 1 if keep_parents else None
    return _delete(engine, _IMAGE, action, {"force": int(action.force), "noprune": noprune})


def _remove_volume(engine: Engine, action: Action) -> str:
    return _delete(engine, _VOLUME, action, {"force": int(action.force)})


def _remove_network(engine: Engine, action: Action) -> str:
    return _delete(engine, _NETWORK, action, {})


def _delete(engine: Engine, path: str, action: Action, query: Query) -> str:
    engine.rest.ask("DELETE", resource(path, action.id), query, timeout_s=5 * _MARGIN_S)
    return ""


_DEEDS: dict[tuple[Kind, Verb], Deed] = {
    (Kind.CONTAINER, Verb.START): _start,
    (Kind.CONTAINER, Verb.STOP): _stop,
    (Kind.CONTAINER, Verb.RESTART): _restart,
    (Kind.CONTAINER, Verb.PAUSE): _pause,
    (Kind.CONTAINER, Verb.UNPAUSE): _unpause,
    (Kind.CONTAINER, Verb.KILL): _kill,
    (Kind.CONTAINER, Verb.RENAME): _rename,
    (Kind.CONTAINER, Verb.REMOVE): _remove_container,
    (Kind.IMAGE, Verb.REMOVE): _remove_image,
    (Kind.IMAGE, Verb.TAG): tag,
    (Kind.IMAGE, Verb.UNTAG): untag,
    (Kind.VOLUME, Verb.REMOVE): _remove_volume,
    (Kind.NETWORK, Verb.REMOVE): _remove_network,
    (Kind.BUILD_CACHE, Verb.REMOVE): remove_record,
}
