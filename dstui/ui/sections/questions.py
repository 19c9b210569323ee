"""What is asked before an action: which objects, whose they are, what goes with them."""

import getpass
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from dstui.domain.action import Action, Verb, docker_command, short_id
from dstui.domain.container import Container
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.network import Network
from dstui.domain.owner import Owner
from dstui.domain.volume import Volume
from dstui.render.status import state_words
from dstui.render.units import decimal_bytes
from dstui.ui.screens.confirm import Affected, Measure, Question

T = TypeVar("T")

_LABELS = {
    Verb.STOP: "Stop",
    Verb.RESTART: "Restart",
    Verb.PAUSE: "Pause",
    Verb.KILL: "Kill",
    Verb.REMOVE: "Remove",
}
_ENDS_IT = frozenset({Verb.STOP, Verb.RESTART, Verb.KILL, Verb.REMOVE})


def is_asked(actions: Sequence[Action], owners: Iterable[Owner | None]) -> bool:
    """Whether to ask at all: always where something is lost, else for many or another's objects."""
    verbs = {action.verb for action in actions}
    if verbs & {Verb.KILL, Verb.REMOVE}:
        return True
    if not verbs & (_ENDS_IT | {Verb.PAUSE}):
        return False
    return len(actions) > 1 or any(someone_else(owner) for owner in owners)


def question(actions: Sequence[Action], affected: Sequence[Affected]) -> Question:
    """The question for these actions, all of one verb and kind."""
    first = actions[0]
    verb = "Force remove" if first.force else _LABELS[first.verb]
    what = first.target if len(actions) == 1 else f"{len(actions)} {first.kind.value}s"
    how = f" with {first.signal}" if first.verb is Verb.KILL else ""
    return Question(
        title=f"{verb} {what}{how}?",
        verb=verb,
        affected=tuple(affected),
        commands=tuple(docker_command(action) for action in actions),
        note=_note(first),
    )


def _note(action: Action) -> str:
    if action.verb is not Verb.REMOVE:
        return ""
    if action.kind is Kind.VOLUME:
        return "The data in it cannot be brought back."
    if action.kind is Kind.CONTAINER and action.force:
        return "What runs is stopped gracefully first, and killed if that does not help."
    return ""


def affected_container(
    container: Container, owner: Owner | None, action: Action, measure: Measure | None
) -> Affected:
    """A container, as the confirmation shows it."""
    removes = action.verb is Verb.REMOVE
    return Affected(
        container.name,
        about=f"{state_words(container)} · {container.image}",
        owner=someone_else(owner) or "",
        losses=tuple(_container_losses(container, action)),
        measure=measure if removes else None,
    )


def _container_losses(container: Container, action: Action) -> Iterable[str]:
    anonymous = [short_id(m.volume or m.source) for m in container.mounts if m.anonymous]
    if action.verb in _ENDS_IT and container.auto_remove and container.alive:
        if action.verb is not Verb.REMOVE:
            yield "was started with --rm: it is removed when it ends"
        if anonymous:
            yield f"its anonymous volumes go too: {', '.join(anonymous)}"
    elif action.verb is Verb.REMOVE and anonymous:
        yield f"its anonymous volumes stay behind, used by nothing: {', '.join(anonymous)}"
    if container.gpus and container.alive and action.verb in _ENDS_IT:
        yield "it may be computing on a GPU"


def affected_image(
    image: Image, users: Sequence[Container], measure: Measure | None = None
) -> Affected:
    """An image, as the confirmation shows it."""
    losses = []
    if len(image.references) > 1:
        losses.append(f"all its references: {', '.join(image.references)}")
    if users:
        losses.append(f"used by {', '.join(user.name for user in users)}")
    unique = image.unique_bytes
    about = decimal_bytes(image.size_bytes)
    if unique is not None:
        about += f", of which {decimal_bytes(unique)} come back"
    return Affected(
        _image_name(image), about, "", tuple(losses), measure, "looking what goes along…"
    )


def along_words(parents: Sequence[str]) -> str:
    """The hidden images that go with an image."""
    names = ", ".join(map(short_id, parents))
    return f"hidden images of its build go along: {names}" if parents else ""


def _image_name(image: Image) -> str:
    return image.references[0] if image.references else short_id(image.id)


def affected_volume(volume: Volume, size: int | None, users: Sequence[Container]) -> Affected:
    """A volume, as the confirmation shows it."""
    losses = [f"{decimal_bytes(size)} of data" if size is not None else "its data"]
    if users:
        losses.append(f"mounted by {', '.join(user.name for user in users)}")
    return Affected(volume.name, about=volume.driver, losses=tuple(losses))


def affected_network(network: Network, users: Sequence[Container]) -> Affected:
    """A network, as the confirmation shows it."""
    losses = [f"used by {', '.join(user.name for user in users)}"] if users else []
    return Affected(network.name, about=network.driver, losses=tuple(losses))


def written_bytes(read: Callable[[], "Future[int | None]"]) -> Measure:
    """A measure that tells what a container wrote in its own layer."""

    return lambda: then(read(), _written)


def then(asked: "Future[T]", words: Callable[[T], str]) -> "Future[str]":
    """What the answer means in words, once it is there."""
    answer: Future[str] = Future()

    def tell(done: "Future[T]") -> None:
        if not answer.set_running_or_notify_cancel():
            return
        if error := done.exception():
            answer.set_exception(error)
        else:
            answer.set_result(words(done.result()))

    asked.add_done_callback(tell)
    return answer


def _written(size: int | None) -> str:
    if size is None:
        return "what it has written itself is not known"
    if size == 0:
        return "it has written nothing outside its volumes"
    return f"{decimal_bytes(size)} that it has written outside its volumes"


def someone_else(owner: Owner | None) -> str | None:
    """The owner's name, unless it is you or says nothing, as root and a bare number do."""
    if owner is None or owner.name in (getpass.getuser(), str(os.getuid()), "root"):
        return None
    if owner.name.isdigit():
        return f"uid {owner.name}"
    return owner.name
