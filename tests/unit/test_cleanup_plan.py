"""Plans: what is chosen, in which order, for how many bytes, and what is not."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.cleanup.disk_report import Part, disk_report
from dstui.domain.cleanup.plan import ORDER, Plan, Recovery
from dstui.domain.cleanup.planner import Choice, Planner, weigh_again
from dstui.domain.cleanup.pulling import with_answers
from dstui.domain.cleanup.report import CleanReport, Fate, RowResult, plan_summary, report_summary
from dstui.domain.cleanup.saved import PlanFileError, plan_json, read_plan
from dstui.domain.container import Mount, State
from dstui.domain.engine import EngineInfo
from dstui.domain.kind import Kind
from dstui.domain.registry_answer import RegistryAnswer
from dstui.domain.staleness.facts import BuildRecord
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.volume import Volume
from tests.cleanup_facts import ago, container, facts, image

BASE = image("base", ["x"], 100)
APP = image("app", ["x", "y"], 150, created=ago(70), digests=("app@sha256:1",))
OTHER = image("other", ["x", "z"], 170, created=ago(50))
JOB = container("job", image_id=APP.id, labels={"owner": "ann"})
LAB = container("lab", State.RUNNING, started=ago(1))
VOLUME = Volume("data", "local", "/v", ago(90))
RECORDS = (
    BuildRecord("a" * 25, size_bytes=30, last_used=ago(40)),
    BuildRecord("b" * 25, size_bytes=20, last_used=ago(50), parents=("a" * 25,)),
    BuildRecord("c" * 25, size_bytes=100, last_used=ago(50), shared=True),
)


def a_mess(**changes):
    return facts(
        **{
            "containers": [JOB, LAB],
            "images": [BASE, APP, OTHER],
            "volumes": (VOLUME,),
            "build_cache": RECORDS,
            "disk": {
                "layers_bytes": 220,
                "shared_bytes": {one.id: 100 for one in (BASE, APP, OTHER)},
                "writable_bytes": {JOB.id: 5, LAB.id: 9},
                "volume_bytes": {"data": 40},
            },
            **changes,
        }
    )


def planner(me=("ann",), **changes) -> Planner:
    return Planner(a_mess(**changes), Thresholds(), me)


def chosen(plan) -> list[str]:
    return [row.name or row.id for row in plan.chosen]


def test_the_order_is_that_of_a_removal_that_works():
    rows = planner().plan(Choice(owner="all", kinds=frozenset(ORDER))).chosen
    kinds = [row.kind for row in rows]
    assert kinds == sorted(kinds, key=ORDER.index)
    places = {row.id: place for place, row in enumerate(rows)}
    assert places[APP.id] < places[BASE.id] > places[OTHER.id]
    assert places["b" * 25] < places["a" * 25]


def test_the_sum_is_what_the_disk_gets_back():
    plan = planner().plan()
    assert plan.total_bytes == 5 + 220 + 50
    assert {row.name: row.bytes for row in plan.rows if row.kind is Kind.IMAGE} == {
        "app:1": 50,
        "other:1": 70,
        "base:1": 100,
    }
    assert plan.row((Kind.IMAGE, BASE.id)).alone_bytes == 0
    assert plan.row((Kind.BUILD_CACHE, "c" * 25)).bytes == 0  # an image's layer, counted there


def test_ticks_are_weighed_anew():
    planning = planner()
    plan = planning.plan()
    without = planning.tick(plan, [(Kind.IMAGE, OTHER.id)], on=False)
    assert plan.total_bytes - without.total_bytes == 70 + 100
    blocked = planning.tick(plan, [JOB_KEY], on=False)
    assert blocked.row((Kind.IMAGE, APP.id)).blocked == "job uses it and stays"
    assert planning.tick(blocked, [JOB_KEY]).total_bytes == plan.total_bytes


JOB_KEY = (Kind.CONTAINER, JOB.id)


def test_volumes_go_only_when_they_are_asked_for():
    assert "data" not in chosen(planner().plan())
    assert chosen(planner().plan(Choice(kinds=frozenset({Kind.VOLUME})))) == ["data"]


def test_what_is_somebody_elses_is_marked_and_not_ticked():
    plan = planner(me=("bob",)).plan()
    assert plan.row(JOB_KEY).others
    assert "job" not in chosen(plan)
    asked = planner(me=("bob",)).plan(Choice(owner="ann"))
    assert "job" in chosen(asked)
    assert {row.name for row in asked.chosen_of_others} == {"job", "app:1"}
    assert planner(me=("bob",)).plan(Choice(owner="me")).rows == ()


def test_running_as_root_names_nobody():
    job = container("job", user="")
    plan = planner(me=("bob",), containers=[job]).plan()
    assert not plan.row((Kind.CONTAINER, job.id)).others


def test_owners_and_their_shares():
    shares = planner().plan().by_owner()
    assert [(share.owner, share.bytes) for share in shares] == [(None, 220), ("ann", 55)]


def test_a_goal_takes_the_least_useful_first_and_no_more_than_needed():
    plan = planner().plan(Choice(goal_bytes=20))
    assert chosen(plan) == ["b" * 12]
    assert planner().plan(Choice(goal_bytes=10**9)).total_bytes == planner().plan().total_bytes


@given(st.integers(0, 400))
def test_a_goal_is_reached_if_it_can_be(goal):
    everything = planner().plan()
    plan = planner().plan(Choice(goal_bytes=goal))
    assert plan.total_bytes >= min(goal, everything.total_bytes)
    assert set(chosen(plan)) <= set(chosen(everything))


def test_idle_containers_only_by_force():
    idle = container("lab", State.PAUSED, started=ago(9))
    found = a_mess(containers=[idle])
    from dstui.domain.staleness.facts import Activity

    planning = Planner(replace(found, activity={idle.id: Activity(cpu_ns=0)}), Thresholds())
    plan, key = planning.plan(), (Kind.CONTAINER, idle.id)
    assert plan.row(key).needs_force and not plan.row(key).chosen
    assert not planning.tick(plan, [key]).row(key).chosen
    assert planning.force(plan, [key]).row(key).chosen
    assert planning.plan(Choice(idle=True)).row(key).force


def test_one_object_and_what_has_to_go_before_it():
    plan = planner().plan(Choice(only=frozenset({(Kind.IMAGE, APP.id)})))
    assert chosen(plan) == ["job", "app:1"]


def test_what_can_be_got_back_is_said():
    rows = {row.id: row for row in planner().plan().rows}
    assert rows[APP.id].recovery is Recovery.MAYBE
    assert "docker pull app@sha256:1, if its registry has it" in rows[APP.id].recovery_words
    assert rows[BASE.id].recovery is Recovery.LOST
    assert "docker commit" in rows[JOB.id].recovery_words
    assert rows["data"].recovery is Recovery.LOST


def test_a_digest_is_no_proof_but_the_answer_of_its_registry_is():
    plan = planner().plan()
    there = RegistryAnswer(True, "app@sha256:1")
    recovery, words = row_with(plan, there)
    assert (recovery, words) == (Recovery.PULL, "docker pull app@sha256:1")
    recovery, words = row_with(plan, RegistryAnswer(False, "app@sha256:1", "it does not have it"))
    assert (recovery, words) == (Recovery.LOST, "it does not have it: save or push it first")
    recovery, words = row_with(plan, RegistryAnswer(None, "app@sha256:1", "no such host"))
    assert (recovery, "no such host" in words) == (Recovery.MAYBE, True)


def row_with(plan: Plan, answer: RegistryAnswer) -> tuple[Recovery, str]:
    row = with_answers(plan, {APP.id: answer}).row((Kind.IMAGE, APP.id))
    return row.recovery, row.recovery_words


def test_a_tick_keeps_what_a_registry_answered():
    planning = planner()
    plan = with_answers(planning.plan(), {APP.id: RegistryAnswer(True, "app@sha256:1")})
    again = planning.tick(plan, [JOB_KEY], on=False)
    assert again.row((Kind.IMAGE, APP.id)).recovery is Recovery.PULL


def test_why_an_image_is_kept():
    used = a_mess(containers=[container("lab", State.RUNNING, image_id=APP.id)])
    assert Planner(used, Thresholds()).verdict((Kind.IMAGE, APP.id)).why == (
        "used by container lab"
    )


def test_a_size_that_the_engine_does_not_know_is_no_zero():
    plan = planner(disk={"layers_bytes": None}).plan()
    assert plan.row(JOB_KEY).bytes is None
    assert plan.unknown_sizes == 1
    assert "1 of unknown size" in plan_summary(plan)


def test_the_report_is_exact_where_not_everything_went():
    planning = planner()
    plan = planning.plan()
    results = tuple(
        RowResult(row, Fate.SKIPPED if row.id == OTHER.id else Fate.REMOVED, bytes=row.bytes)
        for row in plan.chosen
    )
    report = weigh_again(CleanReport(plan, results), planning)
    assert report.freed_bytes == plan.total_bytes - 70 - 100
    assert report_summary(report) == (
        "removed 1 container, 2 images, 3 cache records, freed 105B; 1 skipped"
    )


def test_the_disk_by_kinds():
    parts = {part.part: part for part in disk_report(a_mess()).parts}
    assert (parts[Part.IMAGES].bytes, parts[Part.IMAGES].reclaimable_bytes) == (220, 70)
    assert (parts[Part.CONTAINERS].bytes, parts[Part.CONTAINERS].reclaimable_bytes) == (14, 5)
    assert (parts[Part.VOLUMES].bytes, parts[Part.VOLUMES].reclaimable_bytes) == (40, 40)
    assert parts[Part.BUILD_CACHE].bytes == 50
    assert parts[Part.LOGS].bytes is None


def test_a_mounted_volume_is_not_reclaimable():
    lab = container("lab", State.RUNNING, mounts=(Mount("volume", "/v", "/d", volume="data"),))
    parts = {part.part: part for part in disk_report(a_mess(containers=[lab])).parts}
    assert parts[Part.VOLUMES].reclaimable_bytes == 0


# Saved plans

DIGITS = "0123456789abcdef" * 4


def saved() -> dict:
    """A plan as a file has it, with ids as engines make them."""
    job = replace(JOB, id=DIGITS, image_id=f"sha256:{DIGITS}")
    app = replace(APP, id=f"sha256:{DIGITS}")
    found = a_mess(containers=[job], images=[app])
    planning = Planner(found, Thresholds(), ("ann",))
    content = plan_json(planning.plan(Choice(kinds=frozenset(ORDER))))
    whole = {"schema": 1, "engine": {"id": "engine-id", "name": "box"}, **content}
    return json.loads(json.dumps(whole))


def test_a_plan_survives_its_file():
    plan = read_plan(saved())
    assert json.loads(json.dumps(plan_json(plan)))["plan"] == [
        {**row, "alone_bytes": None, "age_seconds": None} for row in saved()["plan"]
    ]
    assert plan.chosen[0].seen.finished == ago(41)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda plan: plan.pop("schema"), "this is no plan"),
        (lambda plan: plan["engine"].pop("id"), "which engine is it for"),
        (lambda plan: plan.update(plan={}), "`plan` must be a list"),
        (lambda plan: plan["plan"].append(plan["plan"][0]), "is in the plan twice"),
        (lambda plan: plan["plan"][0].update(id="0123"), "plan[0]: '0123' is no whole id"),
        (lambda plan: plan["plan"][0].update(id="../volumes/x"), "is no whole id"),
        (lambda plan: plan["plan"][0].update(kind="gpu"), "a gpu cannot be removed"),
        (lambda plan: plan["plan"][0].update(kind="tree"), "`kind` must be one of"),
        (lambda plan: plan["plan"][0].pop("seen"), "`seen` must be a JSON object"),
        (lambda plan: plan["plan"][0]["seen"].update(finished="soon"), "must be a time"),
        (lambda plan: plan["plan"][0].update(force="yes"), "`force` must be true or false"),
        (lambda plan: plan["plan"][0].update(bytes=-1), "`bytes` must be a number"),
        (lambda plan: plan["plan"][0].update(after=[["image"]]), "pairs of a kind and an id"),
        (lambda plan: plan.update(made=None), "`made` is missing"),
    ],
)
def test_a_plan_edited_by_hand_is_checked(change, words):
    plan = saved()
    change(plan)
    with pytest.raises(PlanFileError) as problem:
        read_plan(plan)
    assert words in str(problem.value)


@pytest.mark.parametrize("content", [None, [], 7, "x", {}])
def test_any_json_is_one_clear_line(content):
    with pytest.raises(PlanFileError):
        read_plan(content)


def test_the_kinds_of_a_file_are_put_in_order():
    plan = saved()
    plan["plan"].reverse()
    kinds = [row.kind for row in read_plan(plan).chosen]
    assert kinds == sorted(kinds, key=ORDER.index)


# Which engine


def engine_info(**options) -> EngineInfo:
    told = {"id": "one-id", "name": "box", "product": "Docker", "data_root": "/var/lib/docker"}
    return EngineInfo(version="20.10", api_version="1.41", host="unix:///x", **{**told, **options})


@pytest.mark.parametrize(
    ("engine", "for_it"),
    [
        ({}, True),
        ({"id": "other"}, False),
        ({"name": "elsewhere"}, False),
        ({"data_root": "/srv/docker"}, False),  # a second daemon has the id of the first
        ({"id": "made up anew", "product": "Podman"}, True),
        ({"name": "elsewhere", "product": "Podman"}, False),
    ],
)
def test_a_plan_is_for_one_engine(engine, for_it):
    plan = Plan("one-id", "box", ago(0), (), data_root="/var/lib/docker")
    info = engine_info(**engine)
    assert plan.is_for(info) is for_it
    assert (
        read_plan({"schema": 1, "engine": {"id": "one-id", "name": "box"}, **plan_json(plan)})
        == plan
    )
    assert info.name in plan.not_for(info)
