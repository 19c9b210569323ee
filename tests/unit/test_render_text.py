from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dstui.render.column import Cell, Column, Role
from dstui.render.text import cut, display_width, table

COLUMNS: tuple[Column[tuple[str, str, str]], ...] = (
    Column("name", "NAME", lambda r: Cell(r[0]), lambda r: r[0], max_width=20, flexible=True),
    Column("cpu", "CPU", lambda r: Cell(r[1], Role.BAD), lambda r: r[1], right=True),
    Column("ports", "PORTS", lambda r: Cell(r[2]), lambda r: r[2], priority=5, min_width=5),
)
ROWS = [("train", "9%", "80"), ("日本", "100%", ""), ("n" * 30, "1%", "8080->80")]


def test_a_table_for_a_pipe_is_whole():
    assert table(COLUMNS, ROWS) == [
        "NAME                             CPU  PORTS",
        "train                             9%  80",
        "日本                            100%",
        f"{'n' * 30}    1%  8080->80",
    ]


def test_a_narrow_table_cuts_flexible_texts_first_and_then_drops_columns():
    assert table(COLUMNS, ROWS, width=30)[3] == "nnnnnnnnnnnnn…    1%  8080->80"
    assert table(COLUMNS, ROWS, width=12)[0].split() == ["NAME", "CPU"]


def test_a_table_that_cannot_fit_still_shows_what_matters_most():
    assert table(COLUMNS, ROWS, width=1)[0].split() == ["NA…", "CPU"]


def test_columns_that_must_stay_are_cut_rather_than_wrapped():
    column = Column("c", "C", lambda row: Cell(row), lambda row: row, min_width=20)
    lines = table([column, replace(column, flexible=True)], ["x" * 30], width=30)
    assert {display_width(line) for line in lines[1:]} == {30}


def test_colours_come_only_when_asked_for():
    assert "\x1b" not in "".join(table(COLUMNS, ROWS))
    assert "\x1b[31m9%\x1b[0m" in table(COLUMNS, ROWS, color=True)[1]


def test_no_rows_leave_the_headings():
    assert table(COLUMNS, []) == ["NAME  CPU  PORTS"]


@given(st.text(), st.integers(0, 20))
def test_a_cut_text_fits(text, width):
    assert display_width(cut(text, width)) <= width
