"""What came of a plan."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from dstui.domain.cleanup.plan import Plan, Row
from dstui.domain.kind import Kind
from dstui.domain.quantity import decimal_bytes

_WORDS = {
    Kind.CONTAINER: ("container", "containers"),
    Kind.IMAGE: ("image", "images"),
    Kind.VOLUME: ("volume", "volumes"),
    Kind.NETWORK: ("network", "networks"),
    Kind.BUILD_CACHE: ("cache record", "cache records"),
}


class Fate(StrEnum):
    """What became of an object of a plan."""

    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"
    NOT_DONE = "not-done"


@dataclass(frozen=True, slots=True)
class RowResult:
    """One object: what became of it and why. `bytes` came back; `None` is "not known"."""

    row: Row
    fate: Fate
    reason: str = ""
    bytes: int | None = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CleanReport:
    """All objects of a plan. `measured_bytes` is what the engine's disk has more free than
    before, which others may have moved too; `None` where it cannot be seen.
    """

    plan: Plan
    results: tuple[RowResult, ...]
    measured_bytes: int | None = None
    lost: str = ""
    """Why the engine was lost on the way; empty when it was not."""
    cancelled: bool = False

    @property
    def expected_bytes(self) -> int:
        """What the plan said."""
        return self.plan.total_bytes

    @property
    def freed_bytes(self) -> int:
        """What came back by the sizes of what is removed."""
        return sum(result.bytes or 0 for result in self.of(Fate.REMOVED))

    @property
    def complete(self) -> bool:
        """Whether everything of the plan is removed."""
        return all(result.fate is Fate.REMOVED for result in self.results)

    def of(self, fate: Fate) -> tuple[RowResult, ...]:
        """The results of one fate."""
        return tuple(result for result in self.results if result.fate is fate)


@dataclass(frozen=True, slots=True)
class CleanProgress:
    """How far a cleanup has come; `row` is being removed, or was the last."""

    done: int
    total: int
    row: Row
    result: RowResult | None = None
    """What became of `row`; `None` as it begins."""


Progress = Callable[[CleanProgress], object]


def plan_summary(plan: Plan) -> str:
    """One line: `3 containers, 2 images: 4.2GB come back`."""
    about = "about " if plan.estimate else ""
    if not plan.chosen:
        return "nothing to remove"
    unknown = f", and {plan.unknown_sizes} of unknown size" if plan.unknown_sizes else ""
    return f"{counted(plan.chosen)}: {about}{decimal_bytes(plan.total_bytes)} to come back{unknown}"


def report_summary(report: CleanReport) -> str:
    """One line for mail: what was removed, what came back, what was not done."""
    removed = report.of(Fate.REMOVED)
    freed = decimal_bytes(report.freed_bytes)
    parts = [f"removed {counted([result.row for result in removed]) or 'nothing'}, freed {freed}"]
    if report.measured_bytes is not None:
        parts.append(f"disk {_signed(report.measured_bytes)} free")
    parts.extend(
        f"{len(results)} {fate.value.replace('-', ' ')}"
        for fate in (Fate.SKIPPED, Fate.FAILED, Fate.NOT_DONE)
        if (results := report.of(fate))
    )
    if report.lost:
        parts.append(f"engine lost: {report.lost}")
    return "; ".join(parts)


def counted(rows: tuple[Row, ...] | list[Row]) -> str:
    """`3 containers, 1 image`."""
    words = []
    for kind, (one, several) in _WORDS.items():
        if count := sum(row.kind is kind for row in rows):
            words.append(f"{count} {one if count == 1 else several}")
    return ", ".join(words)


def _signed(count: int) -> str:
    return f"{'-' if count < 0 else '+'}{decimal_bytes(abs(count))}"
