"""Executes a plan: one object after the other, each by its id and after a second look."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from dstui.background import Cancellation
from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.cleanup.plan import Plan, Row
from dstui.domain.cleanup.report import CleanProgress, CleanReport, Fate, Progress, RowResult
from dstui.domain.engine import EngineError, EngineInfo
from dstui.domain.kind import Kind
from dstui.domain.staleness.verdict import Key
from dstui.engine.actions import perform
from dstui.engine.client import Engine
from dstui.engine.second_look import SecondLook

_CLOCK_MARGIN_S = 5.0

Log = Callable[[Outcome], object]
Free = Callable[[], int | None]
"""The free bytes of the engine's disk, where they can be seen."""


class WrongEngineError(EngineError):
    """The plan was made for another engine."""


def check_engine(plan: Plan, info: EngineInfo) -> None:
    """Raise `WrongEngineError` unless this is the engine of the plan."""
    if not plan.is_for(info):
        raise WrongEngineError(
            f"the plan was made for the engine {plan.engine_name} ({plan.engine_id}), "
            f"and this is {info.name} ({info.id})"
        )


class Cleaner:
    """One execution of a plan. `log` hears of every mutation."""

    def __init__(self, engine: Engine, plan: Plan, look: SecondLook, log: Log) -> None:
        self._engine = engine
        self._plan = plan
        self._look = look
        self._log = log
        self._fates: dict[Key, Fate] = {}
        self._lost = ""
        self._began = time.monotonic()

    def run(self, progress: Progress, cancellation: Cancellation, free: Free) -> CleanReport:
        """Remove what was chosen. Ends early when cancelled, or when the engine is lost."""
        before = free()
        results = tuple(self._results(progress, cancellation))
        after = free() if any(found.fate is Fate.REMOVED for found in results) else before
        measured = None if before is None or after is None else after - before
        return CleanReport(self._plan, results, measured, self._lost, cancellation.called)

    def _results(self, progress: Progress, cancellation: Cancellation) -> Iterator[RowResult]:
        rows = self._plan.chosen
        for place, row in enumerate(rows):
            if self._lost or cancellation.called:
                why = f"the engine was lost: {self._lost}" if self._lost else "cancelled"
                yield RowResult(row, Fate.NOT_DONE, why)
                continue
            progress(CleanProgress(place, len(rows), row))
            began = time.monotonic()
            result = replace(self._removed(row), seconds=time.monotonic() - began)
            self._fates[row.key] = result.fate
            progress(CleanProgress(place + 1, len(rows), row, result))
            yield result

    def _removed(self, row: Row) -> RowResult:
        """Remove one object, unless it changed."""
        if any(self._fates.get(key, Fate.REMOVED) is not Fate.REMOVED for key in row.after):
            return self._skipped(row, "what uses it was not removed")
        try:
            look = self._look.at(row)
        except EngineError as error:
            return self._not_removed(row, error.message)
        if look.changed:
            return self._skipped(row, look.changed)
        for action in _actions(row, look.references, self._unused_s(row)):
            outcome = perform(self._engine, action)
            last = outcome.ok and action.verb is Verb.REMOVE
            self._log(replace(outcome, freed_bytes=row.bytes) if last else outcome)
            if not outcome.ok:
                cause = f": {outcome.cause}" if outcome.cause else ""
                return self._not_removed(row, outcome.message + cause)
        return RowResult(row, Fate.REMOVED, bytes=row.bytes)

    def _skipped(self, row: Row, why: str) -> RowResult:
        self._log(
            Outcome(Action(Verb.REMOVE, row.kind, row.id, row.name), False, why, skipped=True)
        )
        return RowResult(row, Fate.SKIPPED, why)

    def _not_removed(self, row: Row, words: str) -> RowResult:
        """It may have gone by other hands, or the engine with it."""
        try:
            self._engine.ping()
            self._look.at(row)
        except EngineError as error:
            if error.gone:
                return self._skipped(row, "it was gone already")
            if error.status is None:
                self._lost = error.message
        return RowResult(row, Fate.FAILED, words)

    def _unused_s(self, row: Row) -> float | None:
        """How long a record is not used by now, if it was not used since the plan."""
        used = row.seen.last_used or row.seen.created
        if row.kind is not Kind.BUILD_CACHE or used is None:
            return None
        now = self._look.now + timedelta(seconds=time.monotonic() - self._began)
        return max(0.0, (now - used).total_seconds() - _CLOCK_MARGIN_S)


def _actions(row: Row, references: tuple[str, ...], idle_s: float | None) -> Iterator[Action]:
    """An image is removed by its id once it has one name at most, as force would be needed."""
    if row.kind is Kind.IMAGE:
        for name in references[1:]:
            yield Action(Verb.UNTAG, row.kind, row.id, name)
    name = references[0] if references else row.name
    yield Action(Verb.REMOVE, row.kind, row.id, name, force=row.force, unused_for_s=idle_s)
