"""The build cache of a real BuildKit: nothing fails that `docker builder prune` would remove."""

import os
from collections.abc import Iterator
from dataclasses import replace

import docker
import pytest

from dstui.background import Background, Cancellation
from dstui.domain.cleanup.plan import Plan
from dstui.domain.cleanup.planner import Choice, Planner
from dstui.domain.cleanup.report import CleanReport, Fate
from dstui.domain.kind import Kind
from dstui.domain.staleness.facts import BuildRecord
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.staleness.verdict import Key
from dstui.engine.build_cache import records
from dstui.engine.cleaning import Cleaner
from dstui.engine.cleanup_facts import engine_now, gather
from dstui.engine.second_look import SecondLook
from tests.buildkit import build_with_buildkit
from tests.waiting import wait_until

STAGES = """\
FROM {base} AS first
COPY made /made
RUN ["/bin/touch", "/one"]
FROM first AS second
RUN --mount=type=cache,target=/cache,id={made} ["/bin/touch", "/two"]
RUN ["/bin/touch", "/three"]
FROM first AS third
RUN ["/bin/touch", "/four"]
FROM first
COPY --from=second /two /two
COPY --from=third /four /four
RUN ["/bin/touch", "/five"]
"""

Records = dict[str, BuildRecord]


@pytest.fixture
def built(engine, docker_api: docker.APIClient, busybox_image: str) -> Iterator[Records]:
    """The records of a build of several stages whose image is gone, old enough to be planned."""
    if engine.info.product != "Docker":
        pytest.skip(f"{engine.info.product} has no records of a build cache")
    before = set(records(engine))
    made = os.urandom(8).hex()
    name = f"dstui-cache-{made}:1"
    lines = STAGES.format(base=busybox_image, made=made)
    build_with_buildkit(docker_api, name, lines, {"made": made})
    docker_api.remove_image(name, force=True)
    found = {key: record for key, record in records(engine).items() if key not in before}
    newest = max(record.last_used or record.created for record in found.values())
    wait_until(lambda: (engine_now(engine) - newest).total_seconds() > 6, "the records to age")
    yield found
    docker_api.post(docker_api._url("/build/prune"), params={"all": 1})


def plan_of(engine, only: Records) -> Plan:
    planner = Planner(gather(engine, Background(), activity=False), Thresholds())
    keys: frozenset[Key] = frozenset((Kind.BUILD_CACHE, identifier) for identifier in only)
    return planner.plan(Choice(owner="all", older_than_s=0, only=keys))


def execute(engine, plan: Plan) -> CleanReport:
    look = SecondLook(engine, (), ("owner",), engine_now(engine))
    cleaner = Cleaner(engine, plan, look, lambda outcome: None)
    return cleaner.run(lambda step: None, Cancellation(), lambda: None)


def reasons(report: CleanReport) -> list[tuple[str, str]]:
    return [(found.row.name, found.reason) for found in report.results if found.reason]


def test_the_engine_tells_what_a_record_was_made_from(built):
    assert sum(bool(record.parents) for record in built.values()) >= 4


def test_everything_goes_that_the_engine_lets_go(engine, built):
    plan = plan_of(engine, built)
    assert {row.id for row in plan.chosen} == set(built)
    report = execute(engine, plan)
    assert report.complete, reasons(report)
    assert not built.keys() & records(engine).keys()


def test_an_order_that_the_engine_refuses_ends_well_too(engine, built):
    plan = plan_of(engine, built)
    backwards = [replace(row, after=()) for row in reversed(plan.rows)]
    report = execute(engine, replace(plan, rows=tuple(backwards)))
    assert report.complete, reasons(report)
    assert not built.keys() & records(engine).keys()


def test_what_was_pruned_by_other_hands_is_no_failure(engine, built, docker_api):
    plan = plan_of(engine, built)
    docker_api.post(docker_api._url("/build/prune"), params={"all": 1})
    report = execute(engine, plan)
    assert {found.fate for found in report.results} == {Fate.SKIPPED}
    assert {found.reason for found in report.results} == {"it was gone already"}
