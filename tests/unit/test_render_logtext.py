import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.logline import LogLine, Stream
from dstui.domain.logring import Gap
from dstui.render.logtext import LineFormat, Streams, Times, as_text, local_time
from dstui.render.rowmap import RowMap

NOON = "2026-05-01T12:00:00.123456789Z"


@pytest.fixture(autouse=True)
def _vienna(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Europe/Vienna")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_local():
    assert local_time(NOON, Times.SHORT) == "14:00:00.123"
    assert local_time(NOON, Times.FULL) == "2026-05-01T14:00:00.123+02:00"
    assert local_time(NOON, Times.OFF) == ""
    assert local_time("what \x1b[2Jever", Times.FULL) == "what ever"


def test_lines_as_text():
    entries = [
        LogLine("a" * 64, Stream.STDOUT, "\x1b[31mred\x1b[0m", NOON),
        Gap("b" * 64, 1_203_551, NOON),
        LogLine("b" * 64, Stream.STDERR, "x\ty", NOON),
    ]
    names = {"a" * 64: "web", "b" * 64: "db"}
    assert list(as_text(entries, LineFormat())) == [
        "red",
        "[1,203,551 lines skipped]",
        "x       y",
    ]
    assert list(as_text(entries, LineFormat(Times.SHORT, names))) == [
        "14:00:00.123 web red",
        "14:00:00.123 db [1,203,551 lines skipped]",
        "14:00:00.123 db x       y",
    ]


def test_streams_go_round():
    assert Streams.ALL.next.next.next is Streams.ALL
    stderr = LogLine("c", Stream.STDERR, "")
    assert [streams.shows(stderr) for streams in Streams] == [True, True, False]


@given(st.lists(st.integers(0, 4), max_size=30), st.integers(0, 40))
def test_rows_map_to_entries_and_back(heights: list[int], forgotten: int):
    rows = RowMap()
    rows.extend(heights)
    forgotten = min(forgotten, len(heights))
    assert rows.forget(forgotten) == sum(heights[:forgotten])
    left = heights[forgotten:]
    assert rows.rows == sum(left)
    expected = [(index, part) for index, height in enumerate(left) for part in range(height)]
    assert [rows.at(row) for row in range(rows.rows)] == expected
    assert rows.at(rows.rows) is None
    assert rows.at(-1) is None
    assert [rows.row_of(index) for index in range(len(left))] == [
        sum(left[:index]) for index in range(len(left))
    ]


@given(st.lists(st.integers(0, 4), max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_rows_can_be_counted_anew_from_an_entry_on(heights: list[int], forgotten: int, cut: int):
    rows = RowMap()
    rows.extend(heights)
    rows.forget(min(forgotten, len(heights)))
    kept = heights[min(forgotten, len(heights)) :][:cut]
    rows.truncate(cut)
    rows.extend([1, 2])
    assert rows.rows == sum(kept) + 3
