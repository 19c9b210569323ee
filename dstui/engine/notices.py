"""What an event of the engine means: what to read again, what is gone, what the feed shows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dstui.domain.engine import EngineEvent
from dstui.domain.foreign_json import read_json
from dstui.domain.kind import Kind
from dstui.engine.convert.image import image_id
from dstui.engine.convert.read import labels, mapping, text, whole

Key = tuple[Kind, str]
"""Names one object."""

_KINDS = {kind.value: kind for kind in (Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK)}
_PODMAN_WORDS = {"died": "die", "remove": "destroy"}
_SEEN_ONLY = frozenset({"archive-path", "export", "extract-to-dir", "resize", "sync", "top"})
"""dstui and its like look at a container by them: neither read again nor told."""
_NOTHING_CHANGED = {
    Kind.CONTAINER: _SEEN_ONLY | {"attach", "copy", "detach", "exec", "kill"},
    Kind.IMAGE: frozenset({"push", "save"}),
    Kind.VOLUME: frozenset({"mount", "unmount"}),
    Kind.NETWORK: frozenset({"connect", "disconnect"}),
}
_UNTOLD = _SEEN_ONLY | {"exec_create", "exec_detach", "exec_die", "exec_died"}


class Notice(NamedTuple):
    """An event and what follows from it."""

    event: EngineEvent
    again: tuple[Key, ...] = ()
    """What must be read again."""
    gone: Key | None = None

    @property
    def told(self) -> bool:
        """Whether the feed shows it: of a command run by exec only the start, of `top` nothing."""
        return self.event.action.partition(":")[0] not in _UNTOLD

    @property
    def of_command(self) -> bool:
        """Whether it tells of a command run by exec, as each health check is."""
        return self.event.action.startswith("exec")


def notice(line: bytes) -> Notice | None:
    """What a line of the event stream tells; `None` when it cannot be read."""
    try:
        found = read_json(line)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    event = _event(found)
    kind = _KINDS.get(event.kind)
    if kind is None or not event.id:
        return Notice(event) if event.kind and event.action else None
    if event.action == "destroy":
        return Notice(event, gone=(kind, event.id))
    return Notice(event, again=tuple(_changed(kind, event)))


def _event(found: Mapping[str, Any]) -> EngineEvent:
    actor = mapping(found.get("Actor"))
    attributes = labels(actor.get("Attributes"))
    kind = text(found.get("Type"))
    action = text(found.get("Action") or found.get("status"))
    # podman leaves out the id of a volume, and the algorithm of an image's
    identifier = text(actor.get("ID") or found.get("id"))
    if kind == Kind.VOLUME.value:
        identifier = identifier or attributes.get("name", "")
    elif kind == Kind.IMAGE.value:
        identifier = image_id(identifier)
    return EngineEvent(
        time=_moment(found),
        kind=kind,
        action=_PODMAN_WORDS.get(action, action) if kind != Kind.IMAGE.value else action,
        id=identifier,
        name=attributes.get("name") or identifier,
        attributes=attributes,
    )


def _moment(found: Mapping[str, Any]) -> datetime:
    nanoseconds, seconds = whole(found.get("timeNano")), whole(found.get("time"))
    try:
        return datetime.fromtimestamp(nanoseconds / 1e9 if nanoseconds else seconds or 0, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _changed(kind: Kind, event: EngineEvent) -> list[Key]:
    """An image's deletion is read again too: podman tells it of a mere untagging."""
    action = event.action.partition(":")[0]
    if kind is Kind.NETWORK and (container := event.attributes.get("container")):
        return [(Kind.CONTAINER, container)]
    if kind is Kind.CONTAINER and action == "commit":
        made = event.attributes.get("imageID")
        return [(Kind.IMAGE, image_id(made))] if made else []
    if action.startswith("exec_") or action in _NOTHING_CHANGED[kind]:
        return []
    if action == "create" and kind is Kind.CONTAINER and _only_looks(event):
        return []
    return [(kind, event.id)]


def _only_looks(event: EngineEvent) -> bool:
    """Whether dstui made the container to look into an image: it is gone in a moment."""
    from dstui.engine.throwaway import LABEL

    return LABEL in event.attributes
