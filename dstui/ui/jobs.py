"""Actions on their way: in parallel, each with a line that tells how it fares."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from dstui.domain.action import Action, Outcome, Verb, docker_command
from dstui.domain.container import Container
from dstui.domain.text import clean

if TYPE_CHECKING:
    from dstui.domain.changes import Listable
    from dstui.domain.seen import Seen
    from dstui.session import Session

ENGINE_GRACE_S = 10
"""How long the engine waits for a container that sets no time of its own."""

_GRACEFUL = frozenset({Verb.STOP, Verb.RESTART})
_DONE = {
    Verb.START: "started",
    Verb.STOP: "stopped",
    Verb.RESTART: "restarted",
    Verb.PAUSE: "paused",
    Verb.UNPAUSE: "resumed",
    Verb.KILL: "killed",
    Verb.REMOVE: "removed",
    Verb.RENAME: "renamed",
    Verb.UNTAG: "untagged",
}


class Progress(Protocol):
    """Where the lines are shown."""

    def begin(self, key: str, text: str) -> None:
        """A job runs."""

    def end(self, key: str, text: str, ok: bool) -> None:
        """A job is over."""


Shown = Mapping[str, tuple["Listable", "Seen"]]
"""The objects as they were when the person decided, by id."""


class Jobs:
    """Carries out what was decided, on exactly the objects that were seen."""

    def __init__(self, session: "Session", progress: Progress, tell: Callable[[str], None]) -> None:
        self._session = session
        self._progress = progress
        self._tell = tell
        self._count = 0
        self.last_command = ""
        """The `docker` command line of the latest action."""

    async def carry_out(self, actions: Sequence[Action], shown: Shown) -> None:
        """Do all of them at the same time; one that has become another's matter is left alone."""
        await asyncio.gather(
            *(self._do(action, *shown.get(action.id, (None, None))) for action in actions)
        )

    async def _do(self, action: Action, found: "Listable | None", seen: "Seen | None") -> None:
        self._count += 1
        key = f"job-{self._count}"
        command = docker_command(action)
        self.last_command = command
        self._progress.begin(key, f"{_doing(action, found)}   {command}")
        try:
            future = self._session.background.submit(self._session.perform, action, seen)
            outcome = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001 - every end of a job is shown on its line
            outcome = Outcome(action, ok=False, message=str(error) or type(error).__name__)
        self._progress.end(key, _told(outcome, command), outcome.ok)
        if not outcome.ok and not outcome.skipped:
            self._tell(_explained(outcome))


def _doing(action: Action, found: "Listable | None") -> str:
    text = f"{action.verb.value} {action.target}"
    if action.verb in _GRACEFUL or (action.force and isinstance(found, Container) and found.alive):
        return f"{text} (grace {grace_of(action, found)} s)"
    return text


def grace_of(action: Action, found: "Listable | None") -> int:
    """Seconds that the container is given to end by itself."""
    own = found.stop_timeout_s if isinstance(found, Container) else None
    return next((s for s in (action.grace_s, own) if s is not None), ENGINE_GRACE_S)


def _told(outcome: Outcome, command: str) -> str:
    action = outcome.action
    if outcome.ok and action.verb is Verb.TAG:
        return f"{action.target} is {action.new_name} too   {command}"
    if outcome.ok:
        return f"{_DONE[action.verb]} {action.target} in {outcome.seconds:.1f} s   {command}"
    if outcome.skipped:
        return f"{action.target}: {clean(outcome.message)}"
    return f"{action.verb.value} {action.target}: {clean(outcome.message)}"


def _explained(outcome: Outcome) -> str:
    """What went wrong, in the engine's words, then why and what to do where that is known."""
    lines = [f"{outcome.action.verb.value} {outcome.action.target}", clean(outcome.message)]
    lines += [clean(text) for text in (outcome.cause, outcome.fix) if text]
    return "\n".join(lines)
