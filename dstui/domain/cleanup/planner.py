"""From what is stale to a plan, and from one plan to the next as rows are ticked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from dstui.domain.cleanup.candidates import Candidates
from dstui.domain.cleanup.layer_bytes import Layers
from dstui.domain.cleanup.plan import ORDER, Plan, Row
from dstui.domain.cleanup.report import CleanReport, Fate
from dstui.domain.cleanup.weighing import Scales
from dstui.domain.kind import Kind
from dstui.domain.owner import DEFAULT_LABELS
from dstui.domain.staleness.facts import CleanupFacts
from dstui.domain.staleness.judge import Judgement, judge
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.staleness.verdict import Key, Verdict

EVERYBODY = "all"
MYSELF = "me"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked of a plan.

    `kinds` `None` is all of them, with volumes shown but not ticked. `owner` is `me`, `all` or a
    name; without one, what is known to be somebody else's is shown but not ticked.
    """

    kinds: frozenset[Kind] | None = None
    owner: str | None = None
    older_than_s: float | None = None
    goal_bytes: int | None = None
    """Tick only so much that this comes back, the least useful and oldest first."""
    only: frozenset[Key] | None = None
    """Nothing but these objects, and what has to go before them."""
    idle: bool = False
    """Stop and remove idle running containers too."""


EVERYTHING_STALE = Choice()


class Planner:
    """Makes plans from the facts of one moment. `me` are the names that the user goes by."""

    def __init__(
        self,
        facts: CleanupFacts,
        thresholds: Thresholds,
        me: Collection[str] = (),
        owner_labels: Iterable[str] = DEFAULT_LABELS,
    ) -> None:
        self.facts = facts
        self._thresholds = thresholds
        self._me = frozenset(me)
        self._owner_labels = tuple(owner_labels)
        self._candidates = Candidates(facts, self._me)
        self._layers = Layers(
            facts.images, facts.disk.shared_bytes, facts.layer_bytes, facts.held_layers
        )
        self._scales = Scales(facts, self._layers, self._candidates.size)
        self._anonymous = {volume.name for volume in facts.volumes if volume.anonymous}
        self._judgements: dict[float | None, Judgement] = {}

    def plan(self, choice: Choice = EVERYTHING_STALE) -> Plan:
        """The plan of a choice."""
        judgement = self._judgement(choice.older_than_s)
        wanted = [
            self._ticked(row, choice)
            for row in self._candidates.rows(judgement)
            if self._wanted(row, choice)
        ]
        rows = self._scales.weigh(sorted(self._related(wanted, choice), key=self._order))
        if choice.goal_bytes is not None:
            rows = self._scales.fill(rows, choice.goal_bytes)
        notes = (*self.facts.notes, *self.facts.estimates)
        if self._layers.estimates:
            notes = (*notes, "some layers have no known size: at least these bytes come back")
        shown = {row.key for row in rows}
        return Plan(
            self.facts.engine_id,
            self.facts.engine_name,
            self.facts.now,
            rows,
            tuple(kept for kept in judgement.kept if kept.protected and kept.key not in shown),
            judgement.advice,
            notes,
            bool(self._layers.estimates or self.facts.estimates),
            self.facts.data_root,
        )

    def tick(self, plan: Plan, keys: Iterable[Key], on: bool = True) -> Plan:
        """The plan with these rows ticked or not, and all its bytes anew."""
        changed = set(keys)
        rows = [
            replace(row, ticked=on, force=row.force and on) if row.key in changed else row
            for row in plan.rows
        ]
        return replace(plan, rows=self._scales.weigh(rows))

    def force(self, plan: Plan, keys: Iterable[Key], on: bool = True) -> Plan:
        """The plan with these running containers stopped and removed, or not."""
        changed = set(keys)
        rows = [
            replace(row, ticked=on, force=on) if row.key in changed and row.needs_force else row
            for row in plan.rows
        ]
        return replace(plan, rows=self._scales.weigh(rows))

    def reach(self, plan: Plan, goal_bytes: int) -> Plan:
        """The plan with only so much ticked, of what is ticked, that the goal is reached."""
        return replace(plan, rows=self._scales.fill(plan.rows, goal_bytes))

    def verdict(self, key: Key) -> Verdict | None:
        """Why an object is stale, or why it is kept."""
        judgement = self._judgement(None)
        verdicts: tuple[Verdict, ...] = (*judgement.stale, *judgement.kept)
        return next((verdict for verdict in verdicts if verdict.key == key), None)

    # What is wanted

    def _judgement(self, older_than_s: float | None) -> Judgement:
        if older_than_s not in self._judgements:
            thresholds = self._thresholds
            if older_than_s is not None:
                thresholds = thresholds.older_than(older_than_s)
            self._judgements[older_than_s] = judge(self.facts, thresholds, self._owner_labels)
        return self._judgements[older_than_s]

    def _wanted(self, row: Row, choice: Choice) -> bool:
        if choice.kinds is not None and row.kind not in choice.kinds:
            return False
        match choice.owner:
            case None | "all":
                return True
            case "me":
                return row.owner in self._me
        return row.owner == choice.owner

    @staticmethod
    def _ticked(row: Row, choice: Choice) -> Row:
        named = choice.kinds is not None and row.kind in choice.kinds
        ticked = row.ticked
        if row.others:
            ticked = choice.owner is not None  # they were asked for
        if row.kind is Kind.VOLUME:
            ticked = named and (not row.others or choice.owner is not None)
        if row.needs_force:
            ticked = choice.idle and (not row.others or choice.owner is not None)
        force = row.needs_force and ticked
        if (ticked, force) == (row.ticked, row.force):
            return row
        return replace(row, ticked=ticked, force=force)

    @staticmethod
    def _related(rows: list[Row], choice: Choice) -> list[Row]:
        if choice.only is None:
            return rows
        wanted = set(choice.only)
        for row in rows:
            if row.key in choice.only:
                wanted.update(row.after)
        return [row for row in rows if row.key in wanted]

    def _order(self, row: Row) -> tuple[int, int, float, str]:
        """Of images those with more layers first, as one may be built on another; of volumes those
        that nobody gave a name.
        """
        rank = 0
        if row.kind is Kind.IMAGE:
            rank = -self._layers.count(row.id)
        elif row.kind is Kind.VOLUME:
            rank = 0 if row.id in self._anonymous else 1
        return ORDER.index(row.kind), rank, -(row.age_s or 0.0), row.name


def weigh_again(report: CleanReport, planner: Planner) -> CleanReport:
    """The report with what came back when not all that was planned went: a layer stays as long as
    one of its images does.
    """
    if report.complete:
        return report
    stayed = [result.row.key for result in report.results if result.fate is not Fate.REMOVED]
    weighed = {row.key: row.bytes for row in planner.tick(report.plan, stayed, on=False).chosen}
    results = tuple(
        replace(result, bytes=weighed.get(result.row.key, result.bytes))
        if result.fate is Fate.REMOVED
        else result
        for result in report.results
    )
    return replace(report, results=results)
