"""What is asked of an engine for a cleanup, and how odd answers are read."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from dstui.background import Background
from dstui.domain.action import Action, Verb
from dstui.domain.engine import Endpoint
from dstui.domain.kind import Kind
from dstui.engine.actions import perform
from dstui.engine.activity import last_log
from dstui.engine.cleanup_facts import gather
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from dstui.engine.convert.disk import build_records, df_answer
from dstui.engine.convert.storage import disk_use
from dstui.engine.log_files import log_size
from tests.scripted_engine import ScriptedEngine, scripted_engine

RECORD = "ndlpt0hhvkqcdfkputsk4cq9c"


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedEngine]:
    with scripted_engine(tmp_path / "engine.sock") as engine:
        engine.routes["GET /system/df"] = (200, {"LayersSize": 0, "Images": []})
        yield engine


@pytest.fixture
def engine(scripted: ScriptedEngine) -> Iterator[Engine]:
    connected = connect((Endpoint(scripted.host, "a test"),))
    yield connected
    connected.close()


def test_one_df_and_each_list_once(scripted, engine):
    facts = gather(engine, Background())
    assert facts.engine_id == "scripted"
    for request in ("system/df", "containers/json", "images/json", "volumes", "networks"):
        assert scripted.count(f"GET /{request}") == 1


def test_a_df_that_somebody_else_has_running_is_waited_for(scripted, engine):
    answers = iter([(500, {"message": "a disk usage operation is already running"})])
    df = {"LayersSize": 7, "Images": [{"Id": "sha256:a", "SharedSize": -1}]}
    scripted.routes["GET /system/df"] = lambda query: next(answers, (200, df))
    facts = gather(engine, Background())
    assert facts.disk.layers_bytes == 7
    assert facts.disk.shared_bytes == {}
    assert scripted.count("GET /system/df") == 2


def test_a_df_that_fails_leaves_sizes_unknown_and_says_why(scripted, engine):
    scripted.routes["GET /system/df"] = (500, {"message": "input/output error"})
    facts = gather(engine, Background())
    assert facts.disk.layers_bytes is None
    assert facts.notes == ("sizes unknown: input/output error",)


def test_only_images_that_matter_are_inspected(scripted, engine):
    rows = [
        {"Id": f"sha256:{name}", "RepoTags": [f"{name}:1"], "Size": 10, "ParentId": parent}
        for name, parent in (("used", ""), ("free", "sha256:hidden"), ("base", ""))
    ]
    hidden = {"Id": "sha256:hidden", "RepoTags": None, "Size": 5, "ParentId": "sha256:base"}
    scripted.routes["GET /images/json"] = (200, [*rows, hidden])
    scripted.routes["GET /containers/json"] = (
        200,
        [{"Id": "c", "Names": ["/c"], "ImageID": "sha256:used", "State": "exited"}],
    )
    scripted.routes["GET /containers/c/json"] = (
        200,
        {"Id": "c", "Name": "/c", "Image": "sha256:used", "State": {"Status": "exited"}},
    )
    sizes = [{"Id": row["Id"], "SharedSize": 0} for row in rows]
    scripted.routes["GET /system/df"] = (200, {"LayersSize": 30, "Images": sizes})
    facts = gather(engine, Background())
    asked = [request for request in scripted.asked if request.startswith("GET /images/sha256")]
    assert sorted(asked) == ["GET /images/sha256:base/json", "GET /images/sha256:free/json"]
    assert [image.id for image in facts.images] == [row["Id"] for row in rows]
    assert facts.lineage.parents == {"sha256:free": "sha256:hidden", "sha256:hidden": "sha256:base"}


def test_the_ages_go_by_the_engines_clock(engine, monkeypatch):
    tells = lambda handler: "Sun, 06 Nov 1994 08:49:37 GMT"  # noqa: E731
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", tells)
    assert gather(engine, Background()).now == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


# The build cache


def test_records_of_old_and_new_engines():
    old = {"ID": RECORD, "Parent": "p", "Size": -1, "LastUsedAt": "2026-01-02T03:04:05.6Z"}
    new = {"ID": "n", "Parents": ["p", "q"], "Size": 5, "Shared": True, "InUse": True}
    first, second = build_records({"BuildCache": [old, new, {"Size": 4}]})
    assert (first.parents, first.size_bytes) == (("p",), None)
    assert first.last_used == datetime(2026, 1, 2, 3, 4, 5, 600000, tzinfo=UTC)
    assert (second.parents, second.size_bytes) == (("p", "q"), 5)
    assert second.shared and second.in_use and second.last_used is None


def test_the_shape_of_api_1_52_is_read_as_the_older_one():
    answer = {
        "ImageUsage": {"TotalSize": 70, "Items": [{"Id": "sha256:a", "SharedSize": 3}]},
        "VolumeUsage": {"Items": [{"Name": "v", "UsageData": {"Size": 4}}]},
        "BuildCacheUsage": {"Items": [{"ID": RECORD, "Size": 9}]},
    }
    use = disk_use(df_answer(answer), 0.0)
    assert (use.layers_bytes, dict(use.volume_bytes)) == (70, {"v": 4})
    assert [record.id for record in build_records(df_answer(answer))] == [RECORD]


def test_the_parents_of_a_record_under_the_name_that_docker_gives_them():
    row = {"ID": RECORD, " Parents": ["p", "q"], "Type": "regular", "Size": 5}
    assert build_records({"BuildCache": [row]})[0].parents == ("p", "q")


def remove_record(engine: Engine, identifier: str = RECORD, unused_for_s: float | None = None):
    action = Action(Verb.REMOVE, Kind.BUILD_CACHE, identifier, "", unused_for_s=unused_for_s)
    return perform(engine, action)


def test_a_record_is_removed_by_its_whole_id_and_only_if_unused_since(scripted, engine):
    asked: list[dict[str, str]] = []

    def prune(query: dict[str, str]):
        asked.append(query)
        return 200, {"CachesDeleted": [RECORD], "SpaceReclaimed": 9}

    scripted.routes["POST /build/prune"] = prune
    assert remove_record(engine, unused_for_s=3600.7).ok
    assert asked[0]["all"] == "1"
    assert json.loads(asked[0]["filters"]) == {"id": [RECORD], "until": ["3600s"]}


def test_a_record_that_the_engine_keeps_is_not_removed(scripted, engine):
    scripted.routes["POST /build/prune"] = (200, {"CachesDeleted": None, "SpaceReclaimed": 0})
    outcome = remove_record(engine)
    assert not outcome.ok
    assert "the engine keeps it" in outcome.message


@pytest.mark.parametrize("identifier", ["", "a", ".*", "^.{25}$", f"{RECORD}|x"])
def test_nothing_but_a_whole_id_is_sent_as_a_filter(scripted, engine, identifier):
    assert not remove_record(engine, identifier).ok
    assert scripted.count("POST /build/prune") == 0


# Logs


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, b""), (None, "")),
        (
            (200, b"2026-01-02T03:04:05.5Z hello\n"),
            (datetime(2026, 1, 2, 3, 4, 5, 500000, tzinfo=UTC), ""),
        ),
        (
            (200, b"\x01\0\0\0\0\0\0\x1b2026-01-02T03:04:05Z hello\n"),
            (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), ""),
        ),
        ((501, {"message": "driver none"}), (None, "driver none")),
        ((200, b"hello\n"), (None, "its log has no times")),
    ],
)
def test_the_last_line_of_a_log(scripted, engine, answer, expected):
    scripted.routes["GET /containers/c/logs"] = answer
    assert last_log(engine, "c") == expected


def test_the_size_of_a_log_counts_what_was_rotated_away(tmp_path):
    log = tmp_path / "c-json.log"
    for name in ("c-json.log", "c-json.log.1", "other"):
        (tmp_path / name).write_bytes(b"x" * 5000)
    assert log_size(str(log)) == 2 * log.stat().st_blocks * 512
    assert log_size(str(tmp_path / "gone")) is None
    assert log_size("") is None
