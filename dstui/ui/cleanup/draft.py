"""The plan as the person makes it: what was asked for, and what was ticked by hand."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from dstui.domain.cleanup.plan import Plan
from dstui.domain.cleanup.planner import Choice, Planner
from dstui.domain.cleanup.pulling import with_answers
from dstui.domain.registry_answer import RegistryAnswer
from dstui.domain.staleness.verdict import Key, Rule, Verdict


class Draft:
    """Keeps what was decided by hand while rules, ages and facts change around it. Pure."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self._choice = Choice()
        self._by_hand: dict[Key, bool] = {}
        self._answers: dict[str, RegistryAnswer] = {}
        self.off: frozenset[Rule] = frozenset()
        """The rules that are switched off."""
        self.goal_bytes: int | None = None
        self.every = self.plan = planner.plan(self._choice)
        """`every` has what the rules find that are off, too."""

    @property
    def older_than_s(self) -> float | None:
        """The one age for all rules; `None` leaves each its own."""
        return self._choice.older_than_s

    # What is asked for

    def renew(self, planner: Planner) -> None:
        """The same wishes over newer facts."""
        self.planner = planner
        self._make()

    def set_older_than(self, seconds: float | None) -> None:
        """One age for all rules, or each its own."""
        self._choice = replace(self._choice, older_than_s=seconds)
        self._make()

    def switch_rules_off(self, rules: Collection[Rule]) -> None:
        """All rules but these count."""
        self.off = frozenset(rules)
        self._make()

    def reach(self, goal_bytes: int | None) -> bool:
        """Tick only what it takes to get so many bytes; whether there are as many.

        Without a goal everything is as it was proposed at first.
        """
        self._by_hand = {}
        self.goal_bytes = goal_bytes
        self._make()
        if goal_bytes is None:
            return True
        self.plan = self.planner.reach(self.plan, goal_bytes)
        self._by_hand = {row.key: row.chosen for row in self.plan.rows}
        return self.plan.total_bytes >= goal_bytes

    def _make(self) -> None:
        plan = self.every = self.planner.plan(self._choice)
        rows = tuple(row for row in plan.rows if row.rule not in self.off)
        advice = tuple(found for found in plan.advice if found.rule not in self.off)
        self.plan = with_answers(replace(plan, rows=rows, advice=advice), self._answers)
        known = {row.key for row in rows}
        self._set([key for key, on in self._by_hand.items() if on and key in known], True)
        self._set([key for key, on in self._by_hand.items() if not on and key in known], False)

    def learn(self, image_id: str, answer: RegistryAnswer) -> None:
        """What a registry answered."""
        self._answers[image_id] = answer
        self.plan = with_answers(self.plan, {image_id: answer})

    # Ticks

    def tick(self, keys: Iterable[Key], on: bool) -> None:
        """Tick these, or not; of what runs this means that it is stopped first."""
        wanted = tuple(keys)
        self.goal_bytes = None
        self._by_hand.update(dict.fromkeys(wanted, on))
        self._set(wanted, on)

    def _set(self, keys: Collection[Key], on: bool) -> None:
        running = {row.key for row in self.plan.rows if row.needs_force}
        plan = self.planner.tick(self.plan, [key for key in keys if key not in running], on)
        self.plan = self.planner.force(plan, [key for key in keys if key in running], on)

    def within(self, keys: Collection[Key]) -> Plan:
        """The plan with nothing ticked but among these: what is not seen is not removed."""
        hidden = [row.key for row in self.plan.rows if row.ticked and row.key not in keys]
        return self.planner.tick(self.plan, hidden, False) if hidden else self.plan

    def verdict(self, key: Key) -> Verdict | None:
        """Why an object is stale, or why it is kept."""
        return self.planner.verdict(key)
