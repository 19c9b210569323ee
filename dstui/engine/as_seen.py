"""The one gate of all that ends or removes something: it is done to what the person was shown.

Just before the request the object is looked at again and held against how it was shown; one that
has become something else is left alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.changes import Listable
from dstui.domain.container import Container
from dstui.domain.engine import EngineError
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.seen import Seen, changed_content, changed_names, changed_run, new_users
from dstui.engine.actions import perform
from dstui.engine.cleanup_facts import containers_with, last_tag_time
from dstui.engine.client import Engine
from dstui.engine.convert.image import inspected_image
from dstui.engine.convert.read import UnreadableError
from dstui.engine.lineage import lineage

_HELD = frozenset(
    {
        Verb.STOP,
        Verb.RESTART,
        Verb.PAUSE,
        Verb.UNPAUSE,
        Verb.KILL,
        Verb.RENAME,
        Verb.REMOVE,
    }
)
"""A start ends nothing; names given to images and taken from them have rules of their own."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is there now. `changed` says why it is to be left alone; empty when nothing does."""

    changed: str = ""
    found: Listable | None = None
    """`None` for a record of the build cache: the engine keeps one that was used since."""
    used: bool = False
    """Whether containers use it, all of which were shown."""


def perform_as_seen(
    engine: Engine, action: Action, seen: Seen | None, log: Callable[[Outcome], object]
) -> Outcome:
    """Do it if the object still is what was shown; else the outcome is skipped and says why.

    `log` hears of each step. Never raises an `EngineError`.
    """
    look = _held_against(engine, action, seen)
    if isinstance(look, Outcome):
        log(look)
        return look
    seconds = 0.0
    for step in steps(with_parents_as_shown(engine, action), look):
        outcome = perform(engine, step)
        log(outcome)
        seconds += outcome.seconds
        if not outcome.ok:
            break
    return replace(outcome, action=action, seconds=seconds)


def look_again(engine: Engine, kind: Kind, identifier: str, seen: Seen) -> Look:
    """Hold the object of this whole id against how it was seen.

    Raises `EngineError`, `gone` when it is.
    """
    match kind:
        case Kind.CONTAINER:
            container = engine.container(identifier)
            return _look(identifier, container, seen, changed_run(seen, container), ())
        case Kind.IMAGE:
            return _image(engine, identifier, seen)
        case Kind.VOLUME:
            volume = engine.volume(identifier)
            users = containers_with(engine, "volume", identifier)
            # the engine takes a part of the name for it
            mounting = [u for u in users if any(m.volume == identifier for m in u.mounts)]
            return _look(identifier, volume, seen, changed_content(seen, volume), mounting)
        case Kind.NETWORK:
            network = engine.network(identifier)
            # the engine's filter misses those that were never started
            attached = [user for user in engine.containers() if network.name in user.networks]
            return _look(identifier, network, seen, changed_content(seen, network), attached)
    return Look()


def with_parents_as_shown(engine: Engine, action: Action) -> Action:
    """The same; its hidden parents stay where others than those that were shown would go."""
    if action.parents and not set(lineage(engine).goes_along(action.id)) <= set(action.parents):
        return replace(action, parents=())
    return action


def steps(action: Action, look: Look) -> Iterator[Action]:
    """The requests of an action: an image that goes by force loses its names one by one.

    Then only containers that use it make the engine's own force needed, and without that the
    engine itself refuses where one more name is given in the meantime.
    """
    image = look.found
    if action.verb is not Verb.REMOVE or not isinstance(image, Image) or not action.force:
        yield action
        return
    for name in image.references[1:]:
        yield replace(action, verb=Verb.UNTAG, name=name, force=False)
    name = image.references[0] if image.references else action.name
    yield replace(action, name=name, force=look.used)


def _held_against(engine: Engine, action: Action, seen: Seen | None) -> Look | Outcome:
    """What is there now, or why nothing is done to it."""
    if action.verb not in _HELD:
        return Look()
    if seen is None:
        return _left_alone(action, "it was not shown")
    try:
        look = look_again(engine, action.kind, action.id, seen)
    except EngineError as error:
        if error.gone:
            return _left_alone(action, "it is gone")
        return Outcome(action, False, f"it cannot be looked at before: {error.message}")
    return _left_alone(action, look.changed) if look.changed else look


def _image(engine: Engine, identifier: str, seen: Seen) -> Look:
    answer = engine.inspect(Kind.IMAGE, identifier)
    try:
        image = inspected_image(answer)
    except UnreadableError as error:
        raise EngineError("the engine's answer describes no object") from error
    users = containers_with(engine, "ancestor", identifier)
    # those of images that were built on it do not use it themselves
    made_of_it = [user for user in users if user.image_id == identifier]
    changed = changed_names(seen, image, last_tag_time(answer))
    return _look(identifier, image, seen, changed, made_of_it)


def _look(
    identifier: str, found: Listable, seen: Seen, changed: str, users: Sequence[Container]
) -> Look:
    return Look(
        _another(found, identifier) or changed or new_users(seen, users), found, bool(users)
    )


def _another(found: Listable, identifier: str) -> str:
    return "" if found.id == identifier else "another object has this id now"


def _left_alone(action: Action, why: str) -> Outcome:
    return Outcome(action, False, f"left alone, {why}", skipped=True)
