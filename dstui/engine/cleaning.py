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
from dstui.domain.staleness.facts import BuildRecord
from dstui.domain.staleness.verdict import Key
from dstui.engine.actions import perform
from dstui.engine.as_seen import steps, with_parents_as_shown
from dstui.engine.build_cache import records
from dstui.engine.client import Engine
from dstui.engine.second_look import SecondLook

_CLOCK_MARGIN_S = 5.0
_GONE = "it was gone already"
_NEEDED = "what uses it was not removed"

Log = Callable[[Outcome], object]
Free = Callable[[], int | None]
"""The free bytes of the engine's disk, where they can be seen."""


class WrongEngineError(EngineError):
    """The plan was made for another engine."""


def check_engine(plan: Plan, info: EngineInfo) -> None:
    """Raise `WrongEngineError` unless this is the engine of the plan."""
    if not plan.is_for(info):
        raise WrongEngineError(plan.not_for(info))


class Cleaner:
    """One execution of a plan. `log` hears of every mutation."""

    def __init__(self, engine: Engine, plan: Plan, look: SecondLook, log: Log) -> None:
        self._engine = engine
        self._plan = plan
        self._look = look
        self._log = log
        self._fates: dict[Key, Fate] = {}
        self._refusals: dict[Key, Outcome] = {}
        """Why the engine did not remove a row when it was tried last."""
        self._done = 0
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
        """All rows; records that the engine held are tried again as long as more becomes free."""
        rows = self._plan.chosen
        while rows:
            held: list[RowResult] = []
            freed = False
            for row in rows:
                result = self._tried(row, progress, cancellation)
                if _may_become_free(result):
                    held.append(result)
                else:
                    freed = freed or result.fate is Fate.REMOVED
                    yield self._told(result, progress)
            if not freed or self._lost or cancellation.called:
                yield from (self._told(result, progress) for result in self._explained(held))
                return
            rows = tuple(result.row for result in held)

    def _tried(self, row: Row, progress: Progress, cancellation: Cancellation) -> RowResult:
        """What comes of a row now, unless the cleanup has ended."""
        if self._lost or cancellation.called:
            why = f"the engine was lost: {self._lost}" if self._lost else "cancelled"
            return RowResult(row, Fate.NOT_DONE, why)
        progress(CleanProgress(self._done, len(self._plan.chosen), row))
        began = time.monotonic()
        result = replace(self._removed(row), seconds=time.monotonic() - began)
        self._fates[row.key] = result.fate
        return result

    def _told(self, result: RowResult, progress: Progress) -> RowResult:
        """The log and `progress` hear of it, as nothing more will be tried."""
        refusal = self._refusals.pop(result.row.key, None)
        if result.fate is Fate.SKIPPED:
            self._log(_skip(result))
        elif refusal is not None and result.fate is Fate.FAILED:
            self._log(refusal)
        if result.fate is not Fate.NOT_DONE:
            self._done += 1
            progress(CleanProgress(self._done, len(self._plan.chosen), result.row, result))
        return result

    def _removed(self, row: Row) -> RowResult:
        """Remove one object, unless it changed."""
        if self._needed(row) and row.kind is not Kind.BUILD_CACHE:
            return RowResult(row, Fate.SKIPPED, _NEEDED)
        try:
            look = self._look.at(row)
        except EngineError as error:
            return self._not_removed(row, error.message)
        if look.changed:
            return RowResult(row, Fate.SKIPPED, look.changed)
        removal = with_parents_as_shown(self._engine, _removal(row, self._unused_s(row)))
        for action in steps(removal, look):
            outcome = perform(self._engine, action)
            if not outcome.ok:
                self._refusals[row.key] = outcome
                cause = f": {outcome.cause}" if outcome.cause else ""
                return self._not_removed(row, outcome.message + cause)
            last = action.verb is Verb.REMOVE
            self._log(replace(outcome, freed_bytes=row.bytes) if last else outcome)
        return RowResult(row, Fate.REMOVED, bytes=row.bytes)

    def _not_removed(self, row: Row, words: str) -> RowResult:
        """It may have gone by other hands, or the engine with it."""
        try:
            self._engine.ping()
            self._look.at(row)
        except EngineError as error:
            if error.gone:
                return RowResult(row, Fate.SKIPPED, _GONE)
            if error.status is None:
                self._lost = error.message
        return RowResult(row, Fate.FAILED, words)

    def _explained(self, held: list[RowResult]) -> list[RowResult]:
        """Records that went, or were used, by other hands are no failure."""
        if self._lost or not held:
            return held
        try:
            there = records(self._engine)
        except EngineError:
            return held
        return [self._since_the_plan(result, there.get(result.row.id)) for result in held]

    def _since_the_plan(self, result: RowResult, record: BuildRecord | None) -> RowResult:
        """What happened to a record that was not removed, as it is there now."""
        if record is None:
            why = _GONE
        elif record.in_use:
            why = "a build uses it now"
        elif record.last_used != result.row.seen.last_used:
            why = "it was used since the plan"
        elif self._needed(result.row):
            why = _NEEDED
        else:
            return result
        return replace(result, fate=Fate.SKIPPED, reason=why)

    def _needed(self, row: Row) -> bool:
        """Whether something stays that had to go before it. The engine knows it of records."""
        return any(self._fates.get(key, Fate.REMOVED) is not Fate.REMOVED for key in row.after)

    def _unused_s(self, row: Row) -> float | None:
        """How long a record is not used by now, if it was not used since the plan."""
        used = row.seen.last_used or row.seen.created
        if row.kind is not Kind.BUILD_CACHE or used is None:
            return None
        now = self._look.now + timedelta(seconds=time.monotonic() - self._began)
        return max(0.0, (now - used).total_seconds() - _CLOCK_MARGIN_S)


def _may_become_free(result: RowResult) -> bool:
    """The engine holds a record for others that may go yet, and does not tell all of these."""
    return result.fate is Fate.FAILED and result.row.kind is Kind.BUILD_CACHE


def _skip(result: RowResult) -> Outcome:
    row = result.row
    action = Action(Verb.REMOVE, row.kind, row.id, row.name)
    return Outcome(action, False, result.reason, skipped=True)


def _removal(row: Row, idle_s: float | None) -> Action:
    """An image goes with all names that the plan shows."""
    force = row.force or row.kind is Kind.IMAGE
    return Action(
        Verb.REMOVE,
        row.kind,
        row.id,
        row.name,
        force=force,
        parents=row.parents,
        unused_for_s=idle_s,
    )
