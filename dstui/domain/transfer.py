"""Images on their way between registries, files and the engine: the request, progress, result."""

from dataclasses import dataclass
from enum import StrEnum

from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.kind import Kind
from dstui.domain.reference import Reference


@dataclass(frozen=True, slots=True)
class LayerProgress:
    """One layer. Bytes of the step that `status` names; `None` where the engine tells none."""

    id: str
    status: str
    current: int | None = None
    total: int | None = None
    done: bool = False

    @property
    def fraction(self) -> float | None:
        """How much of this step is done, from 0 to 1."""
        if self.done:
            return 1.0
        if self.current is None or not self.total:
            return None
        return min(1.0, self.current / self.total)


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """How far a transfer is."""

    layers: tuple[LayerProgress, ...] = ()
    fraction: float | None = None
    """Of the whole, from 0 to 1, never falling; `None` before anything is known."""
    message: str = ""
    """What the engine said last of the whole."""


class RefusedBy(StrEnum):
    """What a refused transfer failed at: which of these a person has to look after.

    A pull or push knows name, login and network; a save or load name and file; all know disk.
    """

    NAME = "name"
    LOGIN = "login"
    NETWORK = "network"
    FILE = "file"
    DISK = "disk"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What came of a transfer."""

    outcome: Outcome
    digest: str = ""
    """Of a pulled or pushed image, as the registry has it."""
    pinned: str = ""
    """The name by that digest, which always means the same bytes."""
    loaded: tuple[str, ...] = ()
    """The references, or else the ids, that a file brought."""
    notes: tuple[str, ...] = ()
    """What else happened: a name that an image here lost to one of the file."""
    refused_by: RefusedBy | None = None
    cancelled: bool = False


def pull(reference: Reference) -> Action:
    """Fetch an image from its registry."""
    return Action(Verb.PULL, Kind.IMAGE, "", reference.complete.familiar)


def push(reference: Reference, image_id: str = "") -> Action:
    """Send an image to its registry."""
    return Action(Verb.PUSH, Kind.IMAGE, image_id, reference.complete.familiar)


def save(name: str, path: str, image_id: str = "", overwrite: bool = False) -> Action:
    """Write an image to a file. By a reference its name is kept in there, by an id not."""
    return Action(Verb.SAVE, Kind.IMAGE, image_id, name, path=path, force=overwrite)


def load(path: str) -> Action:
    """Read the images of a file."""
    return Action(Verb.LOAD, Kind.IMAGE, "", "", path=path)


def tag(name: str, reference: Reference, image_id: str = "", move: bool = False) -> Action:
    """Give an image one more name; `move` takes it from another image that has it."""
    new_name = reference.complete.familiar
    return Action(Verb.TAG, Kind.IMAGE, image_id, name, new_name=new_name, force=move)


def untag(reference: Reference, image_id: str = "") -> Action:
    """Take a name from an image that has others."""
    return Action(Verb.UNTAG, Kind.IMAGE, image_id, reference.complete.familiar)
