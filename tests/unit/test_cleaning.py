"""Executing a plan: object by object, while another client changes things and the engine fails."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dstui.background import Background, Cancellation
from dstui.demo import lifecycle
from dstui.demo.server import DemoServer
from dstui.demo.world import World
from dstui.domain.action import Outcome
from dstui.domain.cleanup.plan import ORDER, Plan
from dstui.domain.cleanup.planner import Choice, Planner
from dstui.domain.cleanup.report import CleanProgress, CleanReport, Fate
from dstui.domain.engine import Endpoint
from dstui.domain.kind import Kind
from dstui.domain.staleness.thresholds import Thresholds
from dstui.engine.cleaning import Cleaner, WrongEngineError, check_engine
from dstui.engine.cleanup_facts import engine_now, gather
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from dstui.engine.second_look import SecondLook
from tests.demo_fixtures import ServeDemo, serve_demo

__all__ = ["serve_demo"]

Step = Callable[[CleanProgress], object]


class Bench:
    """A simulated engine and a plan for it."""

    def __init__(self, server: DemoServer, **wishes: object) -> None:
        self.server = server
        self.world: World = server.world
        self.engine: Engine = connect((Endpoint(server.host, "a test"),))
        planner = Planner(gather(self.engine, Background()), Thresholds())
        usual = {"kinds": frozenset(ORDER), "owner": "all", "older_than_s": 0}
        self.plan: Plan = planner.plan(Choice(**{**usual, **wishes}))
        self.logged: list[Outcome] = []

    def run(self, step: Step = lambda progress: None, plan: Plan | None = None) -> CleanReport:
        """Execute the plan."""
        look = SecondLook(self.engine, (), ("owner",), engine_now(self.engine))
        cleaner = Cleaner(self.engine, plan or self.plan, look, self.logged.append)
        return cleaner.run(step, Cancellation(), lambda: None)

    def present(self) -> set[str]:
        """The ids of all that is there."""
        world = self.world
        return {
            *world.containers,
            *(image.id for image in world.images),
            *world.volumes,
            *(network.id for network in world.networks),
            *world.build_cache,
        }


@pytest.fixture
def bench(serve_demo: ServeDemo) -> Bench:
    return Bench(serve_demo(World(60, seed=3)))


def test_exactly_the_plan_goes(bench):
    before = bench.present()
    report = bench.run()
    assert report.complete, [(r.row.label, r.reason) for r in report.results if r.reason]
    assert before - bench.present() == {row.id for row in bench.plan.chosen}
    assert report.freed_bytes == bench.plan.total_bytes
    assert [outcome.freed_bytes for outcome in bench.logged if outcome.freed_bytes is not None]


def test_an_image_of_several_names_loses_them_one_by_one(bench):
    row = next(row for row in bench.plan.chosen if row.kind is Kind.IMAGE and not row.after)
    image = bench.world.image(row.id)
    image.tags.append("elsewhere/more:1")
    seen = replace(row.seen, references=tuple(image.tags))
    plan = replace(bench.plan, rows=(replace(row, seen=seen),))
    assert bench.run(plan=plan).complete
    assert [outcome.action.verb.value for outcome in bench.logged][-1] == "remove"
    assert row.id not in bench.present()


class SecondClient:
    """Somebody who changes things while a plan is executed, and what must not be lost by it."""

    def __init__(self, world: World, plan: Plan, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)
        self._rows = list(plan.chosen)
        self.spared: set[str] = set()
        self.removed: set[str] = set()

    def __call__(self, progress: CleanProgress) -> None:
        """Change something now and then, but not what is being removed."""
        if progress.result is None or self._random.random() < 0.5:
            return
        row = self._random.choice(self._rows)
        with self._world.lock:
            self._change(row)

    def _change(self, row) -> None:
        world = self._world
        if row.kind is Kind.CONTAINER and (found := world.containers.get(row.id)):
            if self._random.random() < 0.3:
                lifecycle.remove(world, found, True, False)
                self.removed.add(row.id)
            elif self._random.random() < 0.5:
                lifecycle.rename(world, found, f"mine-{self._random.random()}")
                self.spared.add(row.id)
            else:
                lifecycle.start(world, found) if not found.alive else None
                self.spared.add(row.id)
                found.batch = False
        elif row.kind is Kind.IMAGE:
            for image in world.images:
                if image.id == row.id:
                    image.tags.append(f"mine/{self._random.randrange(10**9)}:1")
                    self.spared.add(row.id)
        elif row.kind is Kind.VOLUME and row.id in world.volumes:
            world.volumes[row.id].created += 5
            self.spared.add(row.id)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_lost_that_was_not_on_the_list(serve_demo, seed):
    bench = Bench(serve_demo(World(40, seed=seed)))
    before = bench.present()
    other = SecondClient(bench.world, bench.plan, seed)
    for _ in range(8):  # between the plan and its execution
        with bench.world.lock:
            other._change(random.Random(seed).choice(bench.plan.chosen))
    report = bench.run(other)
    lost = before - bench.present() - other.removed
    assert lost <= {row.id for row in bench.plan.chosen}
    assert not lost & other.spared
    assert lost == {result.row.id for result in report.of(Fate.REMOVED)} - other.removed
    fates = [result.fate for result in report.results]
    assert len(fates) == len(bench.plan.chosen)
    assert Fate.FAILED not in fates, [(r.row.label, r.reason) for r in report.of(Fate.FAILED)]


def test_a_label_that_protects_saves_an_object_at_the_last_moment(bench):
    row = next(row for row in bench.plan.chosen if row.kind is Kind.VOLUME)
    bench.world.volumes[row.id].labels = {"dstui.keep-until": "2999-01-01"}
    report = bench.run()
    result = next(found for found in report.results if found.row.id == row.id)
    assert result.reason == "it is protected: label dstui.keep-until=2999-01-01"
    assert row.id in bench.present()


@pytest.mark.parametrize("status", [409, 500])
def test_a_refusal_in_the_middle_stops_nothing_else(bench, status):
    row = next(row for row in bench.plan.chosen if row.kind is Kind.IMAGE and not row.after)
    path = f"/images/{row.id}$"

    def fault(progress: CleanProgress) -> None:
        starts = progress.result is None and progress.row is row
        changes = {"path": path, "error_status": status if starts else 0}
        bench.server.apply_faults(changes)

    report = bench.run(fault)
    failed = report.of(Fate.FAILED)
    assert [result.row.id for result in failed] == [row.id]
    assert len(report.of(Fate.REMOVED)) == len(bench.plan.chosen) - 1
    assert row.id in bench.present()
    assert not report.lost


def test_what_is_gone_already_is_told(bench):
    row = bench.plan.chosen[0]
    with bench.world.lock:
        lifecycle.remove(bench.world, bench.world.containers[row.id], True, False)
    report = bench.run()
    assert (report.results[0].fate, report.results[0].reason) == (
        Fate.SKIPPED,
        "it was gone already",
    )


def test_the_first_loss_of_the_engine_ends_it(bench):
    def stop(progress: CleanProgress) -> None:
        if progress.result is not None and progress.done == 3:
            bench.server.stop()

    report = bench.run(stop)
    fates = [result.fate for result in report.results]
    assert fates[:4] == [Fate.REMOVED, Fate.REMOVED, Fate.REMOVED, Fate.FAILED]
    assert set(fates[4:]) == {Fate.NOT_DONE}
    assert report.lost
    assert "the engine was lost" in report.results[-1].reason


def test_a_plan_of_another_engine_is_refused(bench):
    check_engine(bench.plan, bench.engine.info)
    with pytest.raises(WrongEngineError, match="was made for the engine"):
        check_engine(replace(bench.plan, engine_id="another"), bench.engine.info)


def test_the_action_log_tells_what_was_skipped_and_what_came_back(tmp_path: Path):
    import json

    from dstui.actionlog import ActionLog
    from dstui.domain.action import Action, Verb
    from dstui.domain.engine import EngineInfo

    log = ActionLog(tmp_path / "actions.jsonl")
    info = EngineInfo("id", "box", "Docker", "27", "1.47", "unix:///x")
    action = Action(Verb.REMOVE, Kind.BUILD_CACHE, "a" * 25, "")
    log.write(info, Outcome(action, True, freed_bytes=7))
    log.write(info, Outcome(action, False, "it is running now", skipped=True))
    done, skipped = map(json.loads, (tmp_path / "actions.jsonl").read_text().splitlines())
    assert (done["outcome"], done["freed_bytes"]) == ("done", 7)
    assert done["command"] == f"docker builder prune --force --all --filter id={'a' * 25}"
    assert (skipped["outcome"], skipped["message"]) == ("skipped", "it is running now")
