"""Text from outside can do nothing to the terminal."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dstui.domain.text import clean

NASTY = st.text(
    st.one_of(
        st.sampled_from(
            "\x1b[]()?;0m\x07\x9b\x9d\\\r\n\t\x7f\u202e\u2066\u200b\u2028\u0085\ud800a"
        ),
        st.characters(),
    ),
    max_size=60,
)
ALLOWED_FORMAT = {"\N{ZERO WIDTH JOINER}", "\N{SOFT HYPHEN}"}


@given(NASTY)
@example("\x1b\x1b[0m[31mred")
@example("\x1b]0;title\x07name")
@example("\x9b31mred")
@example("a\u202egnp.exe")
def test_nothing_but_printable_characters_on_one_line_comes_out(text: str) -> None:
    shown = clean(text)
    for character in shown:
        category = unicodedata.category(character)
        assert category not in ("Cc", "Cs", "Zl", "Zp"), repr(shown)
        assert category != "Cf" or character in ALLOWED_FORMAT, repr(shown)
    assert len(shown.splitlines()) <= 1
    shown.encode()  # no unpaired surrogate is left


@given(NASTY)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(max_size=300), st.integers(1, 50))
def test_it_is_never_longer_than_asked(text: str, longest: int) -> None:
    assert len(clean(text, longest)) <= longest


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zürich 東京 🚀", "Zürich 東京 🚀"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("bell\x07", "bell\N{REPLACEMENT CHARACTER}"),
        ("[bold]markup stays text[/bold]", "[bold]markup stays text[/bold]"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert clean(text) == shown
