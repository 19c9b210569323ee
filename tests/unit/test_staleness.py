from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.container import Mount, State
from dstui.domain.kind import Kind
from dstui.domain.lineage import Lineage
from dstui.domain.network import Network
from dstui.domain.staleness.facts import Activity, BuildRecord
from dstui.domain.staleness.judge import judge
from dstui.domain.staleness.keep import is_exception, protection
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.staleness.verdict import Kept, Rule, Stale
from dstui.domain.volume import Volume
from tests.cleanup_facts import NOW, ago, container, facts, image

USUAL = Thresholds()


def verdicts(found, thresholds=USUAL):
    """By the object's id."""
    judgement = judge(found, thresholds)
    return {verdict.id: verdict for verdict in (*judgement.stale, *judgement.kept)}


def verdict_on(one, activity=None, thresholds=USUAL, **known):
    running = {one.id: activity} if activity else {}
    return verdicts(facts([one], activity=running, **known), thresholds)[one.id]


# Containers


def test_a_container_that_exited_long_ago():
    found = verdict_on(container("job", exit_code=0))
    assert (found.rule, found.reason) == (Rule.EXITED, "exited 41 days ago, code 0")


def test_one_that_exited_just_now_stays():
    found = verdict_on(container("job", finished=ago(1)))
    assert isinstance(found, Kept)
    assert found.why == "exited 1 day ago; stale after 7 days"


def test_an_unknown_end_is_said():
    found = verdict_on(container("job", finished=None, exit_code=None))
    assert found.reason == "exited an unknown time, created 50 days ago, exit code unknown"
    assert isinstance(verdict_on(container("job", finished=None, created=None)), Kept)


def test_one_that_was_never_started():
    found = verdict_on(container("job", State.CREATED, created=ago(3)))
    assert (found.rule, found.reason) == (Rule.CREATED, "created 3 days ago, never started")


def test_a_time_in_the_future_is_no_age():
    later = NOW + timedelta(hours=2)
    assert isinstance(verdict_on(container("job", finished=later)), Kept)
    now = Thresholds().older_than(0)
    found = verdict_on(container("job", finished=later), thresholds=now)
    assert found.age_s == 0


def test_running_but_idle_with_all_its_signs():
    activity = Activity(
        cpu_ns=10**9, cpu_percent=0.0, last_log=ago(9), gpu_bytes={1: 22 * 2**30}, gpu_percent=0.0
    )
    found = verdict_on(container("lab", State.RUNNING, started=ago(12)), activity)
    assert found.rule is Rule.IDLE
    assert found.reason == (
        "running 12 days, average CPU 0.0 %, no log line for 9 days, holds 22 GiB of GPU 1"
    )


@pytest.mark.parametrize(
    ("activity", "words"),
    [
        (Activity(cpu_ns=10**15, last_log=ago(9)), "average CPU 96.5 %"),
        (Activity(cpu_ns=0, cpu_percent=80.0), "CPU 80.0 % just now"),
        (Activity(cpu_ns=0, net_rate=5e6), "5MB/s of network just now"),
        (Activity(cpu_ns=0, gpu_percent=90.0), "GPU 90 % just now"),
        (Activity(cpu_ns=0, last_log=ago(0.5)), "last log line 12 hours ago"),
        (Activity(cpu_ns=None), "average CPU unknown"),
    ],
)
def test_any_sign_of_work_keeps_a_container(activity, words):
    found = verdict_on(container("lab", State.RUNNING, started=ago(12)), activity)
    assert isinstance(found, Kept)
    assert found.why == f"running 12 days, {words}"


def test_what_is_not_known_of_an_idle_container_is_said():
    activity = Activity(cpu_ns=0, log_unknown="driver none", gpu_bytes={0: None})
    found = verdict_on(container("lab", State.RUNNING, started=ago(12)), activity)
    assert "last log line unknown (driver none)" in found.reason
    assert "an unknown amount of GPU 0" in found.reason
    silent = verdict_on(container("lab", State.PAUSED, started=ago(12)), Activity(cpu_ns=0))
    assert silent.reason.startswith("paused 12 days") and "no log line ever" in silent.reason


@pytest.mark.parametrize("state", [State.RESTARTING, State.REMOVING, State.UNKNOWN])
def test_states_in_between_are_left_alone(state):
    assert isinstance(verdict_on(container("job", state)), Kept)


def test_a_full_writable_layer_and_a_long_log_are_advice():
    one = container("train", State.RUNNING, started=ago(1))
    found = judge(
        facts([one], disk={"writable_bytes": {one.id: 31 * 10**9}}, log_bytes={one.id: 2 * 10**9}),
        Thresholds(),
    )
    assert {(advice.rule, advice.size_bytes) for advice in found.advice} == {
        (Rule.LARGE_WRITABLE, 31 * 10**9),
        (Rule.LARGE_LOG, 2 * 10**9),
    }
    assert not found.stale


# Images


def test_an_unused_image():
    found = verdicts(facts(images=[image("app")]))["sha256:app"]
    assert (found.rule, found.reason) == (
        Rule.UNUSED_IMAGE,
        "no container uses it, built 60 days ago",
    )


def test_an_old_build_that_was_pulled_yesterday_stays():
    found = verdicts(facts(images=[image("app")], tagged={"sha256:app": ago(1)}))["sha256:app"]
    assert isinstance(found, Kept)
    assert "last pulled or tagged 1 day ago" in found.why


