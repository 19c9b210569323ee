"""Text in cells, columns in a line, and updates on the wire."""

import unicodedata
from typing import Any

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from dstui.render.column import Cell, Column, Role
from dstui.ui.exact_updates import ExactUpdate, TerseUpdate, exact
from dstui.ui.theme import RoleDefaults
from dstui.ui.widgets.column_layout import place
from dstui.ui.widgets.live_table import LiveTable, TableLine
from dstui.ui.widgets.text_cells import clip, clip_start, fill, harmless, wrap
from tests.waiting import until

texts = st.text(max_size=60) | st.text("ab 日本\x1b[]👩‍\u200d\u0301", max_size=60)


@given(texts, st.integers(0, 40), st.booleans())
def test_filled_text_is_exactly_as_wide_as_asked(text: str, width: int, right: bool) -> None:
    filled = fill(text, width, right)
    assert cell_len(filled) == width
    assert not [c for c in filled if unicodedata.category(c).startswith("C")]


@given(texts, st.integers(1, 40))
def test_clipped_text_fits_and_tells_of_what_is_cut(text: str, width: int) -> None:
    clipped = clip(text, width)
    assert cell_len(clipped) <= width
    assert clipped == harmless(text) or clipped.endswith("…")


@given(texts, st.integers(1, 40))
def test_the_end_can_be_what_is_kept(text: str, width: int) -> None:
    kept = clip_start(text, width)
    assert cell_len(kept) <= width
    assert kept == harmless(text) or (kept[0] == "…" and harmless(text).endswith(kept[1:]))


def test_of_an_image_name_and_tag_are_kept() -> None:
    assert clip_start("quay.io/jupyter/scipy:2025", 11) == "…scipy:2025"
    assert clip_start("日本語日本語", 6) == "…本語"
    assert clip_start("日本", 2) == "…"
    assert clip_start("redis:7", 11) == "redis:7"


@given(texts, st.integers(2, 40))
def test_wrapped_text_fits_and_nothing_but_blanks_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(harmless(text).split())


def test_long_text_in_no_room_is_wrapped_in_a_moment() -> None:
    assert len(wrap("é" * 20_000, 1)) == 20_000
    assert clip_start("e" + "\u0301" * 20_000, 2).endswith("\u0301")


def test_text_is_wrapped_between_words() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("onetwothree", 4) == ["onet", "woth", "ree"]
    assert wrap("", 4) == [""]


@st.composite
def columns(draw: st.DrawFn) -> list[Column[Any]]:
    return [
        Column(
            f"c{number}",
            f"C{number}",
            lambda row: Cell(""),
            lambda row: None,
            priority=draw(st.integers(0, 5)),
            min_width=draw(st.integers(1, 20)),
            max_width=draw(st.integers(20, 40)),
            flexible=draw(st.booleans()),
        )
        for number in range(draw(st.integers(1, 14)))
    ]


@given(columns(), st.integers(0, 60), st.integers(3, 250))
def test_columns_stay_inside_and_do_not_touch(
    given_columns: list[Column[Any]], natural: int, width: int
) -> None:
    placed = place(given_columns, [natural] * len(given_columns), 2, width)
    at = 2
    for one in placed:
        assert one.x >= at
        assert one.width >= 1
        assert one.x + one.width <= width
        at = one.x + one.width + 1
    shown = {one.column for one in placed}
    dropped = set(range(len(given_columns))) - shown
    if shown and dropped and width > 60:
        kept = max(given_columns[number].priority for number in shown)
        assert all(given_columns[number].priority >= kept for number in dropped)


def test_what_is_left_over_goes_to_the_flexible_column() -> None:
    made = [
        Column("n", "N", lambda r: Cell(""), lambda r: None, min_width=5, flexible=True),
        Column("v", "V", lambda r: Cell(""), lambda r: None, min_width=6),
    ]
    assert [one.width for one in place(made, [30, 6], 2, 60)] == [30, 6]
    assert [one.width for one in place(made, [30, 6], 2, 30)] == [21, 6]


def test_the_more_important_of_two_flexible_columns_gets_its_width_first() -> None:
    made = [
        Column(key, key, lambda r: Cell(""), lambda r: None, priority, 5, flexible=True)
        for key, priority in (("image", 2), ("name", 0))
    ]
    assert [one.width for one in place(made, [30, 20], 2, 40)] == [17, 20]


def _line(number: int, cpu: str) -> TableLine:
    cells = (
        Cell(f"日本-{number}", Role.STRONG),
        Cell(cpu, Role.NUMBER),
        Cell("80", Role.MUTED),
        Cell(cpu, Role.BAD if number % 2 else Role.GOOD),
    )
    return TableLine(f"id{number}", cells)


class UpdatesApp(RoleDefaults, App[None]):
    """Keeps its updates as a terminal would get them."""

    def __init__(self, table: LiveTable) -> None:
        super().__init__()
        self._table = table
        self.exact: list[str] = []
        self.stock: list[str] = []

    def compose(self) -> ComposeResult:
        yield self._table

    def _display(self, screen: Any, renderable: Any) -> None:
        console = Console(color_system="truecolor")
        if isinstance(renderable, CompositorUpdate):
            cut = exact(renderable)
            assert isinstance(cut, ExactUpdate | TerseUpdate)
            self.exact.append(cut.render_segments(console))
            self.stock.append(renderable.render_segments(console))
        super()._display(screen, renderable)


async def showing(pilot: Pilot[None], table: LiveTable, cpu: str) -> None:
    """Give it other values, and wait until they are on screen."""
    app = pilot.app
    assert isinstance(app, UpdatesApp)
    seen = len(app.exact)
    table.show([_line(number, cpu) for number in range(10)])
    await until(pilot.pause, lambda: len(app.exact) > seen, f"{cpu} on screen")


async def test_exact_updates_show_the_same_with_fewer_bytes() -> None:
    table = LiveTable()
    made = [
        Column(key, key, lambda r: Cell(""), lambda r: None, min_width=8)
        for key in ("a", "b", "c", "d")
    ]
    table.set_columns(made, None)
    app = UpdatesApp(table)
    async with app.run_test(size=(60, 12)) as pilot:
        await showing(pilot, table, "1.0%")
        started = len(app.exact)
        for second in range(2, 7):
            await showing(pilot, table, f"{second}.0%")
        await pilot.press("j")
    screens = []
    for sent in (app.exact, app.stock):
        terminal = pyte.Screen(60, 12)
        terminal.set_mode(pyte.modes.LNM)
        pyte.Stream(terminal).feed("".join(sent))
        screens.append(terminal)
    assert screens[0].display == screens[1].display
    assert "6.0%" in screens[0].display[10]
    for line in range(12):  # the same colors too
        assert dict(screens[0].buffer[line]) == dict(screens[1].buffer[line])
    assert len("".join(app.exact[started:])) < 0.5 * len("".join(app.stock[started:]))
