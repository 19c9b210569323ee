"""Looks at an object of a plan again, just before its removal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dstui.domain.cleanup.plan import Row
from dstui.domain.container import Container
from dstui.domain.engine import EngineError
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.owner import owner_of
from dstui.domain.staleness.keep import protection
from dstui.domain.staleness.words import listed
from dstui.engine.cleanup_facts import containers_with, last_tag_time
from dstui.engine.client import Engine
from dstui.engine.convert.image import inspected_image
from dstui.engine.convert.read import UnreadableError


@dataclass(frozen=True, slots=True)
class Look:
    """What is there now. `changed` says why it is to be left alone; empty when nothing does."""

    changed: str = ""
    references: tuple[str, ...] = ()
    """Of an image, its names now."""


_UNCHANGED = Look()


class SecondLook:
    """`keep` are the exceptions of the config; `now` the time by the engine's clock."""

    def __init__(
        self, engine: Engine, keep: Iterable[str], owner_labels: Iterable[str], now: datetime
    ) -> None:
        self._engine = engine
        self._keep = tuple(keep)
        self._owner_labels = tuple(owner_labels)
        self.now = now

    def at(self, row: Row) -> Look:
        """Compare it with how it was planned. Raises `EngineError`, `gone` when it is."""
        match row.kind:
            case Kind.CONTAINER:
                return Look(self._container(row))
            case Kind.IMAGE:
                return self._image(row)
            case Kind.VOLUME:
                return Look(self._volume(row))
            case Kind.NETWORK:
                return Look(self._network(row))
        return _UNCHANGED  # the engine keeps a record that is in use, or was used since

    def _container(self, row: Row) -> str:
        found, seen = self._engine.container(row.id), row.seen
        if found.id != row.id:
            return "another container has this id now"
        if found.alive and not row.force:
            return f"it is {found.state.value} now"
        if found.state.value != seen.state:
            return f"it is {found.state.value} now, and was {seen.state}"
        if (found.started, found.finished) != (seen.started, seen.finished):
            return "it ran again since the plan"
        if row.name and found.name != row.name:
            return f"it was renamed to {found.name}"
        owner = owner_of(found, self._owner_labels)
        return self._protected(row, found.labels, owner.name if owner else None)

    def _image(self, row: Row) -> Look:
        answer = self._engine.inspect(Kind.IMAGE, row.id)
        try:
            image = inspected_image(answer)
        except UnreadableError as error:
            raise EngineError("the engine's answer describes no object") from error
        return Look(self._image_changed(row, image, last_tag_time(answer)), image.references)

    def _image_changed(self, row: Row, image: Image, tagged: datetime | None) -> str:
        if image.id != row.id:
            return "another image has this id now"
        if given := [name for name in image.references if name not in row.seen.references]:
            return f"it was tagged {listed(given)}"
        if tagged is not None and (row.seen.tagged is None or tagged > row.seen.tagged):
            return "it was pulled or tagged again since the plan"
        users = containers_with(self._engine, "ancestor", row.id)
        if names := [user.name for user in users if user.image_id == row.id]:
            return _used(names)
        return self._protected(row, image.labels, row.owner, image.references)

    def _volume(self, row: Row) -> str:
        found = self._engine.volume(row.id)
        if found.name != row.id or found.created != row.seen.created:
            return "it was made anew since the plan"
        users = containers_with(self._engine, "volume", row.id)
        names = [user.name for user in users if _mounts(user, row.id)]
        return _used(names) or self._protected(row, found.labels, row.owner)

    def _network(self, row: Row) -> str:
        found = self._engine.network(row.id)
        if found.id != row.id or found.created != row.seen.created:
            return "it was made anew since the plan"
        users = containers_with(self._engine, "network", row.id)
        names = [user.name for user in users]
        return _used(names) or self._protected(row, found.labels, row.owner)

    def _protected(
        self,
        row: Row,
        labels: Mapping[str, str],
        owner: str | None,
        names: tuple[str, ...] = (),
    ) -> str:
        why = protection(names or (row.name,), labels, owner, self._keep, self.now)
        return f"it is protected: {why}" if why else ""


def _mounts(container: Container, volume: str) -> bool:
    return any(mount.volume == volume for mount in container.mounts)


def _used(names: list[str]) -> str:
    return f"{listed(names)} uses it now" if names else ""