def test_a_used_image_stays_unless_its_containers_go():
    app = image("app")
    running = container("lab", State.RUNNING, image_id=app.id)
    gone = container("job", image_id=app.id)
    assert verdicts(facts([running, gone], [app]))[app.id].why == "used by container lab"
    found = verdicts(facts([gone], [app]))[app.id]
    assert found.reason.startswith("used only by job, stale too")


def test_an_older_tag_and_an_untagged_rebuild_are_superseded():
    old = image("old", references=("lab/app:1",), created=ago(20))
    rebuilt = image("rebuilt", references=(), digests=("lab/app@sha256:1",), created=ago(15))
    new = image("new", references=("lab/app:2", "lab/app:latest"), created=ago(10))
    found = verdicts(facts(images=[old, rebuilt, new]))
    assert found[old.id].reason.startswith("superseded by lab/app:2")
    assert found[rebuilt.id].rule is Rule.SUPERSEDED
    assert isinstance(found[new.id], Kept)


def test_an_image_that_is_the_newest_anywhere_is_not_superseded():
    both = image("both", references=("lab/app:1", "lab/other:1"), created=ago(20))
    new = image("new", references=("lab/app:2",), created=ago(10))
    assert isinstance(verdicts(facts(images=[both, new]))[both.id], Kept)


def test_a_dangling_image():
    found = verdicts(facts(images=[image("x", references=(), created=ago(2))]))["sha256:x"]
    assert found.rule is Rule.DANGLING


def test_what_a_kept_image_was_built_on_stays():
    base, app = image("base"), image("app")
    lab = container("lab", State.RUNNING, image_id=app.id)
    parents = {app.id: "sha256:hidden", "sha256:hidden": base.id}
    found = verdicts(facts([lab], [base, app], lineage=Lineage(parents)))
    assert found[base.id].why == "app:1 is built on it"


# Volumes, networks, build cache


def test_volumes_without_a_container():
    used = Volume("used", "local", "/v", ago(90))
    free = Volume("a" * 64, "local", "/v", ago(90))
    remote = Volume("remote", "nfs", "/v", ago(90))
    lab = container("lab", State.RUNNING, mounts=(Mount("volume", "/v", "/d", volume="used"),))
    found = verdicts(facts([lab], volumes=(used, free, remote)))
    assert found["used"].why == "used by lab"
    assert found[free.name].reason == (
        "anonymous, no container uses it, created 90 days ago, last use unknown"
    )
    assert isinstance(found["remote"], Kept)


def test_the_engines_own_networks_are_never_stale():
    own = Network("1", "bridge", "bridge", created=ago(900))
    old = Network("2", "old", "bridge", created=ago(90))
    swarm = Network("3", "ingress", "overlay", scope="swarm", created=ago(90))
    found = verdicts(facts(networks=(own, old, swarm)))
    assert [type(found[name]) for name in "123"] == [Kept, Stale, Kept]


def test_a_record_stays_if_one_made_from_it_does():
    records = (
        BuildRecord("old", last_used=ago(30)),
        BuildRecord("parent", last_used=ago(30)),
        BuildRecord("child", last_used=ago(1), parents=("parent",)),
        BuildRecord("busy", last_used=ago(30), in_use=True),
    )
    found = verdicts(facts(build_cache=records))
    assert {name for name, verdict in found.items() if isinstance(verdict, Stale)} == {"old"}
    assert found["parent"].why == "another record that stays is made from it"


def test_records_that_cannot_be_removed_are_not_offered():
    found = verdicts(
        facts(build_cache=(BuildRecord("old", created=ago(30)),), records_removable=False)
    )
    assert "cannot remove single records" in found["old"].why


# Exceptions


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        ({"dstui.keep": "true"}, True),
        ({"dstui.keep": ""}, True),
        ({"dstui.keep": "false"}, False),
        ({"dstui.keep-until": "2026-11-22"}, True),
        ({"dstui.keep-until": "2026-11-21"}, False),
        ({"dstui.keep-until": "next year"}, True),
    ],
)
def test_protecting_labels(labels, kept):
    found = verdict_on(container("job", labels=labels))
    assert isinstance(found, Kept) is kept
    assert not kept or (found.protected and found.rule is Rule.EXITED)


@pytest.mark.parametrize(
    ("exception", "kept"),
    [
        ("owner:ann", True),
        ("owner:bob", False),
        ("label:team", True),
        ("label:team=vis*", True),
        ("label:team=nlp", False),
        ("name:job-*", True),
        ("name:other", False),
    ],
)
def test_exceptions_of_the_config(exception, kept):
    labels = {"team": "vision"}
    assert bool(protection(["x", "job-1"], labels, "ann", [exception], NOW)) is kept
    assert is_exception(exception)


def test_what_is_no_exception():
    assert not any(map(is_exception, ("ann", "user:ann", "owner:", "")))


def test_a_protected_container_keeps_its_image():
    app = image("app")
    job = container("job", image_id=app.id, labels={"dstui.keep": "true"})
    assert verdicts(facts([job], [app]))[app.id].why == "used by container job"


@given(st.lists(st.sampled_from(list(State)), max_size=8), st.floats(0, 10**7))
def test_every_object_has_one_verdict(states, seconds):
    containers = [container(f"c{place}", state) for place, state in enumerate(states)]
    judgement = judge(facts(containers, [image("a")]), Thresholds().older_than(seconds))
    found = [verdict.key for verdict in (*judgement.stale, *judgement.kept)]
    assert sorted(found) == sorted(
        [(Kind.CONTAINER, one.id) for one in containers] + [(Kind.IMAGE, "sha256:a")]
    )
