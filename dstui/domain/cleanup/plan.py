"""A plan: which objects go, in which order, and what each brings back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dstui.domain.action import short_id
from dstui.domain.engine import EngineInfo
from dstui.domain.kind import Kind
from dstui.domain.seen import Seen
from dstui.domain.staleness.verdict import Kept, Key, Rule, Stale

ORDER = (Kind.CONTAINER, Kind.IMAGE, Kind.BUILD_CACHE, Kind.VOLUME, Kind.NETWORK)
"""The kinds in the order of their removal."""


class Recovery(StrEnum):
    """How to get back what was removed."""

    PULL = "pull"
    """Its registry has it."""
    MAYBE = "maybe-pull"
    """It has a digest, and its registry was not asked or did not answer."""
    REMAKE = "remake"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a plan.

    `bytes` come back with its removal after that of the rows before it, so that the sum over the
    chosen rows is true; `alone_bytes` if nothing else goes. `None` is "not known".
    """

    kind: Kind
    id: str
    name: str
    rule: Rule
    reason: str
    seen: Seen
    owner: str | None = None
    owner_evidence: str = ""
    others: bool = False
    """Whether it is known to be somebody else's."""
    age_s: float | None = None
    bytes: int | None = None
    alone_bytes: int | None = None
    ticked: bool = True
    needs_force: bool = False
    """It is running: only by force is it stopped and removed."""
    force: bool = False
    after: tuple[Key, ...] = ()
    """What uses it and has to go first."""
    parents: tuple[str, ...] = ()
    """The hidden images it was built on that go with it, the last of what was built on them."""
    blocked: str = ""
    """Why it stays though it is ticked: what uses it is not."""
    recovery: Recovery = Recovery.LOST
    recovery_words: str = ""

    @property
    def key(self) -> Key:
        """Which object."""
        return self.kind, self.id

    @property
    def wanted(self) -> bool:
        """Whether it is to be removed, if nothing blocks it."""
        return self.ticked and (self.force or not self.needs_force)

    @property
    def chosen(self) -> bool:
        """Whether it is going to be removed."""
        return self.wanted and not self.blocked

    @property
    def label(self) -> str:
        """What people know it by."""
        return self.name or short_id(self.id)


@dataclass(frozen=True, slots=True)
class Share:
    """What one owner has in a plan."""

    owner: str | None
    rows: tuple[Row, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be removed from one engine, in this order. Rows that are not chosen stay."""

    engine_id: str
    engine_name: str
    made: datetime
    """By the engine's clock."""
    rows: tuple[Row, ...]
    kept: tuple[Kept, ...] = ()
    """What is stale but stays, and why."""
    advice: tuple[Stale, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be known, and why the bytes are estimates, if they are."""
    estimate: bool = False
    data_root: str = ""
    """Where the engine keeps its data: two engines of one host can have one id (Docker 20.10)."""

    def is_for(self, engine: EngineInfo) -> bool:
        """Whether it was made for this engine.

        Podman makes up a new id for each answer: it is known by its host's name.
        """
        if (
            self.engine_name != engine.name
            or (self.data_root or engine.data_root) != engine.data_root
        ):
            return False
        return engine.product == "Podman" or self.engine_id == engine.id

    def not_for(self, engine: EngineInfo) -> str:
        """What is said of a plan that is not for this engine."""
        planned = ", ".join(filter(None, (self.engine_id, self.data_root)))
        here = ", ".join(filter(None, (engine.id, engine.data_root)))
        return (
            f"the plan was made for the engine {self.engine_name} ({planned}), "
            f"and this is {engine.name} ({here})"
        )

    @property
    def chosen(self) -> tuple[Row, ...]:
        """What is going to be removed."""
        return tuple(row for row in self.rows if row.chosen)

    @property
    def total_bytes(self) -> int:
        """What comes back, as far as it is known."""
        return sum(row.bytes or 0 for row in self.chosen)

    @property
    def unknown_sizes(self) -> int:
        """How many of the chosen rows have no known size."""
        return sum(row.bytes is None for row in self.chosen)

    @property
    def chosen_of_others(self) -> tuple[Row, ...]:
        """What is somebody else's and going to be removed: to be confirmed by its count."""
        return tuple(row for row in self.chosen if row.others)

    @property
    def perhaps_losses(self) -> tuple[Row, ...]:
        """The chosen rows that only a registry could bring back, which did not say so."""
        return tuple(row for row in self.chosen if row.recovery is Recovery.MAYBE)

    @property
    def losses(self) -> tuple[Row, ...]:
        """The chosen rows that nothing brings back."""
        return tuple(row for row in self.chosen if row.recovery is Recovery.LOST)

    def row(self, key: Key) -> Row | None:
        """The row of an object."""
        return next((row for row in self.rows if row.key == key), None)

    def by_owner(self) -> tuple[Share, ...]:
        """The rows of each owner, the one with most bytes first; `None` owns what nobody does."""
        groups: dict[str | None, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(row.owner, []).append(row)
        shares = (
            Share(owner, tuple(rows), _sum(row for row in rows if row.chosen))
            for owner, rows in groups.items()
        )
        return tuple(sorted(shares, key=lambda share: (-share.bytes, share.owner or "~")))


def _sum(rows: Iterable[Row]) -> int:
    return sum(row.bytes or 0 for row in rows)
