"""What is stale as rows, what was ticked by hand, and what came of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.cleanup.plan import Plan
from dstui.domain.cleanup.planner import Planner
from dstui.domain.cleanup.report import CleanReport, Fate, RowResult
from dstui.domain.container import Container, State
from dstui.domain.engine import DataRootUse, DiskUse
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.staleness.facts import BuildRecord, CleanupFacts
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.staleness.verdict import Rule
from dstui.domain.volume import Volume
from dstui.render.cleanup import (
    ADVICE,
    PROTECTED,
    CleanupRow,
    Standing,
    cleanup_rows,
    group_by_kind,
    group_by_owner,
    heading,
)
from dstui.render.cleanup import COLUMNS as PLAN_COLUMNS
from dstui.render.cleanup_facts import cleanup_facts, removal_command, rescue_commands
from dstui.render.cleanup_plan import plan_line, planned_how, rules_about
from dstui.render.cleanup_result import RESULT_COLUMNS, ResultRow, ending, report_cells
from dstui.render.column import Role
from dstui.render.disk import COLUMNS as DISK_COLUMNS
from dstui.render.disk import DiskRow, root_role, root_words
from dstui.render.shares import cells_of
from dstui.ui.cleanup.draft import Draft

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=90)
GB = 10**9


def container(name: str, image: str = "old", owner: str = "me", **more: object) -> Container:
    labels = {"owner": owner, **more.pop("labels", {})}  # type: ignore[dict-item]
    state = more.pop("state", State.EXITED)
    return Container(
        f"id-{name}", name, image, image, state, OLD, exit_code=0, labels=labels,
        inspected=True, started=OLD, finished=OLD, **more,
    )  # fmt: skip


def facts() -> CleanupFacts:
    """Two exited containers of mine and anna's on one image, a volume, cache, one protected."""
    containers = (
        container("train-1"),
        container("anna-1", owner="anna"),
        container("kept-1", image="new", labels={"dstui.keep": "true"}),
        container("busy", image="new", state=State.RUNNING),
    )
    return CleanupFacts(
        "engine-id",
        "lab",
        NOW,
        DiskUse(
            NOW.timestamp(),
            10 * GB,
            shared_bytes={"old": 0, "new": 0},
            volume_bytes={"data": 4 * GB},
            writable_bytes={"id-train-1": 2 * GB, "id-anna-1": 3 * GB, "id-busy": 20 * GB},
        ),
        containers,
        (
            Image("old", ("lab/train:1",), (), OLD, 6 * GB),
            Image("new", ("lab/train:2",), (), OLD, 5 * GB),
        ),
        (Volume("data", "local", "/v/data", OLD),),
        (),
        (BuildRecord("r" * 25, "regular", "pip install torch", GB, created=OLD),),
    )


@pytest.fixture
def draft() -> Draft:
    return Draft(Planner(facts(), Thresholds(), me=("me",)))


def named(plan: Plan, name: str) -> CleanupRow:
    return next(row for row in cleanup_rows(plan) if row.name == name)


def cells(row: CleanupRow) -> dict[str, str]:
    return {column.key: column.cell(row).text for column in PLAN_COLUMNS}


# Rows


def test_rows_of_the_plan_come_before_advice_and_what_is_protected(draft):
    rows = cleanup_rows(draft.plan)
    assert [row.standing for row in rows] == sorted(row.standing for row in rows)
    assert {group_by_kind(row) for row in rows} == {
        "Containers", "Images", "Volumes", "Build cache", ADVICE, PROTECTED,
    }  # fmt: skip
    assert len({row.id for row in rows}) == len(rows)


def test_a_row_tells_whose_it_is_why_it_is_stale_and_what_comes_back(draft):
    mine, annas = named(draft.plan, "train-1"), named(draft.plan, "anna-1")
    assert cells(mine)["reason"] == "exited 90 days ago, code 0"
    assert cells(mine)["bytes"] == "2GB"
    assert mine.chosen
    assert cells(annas)["owner"] == "! anna"
    assert not annas.chosen


def test_an_image_that_another_ones_container_needs_says_so(draft):
    row = named(draft.plan, "lab/train:1")
    assert not row.chosen
    assert cells(row)["reason"].startswith("stays: anna-1 uses it and stays")


def test_what_is_not_of_the_plan_sorts_last_by_every_column(draft):
    advised = named(draft.plan, "busy")
    assert advised.standing is Standing.ADVISED
    assert all(column.sort(advised) is None for column in PLAN_COLUMNS)


def test_headings_sum_what_is_ticked(draft):
    rows = [row for row in cleanup_rows(draft.plan) if group_by_kind(row) == "Containers"]
    assert [cell.text for cell in heading("Containers", rows)] == ["Containers", "1 of 2", "2GB"]
    annas = [row for row in rows if group_by_owner(row) == "anna"]
    assert heading("anna", annas)[-1].role is Role.WARNING


def test_the_line_of_the_plan_counts_what_is_lost_and_not_yours(draft):
    draft.tick([(Kind.CONTAINER, "id-anna-1")], True)
    texts = [cell.text for cell in plan_line(draft.plan, 5)]
    assert texts[0] == "12GB come back"
    assert "! 1 not yours" in texts
    assert any("lost for ever" in text for text in texts)


def test_hostile_names_are_made_harmless():
    found = replace(facts(), containers=(container("evil\x1b[31m\n"),))
    plan = Planner(found, Thresholds(), me=("me",)).plan()
    for row in cleanup_rows(plan):
        assert all(text.isprintable() for text in cells(row).values())


# Details


