import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.filter import FilterError
from dstui.render.column import Cell, Column
from dstui.render.table import Sort, arrange, group_id, matching, sort_by

Row = tuple[str, float | None, str | None]

COLUMNS: tuple[Column[Row], ...] = (
    Column("name", "NAME", lambda row: Cell(row[0]), lambda row: row[0]),
    Column(
        "cpu",
        "CPU",
        lambda row: Cell(str(row[1])),
        lambda row: row[1],
        descending=True,
        searched=False,
    ),
)
ROWS: list[tuple[str, Row]] = [
    ("1", ("web", 5.0, "shop")),
    ("2", ("solo", None, None)),
    ("3", ("db", 50.0, "shop")),
    ("4", ("train", 900.0, None)),
    ("5", ("idle", 5.0, None)),
]


def ids(**options):
    return [line.id for line in arrange(ROWS, COLUMNS, **options)]


def test_without_a_sort_the_order_stays():
    assert ids() == ["1", "2", "3", "4", "5"]


def test_unknown_values_come_last_in_both_directions():
    assert ids(sort=Sort("cpu", reverse=True)) == ["4", "3", "1", "5", "2"]
    assert ids(sort=Sort("cpu")) == ["1", "5", "3", "4", "2"]


def test_a_sort_by_a_column_that_is_gone_is_no_sort():
    assert ids(sort=Sort("gone")) == ["1", "2", "3", "4", "5"]


def test_a_column_says_how_it_is_sorted_first():
    assert [sort_by(column) for column in COLUMNS] == [Sort("name"), Sort("cpu", True)]


def test_groups_stand_where_their_first_row_would():
    lines = arrange(ROWS, COLUMNS, sort=Sort("cpu", True), group_of=lambda row: row[2])
    assert [(line.id, line.level) for line in lines] == [
        ("4", 0),
        (group_id("shop"), 0),
        ("3", 1),
        ("1", 1),
        ("5", 0),
        ("2", 0),
    ]
    heading = lines[1]
    assert (heading.row, heading.group, heading.count, heading.folded) == (None, "shop", 2, False)


def test_a_folded_group_shows_its_heading_alone():
    lines = arrange(ROWS, COLUMNS, group_of=lambda row: row[2], folded={"shop"})
    assert [line.id for line in lines] == [group_id("shop"), "2", "4", "5"]
    assert lines[0].folded
    assert lines[0].count == 2


def test_a_group_with_no_row_left_has_no_heading():
    lines = arrange(ROWS, COLUMNS, keep=lambda row: row[2] is None, group_of=lambda row: row[2])
    assert [line.id for line in lines] == ["2", "4", "5"]


def test_a_filter_searches_texts_but_not_measured_numbers():
    assert ids(keep=matching("5", COLUMNS)) == []
    assert ids(keep=matching("cpu:>40", COLUMNS)) == ["3", "4"]
    assert ids(keep=matching("!i", COLUMNS)) == ["1", "2", "3"]
    with pytest.raises(FilterError):
        matching("nam:x", COLUMNS)


@given(
    st.lists(
        st.tuples(st.text(max_size=3), st.none() | st.floats(0, 9), st.none() | st.text("ab"))
    ),
    st.booleans(),
)
def test_every_row_is_shown_once_whatever_the_order(rows, reverse):
    named = [(str(place), row) for place, row in enumerate(rows)]
    lines = arrange(named, COLUMNS, Sort("cpu", reverse), group_of=lambda row: row[2])
    assert sorted(line.id for line in lines if line.row) == sorted(i for i, _ in named)
