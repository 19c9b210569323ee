"""Charts and meters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.render.braille import area, columns, rounded_up, sparkline
from dstui.render.column import Role
from dstui.render.units import binary_bytes, percent, rate
from dstui.ui.widgets.history_chart import HistoryChart
from dstui.ui.widgets.meter import Meter, bar
from tests.ui.bare import SIZES, Repaints, screen_lines, shown, whole_lines

POINTS = [(1000.0 + second, float(second % 60)) for second in range(300)]
values = st.lists(st.one_of(st.none(), st.floats(0, 1e15)), max_size=80)


def test_each_cell_holds_eight_dots() -> None:
    assert area([4, 4], top=4, height=1) == ["⣿"]
    assert area([1, 2], top=4, height=1) == ["⣠"]
    assert area([8, 4], top=8, height=2) == ["⡇", "⣿"]
    assert area([1, 2], top=4, height=1, hanging=True) == ["⠙"]
    assert area([None, 0], top=4, height=1) == [" "]


def test_a_little_is_more_than_nothing() -> None:
    assert area([0.001, 0], top=1000, height=2) == [" ", "⡀"]


@given(values, st.integers(1, 8), st.booleans())
def test_an_area_is_as_large_as_asked(
    series: list[float | None], height: int, hanging: bool
) -> None:
    lines = area(series, 1e15, height, hanging)
    assert len(lines) == height
    assert {len(line) for line in lines} == {(len(series) + 1) // 2}


def test_a_step_shows_its_largest_value() -> None:
    points = [(1.0, 1.0), (2.0, 9.0), (3.0, 2.0), (4.0, 3.0)]
    assert columns(points, end=4.0, step=2.0, count=3) == [None, 9.0, 3.0]


def test_a_value_holds_until_the_next_one_and_an_unknown_one_leaves_a_gap() -> None:
    points = [(10.0, 1.0), (20.0, 2.0), (30.0, None), (40.0, 4.0)]
    drawn = columns(points, end=40.0, step=5.0, count=8)
    assert drawn == [None, 1.0, 1.0, 2.0, 2.0, None, None, 4.0]


def test_a_pause_in_the_samples_is_a_gap() -> None:
    points = [(1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (20.0, 1.0), (21.0, 1.0)]
    drawn = columns(points, end=21.0, step=1.0, count=21)
    assert drawn.count(None) >= 13
    assert drawn[0] == drawn[20] == 1.0


@pytest.mark.parametrize(
    ("value", "base", "rounded"),
    [(0, 10, 1), (1, 10, 1), (3, 10, 5), (51, 10, 100), (0.3, 10, 0.5), (3 * 2**20, 2, 2**22)],
)
def test_scales_end_at_round_numbers(value: float, base: int, rounded: float) -> None:
    assert rounded_up(value, base) == pytest.approx(rounded)


def test_a_sparkline_is_as_wide_as_asked() -> None:
    assert sparkline([1, 2, 3, 4], 4) == "  ⣠⣾"
    assert sparkline([], 3) == "   "


@pytest.mark.parametrize("size", SIZES)
async def test_a_chart_has_its_title_its_value_its_scale_and_its_span(
    size: tuple[int, int],
) -> None:
    chart = HistoryChart()
    async with shown(chart, size=size):
        chart.show(POINTS, "CPU", percent)
        lines = screen_lines(chart)
        assert lines[0] == "CPU  59.0%"
        assert lines[1].split()[0] == "100%"
        assert lines[-2].split()[0] == "0"
        assert lines[-1].split() == ["5", "min", "ago", "now"]
        assert {len(line) for line in whole_lines(chart)} == {size[0]}


async def test_two_series_share_a_scale_and_hang_from_the_middle() -> None:
    chart = HistoryChart()
    async with shown(chart, size=(60, 10)):
        chart.show(
            [(t, 4000.0) for t in range(300)],
            "Net",
            rate,
            below=[(t, 2500.0) for t in range(300)],
            names=("↓", "↑"),
        )
        lines = screen_lines(chart)
        assert lines[0] == "Net  ↓ 4kB/s  ↑ 2.5kB/s"
        assert lines[1].split()[0] == lines[-2].split()[0] == "5kB/s"
        assert lines[4].split()[0] == "0"


async def test_no_sample_is_no_zero() -> None:
    chart = HistoryChart()
    async with shown(chart, size=(60, 8)):
        chart.show([], "Memory", binary_bytes)
        assert screen_lines(chart) == ["Memory  –", *[""] * 7]
        chart.show([(1.0, None)], "Memory", binary_bytes)
        assert screen_lines(chart)[0] == "Memory  –"


@pytest.mark.parametrize("size", [(3, 3), (12, 3), (20, 4)])
async def test_a_tiny_chart_does_not_fail(size: tuple[int, int]) -> None:
    chart = HistoryChart()
    async with shown(chart, size=size):
        chart.show(POINTS, "CPU", percent, below=POINTS)
        assert {len(line) for line in whole_lines(chart)} == {size[0]}


async def test_between_two_steps_only_what_differs_is_repainted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart = HistoryChart()
    async with shown(chart, size=(109, 10)) as pilot:  # a step is 1.5 s
        flat = [(1000.5 + second, 50.0) for second in range(300)]
        chart.show(flat, "CPU", percent)
        await pilot.pause()
        repaints = Repaints(chart, monkeypatch)
        chart.show([*flat, (flat[-1][0] + 0.2, 50.0)], "CPU", percent)
        assert (repaints.regions, repaints.everything) == ([], 0)
        chart.show([*flat, (flat[-1][0] + 0.2, 60.0)], "CPU", percent)
        assert 1 <= len(repaints.regions) < 6


def test_a_bar_is_full_by_half_cells() -> None:
    assert bar(0.5, 4) == ("━━", "──")
    assert bar(0.625, 4) == ("━━╸", "─")
    assert bar(0.0001, 4) == ("╸", "───")
    assert bar(7, 4) == ("━━━━", "")
    assert bar(None, 4) == ("", "────")


async def test_meters_stand_in_line() -> None:
    meters = [Meter(name, label_width=8, text_width=9) for name in ("GPU", "memory")]
    async with shown(*meters, size=(40, 5)):
        meters[0].show(0.5, "50%", Role.WARNING)
        first, second = (screen_lines(meter)[0] for meter in meters)
        assert first.startswith("GPU       ━")
        assert first.endswith("  50%")
        assert first.index("━") == second.index("─")
        assert second.endswith("–")


async def test_a_young_chart_shows_a_shorter_span() -> None:
    chart = HistoryChart()
    async with shown(chart, size=(60, 8)):
        chart.show(POINTS[:30], "CPU", percent)
        assert screen_lines(chart)[-1].split() == ["1", "min", "ago", "now"]
        chart.show(POINTS[:100], "CPU", percent)
        assert screen_lines(chart)[-1].split() == ["2", "min", "ago", "now"]
