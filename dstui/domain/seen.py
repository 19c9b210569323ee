"""How an object looked when a person decided about it, and what has changed in it since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dstui.domain.changes import Listable
from dstui.domain.container import Container
from dstui.domain.image import Image
from dstui.domain.network import Network
from dstui.domain.volume import Volume


@dataclass(frozen=True, slots=True)
class Seen:
    """What was shown of an object: what differs later saves it from being changed unseen.

    Where only a list was read and no inspect (`inspected` is false), nothing is known of a
    container's runs and an image's last tag, and nothing held against them. `users`
    are the ids of the containers that use an image, a volume or a network.
    """

    state: str = ""
    created: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None
    references: tuple[str, ...] = ()
    tagged: datetime | None = None
    last_used: datetime | None = None
    name: str = ""
    restarts: int | None = None
    """How often the engine has started it again by its restart policy."""
    place: str = ""
    """Of a volume, where its data is."""
    users: tuple[str, ...] = ()
    inspected: bool = True


def seen(found: Listable, users: Iterable[Container] = ()) -> Seen:
    """What a list shows of it, and what an inspect told of a container."""
    names = tuple(sorted(user.id for user in users))
    match found:
        case Container():
            return Seen(
                found.state.value,
                found.created,
                found.started,
                found.finished,
                name=found.name,
                restarts=found.restarts,
                inspected=found.inspected,
            )
        case Image():
            return Seen(
                created=found.created, references=found.references, users=names, inspected=False
            )
        case Volume():
            return Seen(created=found.created, name=found.name, place=found.mountpoint, users=names)
        case Network():
            return Seen(created=found.created, name=found.name, users=names)


def changed_run(before: Seen, now: Container) -> str:
    """Why a container is not as it was seen; empty when it is.

    One that its restart policy keeps starting is what it was, whatever its state is just now.
    """
    if before.name and now.name != before.name:
        return f"it was renamed to {now.name}"
    if _other_time(before.created, now.created):
        return "it was made anew"
    if _restarts_itself(before, now):
        return ""
    if now.state.value != before.state:
        return f"it is {now.state.value} now, and was {before.state}"
    if before.inspected and (before.started, before.finished) != (now.started, now.finished):
        return "it ran again since"
    return ""


def changed_names(before: Seen, now: Image, tagged: datetime | None) -> str:
    """Why an image is not as it was seen; names that it has lost endanger nothing."""
    if given := [name for name in now.references if name not in before.references]:
        return f"it was tagged {', '.join(given)}"
    known = before.tagged if before.inspected else tagged
    if tagged is not None and (known is None or tagged > known):
        return "it was pulled or tagged again since"
    return ""


def changed_content(before: Seen, now: Volume | Network) -> str:
    """Why a volume or a network is not the one that was seen."""
    place = now.mountpoint if isinstance(now, Volume) else ""
    moved = before.place and place != before.place
    if moved or _other_time(before.created, now.created):
        return "it was made anew since"
    return ""


def new_users(before: Seen, now: Iterable[Container]) -> str:
    """Which containers use it that did not when it was seen."""
    names = [user.name for user in now if user.id not in before.users]
    return f"{', '.join(names)} uses it now" if names else ""


def _restarts_itself(before: Seen, now: Container) -> bool:
    return before.restarts is not None and (now.restarts or 0) > before.restarts


def _other_time(before: datetime | None, now: datetime | None) -> bool:
    """A list tells whole seconds alone."""
    if before is None or now is None or (before.microsecond and now.microsecond):
        return before != now
    return before.replace(microsecond=0) != now.replace(microsecond=0)
