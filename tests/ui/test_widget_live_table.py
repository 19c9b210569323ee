"""The table of living things: steady under the eye, cheap on the wire."""

from collections.abc import Sequence
from typing import Any

import pytest
from rich.cells import cell_len

from dstui.render.column import Cell, Column, Role
from dstui.render.table import Sort
from dstui.ui.widgets.live_table import LazyTableLine, LiveTable, TableLine
from tests.ui.bare import SIZES, Repaints, received, screen_lines, shown, whole_lines


def column(key: str, **options: Any) -> Column[Any]:
    return Column(key, key.upper(), lambda row: Cell(""), lambda row: None, **options)


COLUMNS = (
    column("name", min_width=8, flexible=True),
    column("cpu", min_width=6, right=True),
    column("memory", min_width=8, right=True, priority=1),
    column("ports", min_width=12, priority=5),
)


def line(name: str, cpu: str = "0.0%", memory: str = "1MiB", dim: bool = False) -> TableLine:
    return TableLine(f"id-{name}", (Cell(name), Cell(cpu), Cell(memory), Cell("80")), dim=dim)


def names(count: int) -> list[TableLine]:
    return [line(f"c{number:03}") for number in range(count)]


def table_of(lines: Sequence[Any], sort: Sort | None = None, **options: Any) -> LiveTable:
    table = LiveTable(**options)
    table.set_columns(COLUMNS, sort)
    table.show(lines)
    return table


@pytest.mark.parametrize("size", SIZES)
async def test_it_shows_titles_and_rows_as_wide_as_the_screen(size: tuple[int, int]) -> None:
    table = table_of([line("web", "12.5%"), line("db")])
    async with shown(table, size=size):
        lines = screen_lines(table)
        assert lines[0].split() == ["NAME", "CPU", "MEMORY", "PORTS"]
        assert lines[1].split() == ["web", "12.5%", "1MiB", "80"]
        assert lines[0].index("CPU") + 3 == lines[1].index("12.5%") + 5  # right-aligned
        assert {cell_len(text) for text in whole_lines(table)} == {size[0] - 1}


async def test_the_least_important_columns_leave_a_narrow_table() -> None:
    table = table_of([line("web")])
    async with shown(table, size=(30, 10)) as pilot:
        assert screen_lines(table)[0].split() == ["NAME", "CPU", "MEMORY"]
        await pilot.resize_terminal(20, 10)
        await pilot.pause()
        assert screen_lines(table)[0].split() == ["NAME", "CPU"]
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert screen_lines(table)[0].split() == ["NAME", "CPU", "MEMORY", "PORTS"]


async def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    table = table_of([line("a-very-long-name-" * 10)])
    async with shown(table, size=(60, 10)):
        text = screen_lines(table)[1]
        assert "…" in text
        assert text.endswith("80")


async def test_wide_characters_keep_the_columns_in_line() -> None:
    table = table_of([line("日本語" * 12, "7.0%"), line("plain", "8.0%")])
    async with shown(table, size=(60, 10)):
        first, second = screen_lines(table)[1:3]
        assert cell_len(first[: first.index("7.0%")]) == second.index("8.0%")


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mred\x1b[0m",
        "[bold]name[/]",
        "a\nb\tc",
        "\x9b2J",
        "\u202eevil",
        "\udcff",
        "👩‍💻 dev",
    ],
)
async def test_hostile_text_is_shown_harmlessly(text: str) -> None:
    table = table_of([line(text), line("after")])
    async with shown(table):
        for painted in whole_lines(table):
            assert painted.isprintable()
            assert cell_len(painted) == 79
        if text.startswith("[bold]"):
            assert text in screen_lines(table)[1]


async def test_only_the_cells_that_changed_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = names(100)
    table = table_of(lines)
    async with shown(table, size=(120, 40)) as pilot:
        await pilot.pause()
        repaints = Repaints(table, monkeypatch)
        lines[3] = line("c003", cpu="9.9%")
        lines[90] = line("c090", cpu="9.9%")  # not on screen
        table.show(lines)
        assert repaints.everything == 0
        assert [region.y for region in repaints.regions] == [4]
        assert repaints.cells <= 8

        repaints.regions.clear()
        table.show([line(f"c{number:03}") for number in range(100)][:3] + lines[3:])
        assert repaints.regions == []


