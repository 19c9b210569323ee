from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.logsearch import Search, SearchError
from dstui.domain.since import SinceError, moment


@pytest.mark.parametrize(
    ("search", "line", "found"),
    [
        ("error", "an ERROR here", True),
        ("Error", "an ERROR here", False),
        ("Error", "an Error here", True),
        ("a.c", "abc", False),
        ("/a.c/", "abc", True),
        ("/ERR|warn/", "err", False),
        (r"/\Sx/", "AX", True),
        ("/", "a/b", True),
        ("//", "a//b", True),
        ("straße", "STRASSE Straße", True),
        ("über", "ÜBER alles", True),
    ],
)
def test_what_is_found(search: str, line: str, found: bool):
    assert Search(search).matches(line) is found


def test_where_it_is_found():
    assert list(Search("ab").spans("AB xab ab")) == [(0, 2), (4, 6), (7, 9)]
    assert list(Search("/x*/").spans("axxb")) == [(1, 3)]


def test_no_regular_expression_says_why():
    with pytest.raises(SearchError, match="missing ]"):
        Search("/[/")


@given(st.text(min_size=1, max_size=10), st.text(max_size=30))
def test_a_line_matches_where_a_hit_can_be_lit(text: str, line: str):
    try:
        search = Search(text)
    except SearchError:
        return
    if any(search.spans(line)):
        assert search.matches(line)


NOW = datetime(2026, 5, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("5m", NOW - timedelta(minutes=5)),
        ("1h30m", NOW - timedelta(minutes=90)),
        ("2d", NOW - timedelta(days=2)),
        ("1.5h", NOW - timedelta(minutes=90)),
        ("11:30", NOW - timedelta(minutes=30)),
        ("12:30", NOW - timedelta(hours=23, minutes=30)),
        ("2026-05-01T11:00", NOW - timedelta(hours=1)),
        ("2026-05-01T09:00Z", NOW - timedelta(hours=1)),
        ("2026-04-30", NOW - timedelta(hours=36)),
    ],
)
def test_since(text: str, wanted: datetime):
    assert moment(text, NOW) == wanted.timestamp()


@pytest.mark.parametrize("text", ["", "5", "x", "5 parsecs", "25:00", "m5", "2026-13-01"])
def test_no_moment(text: str):
    with pytest.raises(SinceError):
        moment(text, NOW)


@given(st.text(max_size=20))
def test_any_text_is_a_moment_or_an_error(text: str):
    try:
        moment(text, NOW)
    except SinceError as error:
        assert "write 5m" in str(error)