def test_details_say_what_is_lost_and_how_to_save_it(draft):
    groups = {group.title: group for group in cleanup_facts(named(draft.plan, "train-1"), ())}
    texts = [cell.text for fact in groups["If it is removed"].facts for cell in fact.cells]
    assert "docker rm train-1" in texts
    assert "docker commit train-1 rescue/train-1" in texts


def test_a_volume_is_saved_with_a_container_and_names_are_quoted(draft):
    row = draft.plan.row((Kind.VOLUME, "data"))
    assert row is not None
    assert removal_command(row) == "docker volume rm data"
    assert "-v data:/volume:ro" in rescue_commands(row)[0]
    evil = replace(row, name="a b;c")
    assert "'a b;c:/volume:ro'" in rescue_commands(evil)[0]


# What is decided by hand


def test_ticks_survive_other_ages_rules_and_facts(draft):
    volume = (Kind.VOLUME, "data")
    draft.tick([volume], True)
    draft.tick([(Kind.CONTAINER, "id-train-1")], False)
    draft.set_older_than(86_400)
    draft.switch_rules_off({Rule.BUILD_CACHE})
    draft.renew(Planner(facts(), Thresholds(), me=("me",)))
    assert [row.key for row in draft.plan.chosen] == [volume]
    assert all(row.rule is not Rule.BUILD_CACHE for row in draft.plan.rows)
    assert len(draft.every.rows) == len(draft.plan.rows) + 1


def test_an_image_goes_once_all_that_use_it_are_ticked(draft):
    before = draft.plan.total_bytes
    draft.tick([(Kind.CONTAINER, "id-anna-1")], True)
    assert draft.plan.total_bytes == before + 3 * GB + 6 * GB


def test_a_goal_ticks_only_what_it_takes_and_is_forgotten_by_the_next_tick(draft):
    assert draft.reach(GB)
    assert [row.kind for row in draft.plan.chosen] == [Kind.BUILD_CACHE]
    assert planned_how(0, None, draft.goal_bytes)[0].text == "goal 1GB"
    draft.tick([(Kind.VOLUME, "data")], True)
    assert draft.goal_bytes is None
    assert not draft.reach(500 * GB)
    assert draft.reach(None)
    assert len(draft.plan.chosen) == 2


def test_what_is_not_seen_is_not_removed(draft):
    plan = draft.within({(Kind.BUILD_CACHE, "r" * 25)})
    assert [row.kind for row in plan.chosen] == [Kind.BUILD_CACHE]
    assert len(draft.plan.chosen) == 2


def test_what_runs_is_ticked_by_force_only():
    idle = container("idle", state=State.RUNNING)
    from dstui.domain.staleness.facts import Activity

    found = replace(facts(), containers=(idle,), activity={"id-idle": Activity(cpu_ns=0)})
    draft = Draft(Planner(found, Thresholds(), me=("me",)))
    assert not named(draft.plan, "idle").chosen
    draft.tick([(Kind.CONTAINER, "id-idle")], True)
    row = named(draft.plan, "idle")
    assert row.chosen
    assert row.planned is not None and row.planned.force
    assert cells(row)["reason"].startswith("is stopped first")
    draft.tick([(Kind.CONTAINER, "id-idle")], False)
    assert not named(draft.plan, "idle").chosen


def test_rules_tell_what_they_find(draft):
    about = rules_about(draft.every, Thresholds())
    assert about[Rule.EXITED].split() == ["after", "7", "d", "2", "5GB"]
    assert about[Rule.DANGLING].split() == ["after", "1", "d", "–"]
    assert about[Rule.LARGE_WRITABLE].startswith("over 10 GB")


# What came of it


def test_results_tell_each_fate_and_the_sum(draft):
    first, second = draft.plan.chosen
    report = CleanReport(
        draft.plan,
        (
            RowResult(first, Fate.REMOVED, bytes=first.bytes),
            RowResult(second, Fate.SKIPPED, "it was started"),
        ),
        measured_bytes=-5,
        cancelled=True,
    )
    texts = [cell.text for cell in report_cells(report)]
    assert texts == ["1 of 2 removed", "2GB freed of 3GB expected", "1 skipped"]
    assert "others write to it" in ending(report)
    assert ending(report).startswith("Cancelled")
    shown = [column.cell(ResultRow(second, report.results[1])).text for column in RESULT_COLUMNS]
    assert shown[-1] == "skipped: it was started"
    assert shown[-2] == ""


def test_an_unknown_size_is_no_zero(draft):
    row = replace(draft.plan.chosen[0], bytes=None)
    shown = ResultRow(row, RowResult(row, Fate.REMOVED, bytes=None))
    assert [c.cell(shown).text for c in RESULT_COLUMNS if c.key in ("expected", "freed")] == [
        "–",
        "–",
    ]


# The disk


def test_a_kind_that_is_not_known_is_no_zero():
    row = DiskRow("logs", "Logs", Role.NUMBER, None, None, None, "only root can read them")
    texts = [column.cell(row).text for column in DISK_COLUMNS]
    assert "0B" not in texts
    assert texts.count("–") == 3
    assert texts[-1] == "only root can read them"


def test_a_nearly_full_disk_is_told_by_its_role():
    full = DataRootUse("/var/lib/docker", 1 * GB, 100 * GB)
    assert root_role(full) is Role.BAD
    assert root_role(replace(full, free_bytes=50 * GB)) is Role.ACCENT
    assert root_words(full) == "/var/lib/docker   1GB free of 100GB"


@given(st.lists(st.integers(0, 10**13), max_size=8), st.integers(8, 300))
def test_a_bar_is_filled_and_shows_all_that_there_is(amounts, width):
    found = cells_of(amounts, width)
    assert sum(found) == (width if any(amounts) else 0)
    assert all((cells > 0) == (amount > 0) for cells, amount in zip(found, amounts, strict=True))
