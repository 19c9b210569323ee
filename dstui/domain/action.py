"""What can be done to an object, as data: the request, its `docker` equivalent, its outcome."""

import shlex
from dataclasses import dataclass, replace
from enum import StrEnum

from dstui.domain.kind import Kind


class Verb(StrEnum):
    """The mutations dstui knows; each value is the word of the action log."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    PAUSE = "pause"
    UNPAUSE = "unpause"
    KILL = "kill"
    REMOVE = "remove"
    RENAME = "rename"
    TAG = "tag"
    UNTAG = "untag"
    PULL = "pull"
    PUSH = "push"
    SAVE = "save"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class Action:
    """One mutation of one object. Options that the verb does not use keep their defaults."""

    verb: Verb
    kind: Kind
    id: str
    name: str
    grace_s: int | None = None
    """Seconds before a stop becomes a kill; `None` leaves it to the engine (10 s by default)."""
    signal: str = "SIGKILL"
    force: bool = False
    """For a container: stop it gracefully, then remove it, killing what is left. For a tag or a
    file to save to: take it from what has it."""
    volumes: bool = False
    """Remove the container's anonymous volumes too."""
    parents: tuple[str, ...] = ()
    """The hidden images that an image was built on and that go with it; others stay."""
    new_name: str = ""
    """The name to be given: to a container, or as a reference to an image."""
    path: str = ""
    """The file that an image is saved to or loaded from."""
    unused_for_s: float | None = None
    """Remove a record of the build cache only if it was not used for so long."""

    @property
    def target(self) -> str:
        """How the command line names the object: by name where it has one, else by short id."""
        return self.name or short_id(self.id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action. `message` is the engine's own words when it failed."""

    action: Action
    ok: bool
    message: str = ""
    cause: str = ""
    fix: str = ""
    seconds: float = 0.0
    skipped: bool = False
    """It was not tried, as the object had changed since it was decided on."""
    freed_bytes: int | None = None
    """What a removal brought back, where that was worked out."""


def short_id(identifier: str) -> str:
    """The 12 characters by which `docker` shows an id."""
    return identifier.removeprefix("sha256:")[:12]


def docker_command(action: Action) -> str:
    """The `docker` command line that does the same, quoted for a POSIX shell."""
    line = shlex.join(["docker", *_words(action)])
    if action.kind is Kind.CONTAINER and action.verb is Verb.REMOVE and action.force:
        return f"{docker_command(replace(action, verb=Verb.STOP))} && {line}"
    return line


def _words(action: Action) -> list[str]:
    target = action.target
    match action.kind, action.verb:
        case Kind.CONTAINER, Verb.STOP | Verb.RESTART:
            grace = [] if action.grace_s is None else ["--time", str(action.grace_s)]
            return [action.verb.value, *grace, target]
        case Kind.CONTAINER, Verb.KILL:
            return ["kill", "--signal", action.signal, target]
        case Kind.CONTAINER, Verb.RENAME:
            return ["rename", target, action.new_name]
        case Kind.CONTAINER, Verb.REMOVE:
            force = ["--force"] if action.force else []
            volumes = ["--volumes"] if action.volumes else []
            return ["rm", *force, *volumes, target]
        case Kind.IMAGE, Verb.TAG:
            return ["tag", target, action.new_name]
        case Kind.IMAGE, Verb.UNTAG:
            return ["rmi", target]
        case Kind.IMAGE, Verb.SAVE:
            return ["save", "--output", action.path, target]
        case Kind.IMAGE, Verb.LOAD:
            return ["load", "--input", action.path]
        case Kind.IMAGE, Verb.REMOVE:
            return ["rmi", *(["--force"] if action.force else []), target]
        case ((Kind.VOLUME | Kind.NETWORK), Verb.REMOVE):
            return [action.kind.value, "rm", target]
        case Kind.BUILD_CACHE, Verb.REMOVE:
            return ["builder", "prune", "--force", "--all", "--filter", f"id={action.id}"]
        case _:
            return [action.verb.value, target]
