import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.render.ansi import PLAIN, Look, Run, parse, plain

ESCAPES = (
    "\x1b[31m",
    "\x1b[0m",
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x\x1b\\",
    "\x1bP1$r\x1b\\",
    "\x1bc",
    "\x9b31m",
    "\x9d0;x\x9c",
    "\x1b[?1049h",
    "\x1b[38;2;1;2;3m",
    "\x1b",
    "\x1b[",
    "\x1b]",
    "\r",
    "\t",
    "\x08",
    "\n",
    "\u202e",
    "\u2028",
    "\ufe0f",
    "\ud800",
)
HOSTILE = st.lists(st.one_of(st.sampled_from(ESCAPES), st.text(max_size=8)), max_size=20).map(
    "".join
)


@given(HOSTILE)
def test_no_control_byte_ever_comes_out(text: str):
    shown = plain(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@given(HOSTILE)
def test_runs_make_up_the_plain_text(text: str):
    assert "".join(run.text for run in parse(text)) == plain(text)


@given(HOSTILE)
def test_neighbours_differ_and_none_is_empty(text: str):
    runs = parse(text)
    assert all(run.text for run in runs)
    assert all(one.look != other.look for one, other in pairwise(runs))


@given(HOSTILE)
def test_plain_text_stays_as_it_is(text: str):
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("codes", "look"),
    [
        ("31", Look(color=1)),
        ("97", Look(color=15)),
        ("44", Look(background=4)),
        ("103", Look(background=11)),
        ("1;4;7", Look(bold=True, underline=True, reverse=True)),
        ("2;3;9", Look(dim=True, italic=True, strike=True)),
        ("38;5;208", Look(color=208)),
        ("48;5;17;1", Look(background=17, bold=True)),
        ("38;2;1;2;3", Look(color=(1, 2, 3))),
        ("38:2::1:2:3", Look(color=(1, 2, 3))),
        ("38:2:1:2:3", Look(color=(1, 2, 3))),
        ("38:5:9", Look(color=9)),
        ("4:3", Look(underline=True)),
        ("4:0", PLAIN),
        ("1;22", PLAIN),
        ("31;39", PLAIN),
        ("31;0", PLAIN),
        ("31;", PLAIN),
        ("", PLAIN),
        ("38;5;999", PLAIN),
        ("38;2;1;2", Look(color=(1, 2, 0))),
        ("38;9;1", Look(bold=True)),
        ("8", PLAIN),
        ("5", PLAIN),
        ("99999999999", PLAIN),
    ],
)
def test_looks(codes: str, look: Look):
    assert parse(f"\x1b[{codes}mx") == [Run("x", look)]


def test_a_look_lasts_until_it_is_changed():
    assert parse("a\x1b[1mb\x1b[31mc\x1b[22md\x1b[me") == [
        Run("a", PLAIN),
        Run("b", Look(bold=True)),
        Run("c", Look(bold=True, color=1)),
        Run("d", Look(color=1)),
        Run("e", PLAIN),
    ]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("[b]markup[/b]", "[b]markup[/b]"),
        ("\x1b]0;you are owned\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended", "0;never ended"),
        ("a\x1b[2Kb\x1b[10;10Hc", "abc"),
        ("a\x07\x08\x00b", "ab"),
        ("\x1b[>4;1mx", "x"),
        ("caf\u00e9 \u65e5\u672c", "caf\u00e9 \u65e5\u672c"),
        ("admin\u202egnp.exe", "admin\ufffdgnp.exe"),
        ("half \x1b[3", "half "),
    ],
)
def test_what_else_a_terminal_would_obey_is_gone(raw: str, shown: str):
    assert plain(raw) == shown


def test_tabs_go_to_the_next_stop_whatever_stands_between():
    assert plain("a\tb") == "a       b"
    assert plain("\x1b[31mabc\x1b[0m\td") == "abc     d"


def test_carriage_returns_leave_the_last_state():
    assert plain("10%\r50%\r100%\r\n") == "100%"
    assert plain("done\r") == "done"


def test_a_line_full_of_openings_is_no_trap():
    plain("\x9d" * 30_000)
    plain("\x1b]" * 30_000)
    plain("\x1b[" * 30_000)
    plain("\x1b[38;2" + ";1" * 30_000 + "m")
