"""A regular expression that a person types ends nothing and holds up nothing."""

import contextlib
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dstui.domain.expression import Expression, ExpressionError
from dstui.domain.filter import FilterError, parse
from dstui.domain.logsearch import Search
from tests.waiting import PATIENCE_S

FOR_EVER = ["(a+)+b", "(a|aa)+$", "(a*)*b", "(.*)(.*)(.*)(.*)[^a]", "a{99999999999}"]
"""Each takes Python's own engine years for the text below, or ends it."""
TEXT = "a" * 41 + "!" + "a" * 4000 + "c"


@pytest.mark.parametrize("source", FOR_EVER)
def test_it_comes_to_an_end(source: str) -> None:
    """In a process of its own: what goes astray could not be ended in this one."""
    program = (
        "import sys; source, text = sys.argv[1:]\n"
        "from dstui.domain.filter import parse\n"
        "from dstui.domain.logsearch import Search\n"
        "parse(f'/{source}/', ['name']).matches(lambda field: text, ['name'])\n"
        "Search(f'/{source}/').matches(text); list(Search(f'/{source}/').spans(text))\n"
    )
    subprocess.run([sys.executable, "-c", program, source, TEXT], check=True, timeout=PATIENCE_S)


def test_places_are_counted_in_characters() -> None:
    assert list(Expression("x+").spans("日xxéx\udc80x")) == [(1, 3), (4, 5), (6, 7)]
    assert Expression("É").found_in("é")
    assert not Expression("É", ignore_case=False).found_in("é")


sources = st.text("ab(){}[]|*+?.^$\\0123456789,-:=!<>Pix", max_size=30) | st.text(max_size=20)


@given(sources, st.text("ab01 -/", max_size=60) | st.text(max_size=30))
@example("a{99999999999}", "a")
@example("(?P<a>b)(?P<a>b)", "bb")
def test_any_text_is_an_expression_or_none(source: str, text: str) -> None:
    with contextlib.suppress(ExpressionError):
        expression = Expression(source)
        places = list(expression.spans(text))
        assert bool(places) == expression.found_in(text)
        assert all(0 <= start <= end <= len(text) for start, end in places)


@given(sources)
def test_any_text_is_a_filter_or_told_to_be_none(source: str) -> None:
    with contextlib.suppress(FilterError):
        parse(f"/{source}/ !name:/{source}/", ["name"]).matches(lambda field: TEXT, ["name"])


def test_a_search_says_what_is_wrong_with_its_expression() -> None:
    from dstui.domain.logsearch import SearchError

    with pytest.raises(SearchError, match="too long"):
        Search("/(((a?){10}){10}){10}b/")
