"""What the rules say of an object."""

from dataclasses import dataclass
from enum import StrEnum

from dstui.domain.kind import Kind
from dstui.domain.owner import Owner

Key = tuple[Kind, str]
"""Which object: its kind and its id."""


class Rule(StrEnum):
    """Why something is stale."""

    EXITED = "exited"
    CREATED = "never-started"
    IDLE = "idle"
    DANGLING = "dangling"
    SUPERSEDED = "superseded"
    UNUSED_IMAGE = "unused-image"
    UNUSED_VOLUME = "unused-volume"
    UNUSED_NETWORK = "unused-network"
    BUILD_CACHE = "unused-build-cache"
    LARGE_WRITABLE = "large-writable-layer"
    LARGE_LOG = "large-log"

    @property
    def advice(self) -> bool:
        """Whether it asks for a look, not for a removal."""
        return self in (Rule.LARGE_WRITABLE, Rule.LARGE_LOG)


@dataclass(frozen=True, slots=True)
class Stale:
    """An object that a rule found stale; `age_s` is what the rule went by, `None` if unknown."""

    kind: Kind
    id: str
    name: str
    rule: Rule
    reason: str
    age_s: float | None = None
    owner: Owner | None = None
    size_bytes: int | None = None
    """Of what is too large, where it is that."""

    @property
    def key(self) -> Key:
        """Which object."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class Kept:
    """An object that stays, and why. `protected`: by a label or an exception, though stale."""

    kind: Kind
    id: str
    name: str
    why: str
    protected: bool = False
    rule: Rule | None = None
    """The rule that it would fall under, where it is protected."""

    @property
    def key(self) -> Key:
        """Which object."""
        return self.kind, self.id


Verdict = Stale | Kept