async def test_neighbouring_changes_are_one_region(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of([line("web")])
    async with shown(table) as pilot:
        await pilot.pause()
        repaints = Repaints(table, monkeypatch)
        table.show([line("web", "5.0%", "2MiB")])
        assert len(repaints.regions) == 1


async def test_moving_the_cursor_repaints_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(names(100))
    async with shown(table) as pilot:
        table.focus()
        await pilot.pause()
        repaints = Repaints(table, monkeypatch)
        await pilot.press("j")
        assert repaints.everything == 0
        assert sorted(region.y for region in repaints.regions) == [1, 2]
        assert table.cursor_id == "id-c001"


async def test_the_cursor_stays_on_its_object() -> None:
    table = table_of(names(10))
    async with shown(table) as pilot:
        table.focus()
        await pilot.press("j", "j")
        table.show(list(reversed(names(10))))
        assert table.cursor_id == "id-c002"
        assert table.cursor_row == 7


async def test_the_cursor_goes_to_the_neighbour_of_what_is_gone() -> None:
    lines = names(5)
    table = table_of(lines)
    async with shown(table) as pilot:
        table.go_to("id-c002")
        table.show(lines[:2] + lines[3:])
        assert table.cursor_id == "id-c003"
        table.show(lines[:2])
        assert table.cursor_id == "id-c001"
        table.show([])
        assert table.cursor_id is None
        table.show(lines)  # it was only filtered away
        assert table.cursor_id == "id-c001"
        await pilot.pause()
        assert [m.id for m in received(pilot, LiveTable.Highlighted)] == [
            "id-c000",
            "id-c002",
            "id-c003",
            "id-c001",
            None,
            "id-c001",
        ]


async def test_the_view_follows_a_cursor_that_is_in_sight_only() -> None:
    table = table_of(names(100))
    async with shown(table, size=(80, 11)) as pilot:
        table.focus()
        await pilot.pause()
        table.show(names(100)[50:] + names(50))
        assert table.cursor_row == 50
        assert "id-c000" in table.visible_ids
        table.scroll_to(y=0, animate=False)
        table.show(names(100))
        table.scroll_to(y=60, animate=False)
        table.show(names(99))
        assert table.visible_ids[0] == "id-c060"


async def test_keys_move_the_cursor() -> None:
    table = table_of(names(100))
    async with shown(table, size=(80, 21)) as pilot:
        table.focus()
        for key, row in (
            ("down", 1),
            ("up", 0),
            ("k", 0),
            ("pagedown", 20),
            ("ctrl+d", 30),
            ("ctrl+u", 20),
            ("pageup", 0),
            ("G", 99),
            ("j", 99),
            ("g", 0),
            ("end", 99),
            ("home", 0),
        ):
            await pilot.press(key)
            assert (key, table.cursor_row) == (key, row)
            assert table.cursor_id in table.visible_ids


async def test_columns_grow_at_once_and_do_not_shrink_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dstui.ui.widgets import live_table

    now = 1000.0
    monkeypatch.setattr(live_table, "monotonic", lambda: now)
    table = table_of([line("web", "1.0%")])
    async with shown(table):
        narrow = screen_lines(table)[0]
        table.show([line("web", "123456.0%")])
        wide = screen_lines(table)[0]
        assert wide != narrow
        assert "123456.0%" in screen_lines(table)[1]
        table.show([line("web", "1.0%")])
        assert screen_lines(table)[0] == wide
        now += 61
        table.show([line("web", "1.0%")])
        assert screen_lines(table)[0] == narrow


async def test_group_headings_go_across_and_are_not_marked() -> None:
    heading = TableLine("group:ray", (Cell("▾ ray"), Cell("2 containers", Role.MUTED)), group=True)
    table = table_of([heading, line("head"), line("worker")])
    async with shown(table) as pilot:
        assert screen_lines(table)[1] == "  ▾ ray  2 containers"
        table.mark_all()
        assert table.marked == {"id-head", "id-worker"}
        table.toggle_mark("group:ray")
        assert "group:ray" not in table.marked
        assert table.visible_ids == ("id-head", "id-worker")
        await pilot.click(table, offset=(2, 1))
        assert [m.id for m in received(pilot, LiveTable.Opened)] == ["group:ray"]


async def test_marks_stay_on_their_objects_and_hidden_ones_do_not_count() -> None:
    table = table_of(names(3))
    async with shown(table) as pilot:
        table.toggle_mark("id-c001")
        assert screen_lines(table)[2].startswith("✓ c001")
        table.show(names(1))
        assert table.marked == frozenset()
        table.show(list(reversed(names(3))))
        assert table.marked == {"id-c001"}
        table.mark_all()
        assert len(table.marked) == 3
        table.mark_all()
        assert table.marked == frozenset()
        await pilot.pause()
        assert len(received(pilot, LiveTable.MarksChanged)) == 5


async def test_the_mouse_sorts_moves_marks_and_opens() -> None:
    table = table_of(names(5))
    async with shown(table) as pilot:
        title = screen_lines(table)[0].index("CPU")
        await pilot.click(table, offset=(title, 0))
        assert [m.key for m in received(pilot, LiveTable.HeaderClicked)] == ["cpu"]
        await pilot.click(table, offset=(5, 3))
        assert table.cursor_id == "id-c002"
        await pilot.click(table, offset=(0, 4))
        assert table.marked == {"id-c003"}
        await pilot.click(table, offset=(5, 2), times=2)
        assert [m.id for m in received(pilot, LiveTable.Opened)] == ["id-c001"]
        await pilot.click(table, offset=(5, 20))  # below the rows: nothing
        assert table.cursor_id == "id-c001"


async def test_the_sorted_column_has_an_arrow() -> None:
    table = table_of([line("web")], Sort("cpu", reverse=True))
    async with shown(table):
        assert "▾ CPU" in screen_lines(table)[0]
        table.set_columns(COLUMNS, Sort("name"))
        assert "NAME ▴" in screen_lines(table)[0]


async def test_an_empty_table_says_why() -> None:
    table = table_of([], empty="No containers")
    async with shown(table):
        assert screen_lines(table)[2].strip() == "No containers"
        table.empty = "No containers match the filter"
        assert screen_lines(table)[2].strip() == "No containers match the filter"


async def test_lines_that_are_not_on_screen_are_measured_once_and_never_drawn() -> None:
    made: list[int] = []

    def lazy(number: int) -> LazyTableLine:
        def make() -> tuple[Cell, ...]:
            made.append(number)
            return line(f"c{number:03}").cells

        return LazyTableLine(f"id-{number}", make)

    table = table_of([lazy(number) for number in range(100)])
    async with shown(table, size=(80, 11)) as pilot:
        await pilot.pause()
        made.clear()
        table.show([lazy(number) for number in range(100)])
        assert sorted(made) == list(range(10))


async def test_stale_lines_are_muted_and_the_cursor_is_fainter_without_focus() -> None:
    table = table_of([line("web"), line("db", dim=True)])
    other = LiveTable()
    async with shown(table, other) as pilot:
        roles = table.roles

        def style(y: int) -> Any:
            return next(iter(table.render_line(y))).style

        table.focus()
        await pilot.pause()
        assert style(1) == roles.cursor[Role.NORMAL]
        assert style(2) == roles.plain[Role.MUTED]
        other.focus()
        await pilot.pause()
        assert style(1) == roles.cursor_blurred[Role.NORMAL]


async def test_another_theme_repaints_in_its_own_colors() -> None:
    table = table_of([line("web")])
    async with shown(table) as pilot:
        from dstui.ui import theme

        before = table.roles.plain[Role.NORMAL]
        pilot.app.register_theme(theme.load("dstui-light"))
        pilot.app.theme = "dstui-light"
        await pilot.pause()
        assert table.roles.plain[Role.NORMAL] != before
        painted = [segment.style for segment in table.render_line(2)]
        assert painted == [table.roles.plain[Role.NORMAL]]


async def test_scrolling_tells_which_objects_are_on_screen() -> None:
    table = table_of(names(100))
    async with shown(table, size=(80, 11)) as pilot:
        await pilot.pause()
        assert len(received(pilot, LiveTable.Scrolled)) == 1
        table.focus()
        await pilot.press("G")
        assert len(received(pilot, LiveTable.Scrolled)) == 2
        assert table.visible_ids == tuple(f"id-c{number:03}" for number in range(90, 100))
