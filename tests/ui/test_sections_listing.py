"""What a list shows, without a screen."""

import pytest

from dstui.domain.filter import FilterError
from dstui.render.column import Cell, Column, Role
from dstui.ui.sections.listing import Listing

Row = tuple[str, int, str | None]

COLUMNS: tuple[Column[Row], ...] = (
    Column("name", "NAME", lambda row: Cell(row[0]), lambda row: row[0], flexible=True),
    Column("size", "SIZE", lambda row: Cell(str(row[1])), lambda row: row[1], descending=True),
    Column("extra", "EXTRA", lambda row: Cell("x"), lambda row: None, shown=False),
)
ROWS: list[tuple[str, Row]] = [
    ("1", ("web", 3, "shop")),
    ("2", ("db", 9, "shop")),
    ("3", ("alone", 5, None)),
]


def shown(listing: Listing[Row], **options) -> list[str]:
    options.setdefault("group_of", lambda row: row[2])
    return [line.cells[0].text for line in listing.lines(ROWS, **options)]


def test_groups_gather_their_rows_indented_under_a_heading_with_their_count():
    listing = Listing(COLUMNS, sort="name")
    assert shown(listing) == ["alone", "▾ shop", "  db", "  web"]
    heading = listing.lines(ROWS, group_of=lambda row: row[2])[1]
    assert heading.group
    assert heading.cells[1] == Cell("2", Role.MUTED)


def test_a_folded_group_keeps_its_members_for_actions():
    listing = Listing(COLUMNS, sort="name")
    shown(listing)
    assert listing.toggle_fold("group:shop")
    assert shown(listing) == ["alone", "▸ shop"]
    assert listing.members("group:shop") == ("2", "1")
    assert not listing.toggle_fold("3")
    assert listing.members("3") == ("3",)


def test_the_name_under_a_heading_may_leave_out_what_the_heading_says():
    listing = Listing(COLUMNS, sort="name")
    listing.name_in_group = lambda row: row[0].upper()
    assert shown(listing) == ["alone", "▾ shop", "  DB", "  WEB"]


def test_sorting_starts_as_the_column_wants_and_turns_around():
    listing = Listing(COLUMNS)
    listing.sort_by("size")
    assert shown(listing, group_of=None) == ["db", "alone", "web"]
    listing.sort_by("size")
    assert shown(listing, group_of=None) == ["web", "alone", "db"]
    listing.sort_next()
    assert listing.sort is not None
    assert listing.sort.key == "name"


def test_a_filter_counts_what_it_lets_through_and_a_broken_one_changes_nothing():
    listing = Listing(COLUMNS, sort="name")
    listing.filter("size:>4")
    assert shown(listing, group_of=None) == ["alone", "db"]
    assert (listing.shown, listing.total) == (2, 3)
    with pytest.raises(FilterError):
        listing.filter("/(/")
    assert shown(listing, group_of=None) == ["alone", "db"]
    listing.filter("  ")
    assert len(shown(listing, group_of=None)) == 3


def test_only_wanted_columns_are_shown_in_the_order_wanted():
    listing = Listing(COLUMNS, chosen=("extra", "name", "nonsense"))
    assert [column.key for column in listing.columns] == ["extra", "name"]
    assert [column.key for column in Listing(COLUMNS).columns] == ["name", "size"]
