"""Whatever the records of a build cache were made from, all go that the engine would let go."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dstui.background import Background, Cancellation
from dstui.domain.action import Outcome
from dstui.domain.cleanup.planner import Planner
from dstui.domain.cleanup.report import CleanProgress, CleanReport, Fate
from dstui.domain.engine import Endpoint
from dstui.domain.kind import Kind
from dstui.domain.staleness.facts import BuildRecord
from dstui.domain.staleness.thresholds import Thresholds
from dstui.engine.cleaning import Cleaner
from dstui.engine.cleanup_facts import engine_now, gather
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from dstui.engine.second_look import SecondLook
from tests.cleanup_facts import ago, facts
from tests.scripted_engine import Reply, ScriptedEngine, scripted_engine

Parents = dict[str, tuple[str, ...]]


@st.composite
def histories(draw: st.DrawFn) -> Parents:
    """Which records each one was made from, in any order: every graph without a circle."""
    count = draw(st.integers(1, 9))
    names = [f"{place:025d}" for place in range(count)]
    made: Parents = {}
    for place, name in enumerate(names):
        before = names[:place]
        made[name] = tuple(draw(st.lists(st.sampled_from(before), unique=True))) if before else ()
    return {name: made[name] for name in draw(st.permutations(names))}


class Cache:
    """The build cache of an engine that holds what another record was made from."""

    def __init__(self, made: Parents, told: bool) -> None:
        self.made = dict(made)
        self._told = told

    def listed(self, query: dict[str, str]) -> Reply:
        """The answer of `system/df`."""
        rows = [
            {
                "ID": name,
                **({" Parents": list(parents)} if self._told and parents else {}),
                "Size": 1,
                "CreatedAt": "2026-01-01T00:00:00Z",
                "LastUsedAt": "2026-01-02T00:00:00Z",
            }
            for name, parents in self.made.items()
        ]
        return 200, {"LayersSize": 0, "BuildCache": rows}

    def pruned(self, query: dict[str, str]) -> Reply:
        """Removes the record that is asked for, unless one is made from it."""
        (name,) = json.loads(query["filters"])["id"]
        free = name in self.made and all(name not in parents for parents in self.made.values())
        if free:
            del self.made[name]
        return 200, {"CachesDeleted": [name] if free else None, "SpaceReclaimed": int(free)}


class Bench:
    """A plan for such a cache, and its execution."""

    def __init__(self, scripted: ScriptedEngine, engine: Engine) -> None:
        self._scripted = scripted
        self._engine = engine
        self.logged: list[Outcome] = []
        self.steps: list[CleanProgress] = []

    def clean(self, cache: Cache, between: Callable[[], object] = lambda: None) -> CleanReport:
        """Remove all of it; `between` the plan and its execution something else may happen."""
        self._scripted.routes["GET /system/df"] = cache.listed
        self._scripted.routes["POST /build/prune"] = cache.pruned
        self.logged, self.steps = [], []
        plan = Planner(gather(self._engine, Background()), Thresholds()).plan()
        between()
        look = SecondLook(self._engine, (), (), engine_now(self._engine))
        cleaner = Cleaner(self._engine, plan, look, self.logged.append)
        return cleaner.run(self.steps.append, Cancellation(), lambda: None)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    path: Path = tmp_path_factory.mktemp("cache") / "engine.sock"
    with scripted_engine(path) as scripted:
        scripted.routes["GET /version"] = (200, {"Components": [{"Name": "Engine"}]})
        engine = connect((Endpoint(scripted.host, "a test"),))
        yield Bench(scripted, engine)
        engine.close()


@given(histories())
def test_a_plan_has_each_record_after_all_that_were_made_from_it(made):
    records = tuple(
        BuildRecord(name, size_bytes=1, last_used=ago(40), parents=parents)
        for name, parents in made.items()
    )
    rows = Planner(facts(build_cache=records), Thresholds()).plan().chosen
    place = {row.id: number for number, row in enumerate(rows)}
    assert place.keys() == made.keys()
    for name, parents in made.items():
        assert all(place[name] < place[parent] for parent in parents)


@settings(max_examples=25, deadline=None)
@given(made=histories(), told=st.booleans())
def test_all_go_whether_or_not_the_engine_tells_their_parents(bench, made, told):
    cache = Cache(made, told)
    report = bench.clean(cache)
    assert report.complete and not cache.made
    assert {result.row.id for result in report.results} == made.keys()
    assert len(report.results) == len(made)
    assert all(outcome.ok for outcome in bench.logged) and len(bench.logged) == len(made)
    told_done = [step.done for step in bench.steps if step.result is not None]
    assert told_done == list(range(1, len(made) + 1))


@settings(max_examples=25, deadline=None)
@given(made=histories(), told=st.booleans(), seed=st.integers(0, 99))
def test_what_a_prune_would_leave_is_all_that_fails(bench, made, told, seed):
    """A record that came since the plan holds what it was made from, and what that is of."""
    cache = Cache(made, told)
    base = Random(seed).choice(list(made))
    report = bench.clean(cache, lambda: cache.made.update({"new".rjust(25, "0"): (base,)}))
    held, waiting = set(), [base]
    while waiting:
        name = waiting.pop()
        held.add(name)
        waiting += made[name]
    assert {result.row.id for result in report.results if result.fate is Fate.REMOVED} == (
        made.keys() - held
    )
    assert {result.row.id for result in report.of(Fate.FAILED)} >= {base}
    assert all(result.row.kind is Kind.BUILD_CACHE for result in report.results)


@settings(max_examples=25, deadline=None)
@given(made=histories(), told=st.booleans(), seed=st.integers(0, 99))
def test_what_went_by_other_hands_fails_nothing(bench, made, told, seed):
    cache = Cache(made, told)
    free = [name for name in made if all(name not in parents for parents in made.values())]
    gone = Random(seed).choice(free)
    report = bench.clean(cache, lambda: cache.made.pop(gone))
    assert not cache.made
    assert {result.row.id for result in report.of(Fate.REMOVED)} == made.keys() - {gone}
    (skipped,) = report.of(Fate.SKIPPED)
    assert (skipped.row.id, skipped.reason) == (gone, "it was gone already")
