"""What the widgets cost: `python -m bench.widgets` prints a table.

The app runs headless; every update is rendered to the terminal sequences that a real driver
would write, which are counted. Times are process time with Textual's own part in it; a "1 Hz CPU"
is the time of one update as a share of a second of one core. Making the cells is not included.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from dstui.render.column import Cell, Column, Role
from dstui.render.table import Sort
from dstui.render.units import percent
from dstui.ui.exact_updates import exact
from dstui.ui.theme import RoleDefaults
from dstui.ui.widgets.history_chart import HistoryChart
from dstui.ui.widgets.json_view import JsonView
from dstui.ui.widgets.live_table import LiveTable, TableLine

SIZE = (160, 48)
UPDATES = 50


class BenchApp(RoleDefaults, App[None]):
    """Shows one widget, and counts the bytes of its updates, as they are and as they could be."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget
        self.sent = self.sent_stock = 0
        self.count_stock = False

    def compose(self) -> ComposeResult:
        yield self._widget

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate):
            cut = exact(renderable)
            assert isinstance(cut, CompositorUpdate)
            self.sent += len(cut.render_segments(self.console).encode())
            if self.count_stock:
                self.sent_stock += len(renderable.render_segments(self.console).encode())
        super()._display(screen, renderable)


async def measure(title: str, widget: Widget, step: Callable[[int], object]) -> None:
    """Print what one call of `step` costs until it is on screen."""
    app = BenchApp(widget)
    async with app.run_test(size=SIZE) as pilot:
        widget.focus()
        step(0)
        await pilot.pause(0.1)
        app.sent = 0
        started, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(0.5)
        idle = (time.process_time() - cpu) / (time.perf_counter() - started)
        started, cpu = time.perf_counter(), time.process_time()
        for number in range(1, UPDATES + 1):
            step(number)
            await asyncio.sleep(0.03)
        wall = time.perf_counter() - started
        used = time.process_time() - cpu - idle * wall
        ms = 1000 * used / UPDATES
        sent, app.sent, app.sent_stock, app.count_stock = app.sent, 0, 0, True
        for number in range(UPDATES + 1):  # the same again, not timed
            step(number)
            await asyncio.sleep(0.03)
        stock = app.sent_stock / UPDATES / 1000
        print(f"{title:<58}{ms:>8.2f}{ms / 10:>12.2f}{sent / UPDATES / 1000:>8.2f}{stock:>12.2f}")


def columns() -> tuple[Column[Any], ...]:
    """As many as the list of containers has."""
    titles = (
        *("state", "name", "image", "owner", "status", "cpu", "memory", "limit"),
        *("gpu", "net", "disk", "pids", "ports", "age"),
    )
    return tuple(
        Column(
            title,
            title.upper(),
            lambda row: Cell(""),
            lambda row: None,
            min_width=12 if title in ("name", "image", "status") else 6,
            flexible=title in ("name", "image"),
            right=title in ("cpu", "memory", "limit", "pids", "age"),
        )
        for title in titles
    )


def frames(rows: int, busy: float) -> Iterator[list[TableLine]]:
    """The same containers again and again; of the busy ones, five numbers change each time."""
    chance = random.Random(1)
    lines = [_line(number, chance) for number in range(rows)]
    while True:
        lines = [
            _line(number, chance) if chance.random() < busy else line
            for number, line in enumerate(lines)
        ]
        yield lines


def _line(number: int, chance: random.Random) -> TableLine:
    def amount(unit: str) -> Cell:
        return Cell(f"{chance.random() * 100:.1f}{unit}", Role.NUMBER)

    return TableLine(
        f"id{number}",
        (
            Cell("●", Role.RUNNING),
            Cell(f"train-{number:04}", Role.STRONG),
            Cell("pytorch/pytorch:2.3.1", Role.MUTED),
            Cell("ana"),
            Cell("Up 3 h", Role.RUNNING),
            amount("%"),
            amount("GiB"),
            Cell("64GiB", Role.MUTED),
            Cell("2", Role.ACCENT),
            amount("kB/s"),
            amount("kB/s"),
            Cell(str(chance.randrange(99))),
            Cell("8888→8888", Role.MUTED),
            Cell("3 d", Role.MUTED),
        ),
    )


async def tables() -> None:
    """LiveTable: full repaints, updates, the cursor."""
    for rows, busy in ((100, 0.1), (100, 1.0), (1000, 0.1), (1000, 1.0)):
        table = LiveTable()
        table.set_columns(columns(), Sort("cpu", True))
        made = frames(rows, busy)
        ready = [next(made) for _ in range(UPDATES + 1)]
        title = f"LiveTable, {rows} rows, 5 cells of {busy:.0%} of them change"
        await measure(title, table, lambda number, t=table, r=ready: t.show(r[number]))
    table = _filled()
    await measure("LiveTable, full repaint", table, lambda number: table.refresh())
    table = _filled()
    await measure("LiveTable, cursor down", table, lambda number: _down(table))
    table = _filled()
    await measure("LiveTable, scrolling by a line", table, lambda number: _scroll(table))


async def details() -> None:
    """What the detail pane shows."""
    value = {f"key-{n}": {"name": f"value {n}", "list": [1, None, True]} for n in range(700)}
    view = JsonView()
    view.show(value)
    await measure(
        "JsonView, 5,600 lines, page down", view, lambda n: view.action_cursor_by_pages(1)
    )
    view = JsonView()
    view.show(value)
    await measure("JsonView, 5,600 lines, search 700 hits", view, lambda n: view.search("name"))
    view = JsonView()
    view.show(value)
    await measure("JsonView, 5,600 lines, fold and unfold", view, lambda n: _fold(view))
    view = JsonView()
    await measure(
        "JsonView, 5,600 lines, another value", view, lambda n: view.show({**value, "n": n})
    )
    chart = HistoryChart()
    points = [(float(second), float(second * 7 % 100)) for second in range(400)]
    await measure(
        "HistoryChart, 300 samples, a sample a second", chart, lambda n: _grow(chart, points, n)
    )


def _fold(view: JsonView) -> None:
    view.move_cursor(1)
    view.action_toggle_fold()


def _grow(chart: HistoryChart, points: Sequence[tuple[float, float]], number: int) -> None:
    chart.show(points[number : number + 300], "CPU", percent)


def _down(table: LiveTable) -> None:
    """Around in the part that is on screen."""
    row = table.cursor_row or 0
    table.action_cursor_by(1 if row < 30 else -30)


def _scroll(table: LiveTable) -> None:
    table.scroll_to(y=table.scroll_y + 1, animate=False)


def _filled() -> LiveTable:
    table = LiveTable()
    table.set_columns(columns(), None)
    table.show(next(frames(1000, 0)))
    return table


async def main() -> None:
    """Print all figures."""
    print(f"{SIZE[0]}x{SIZE[1]}, {UPDATES} updates each")
    print(f"{'an update of':<58}{'ms':>8}{'1 Hz CPU %':>12}{'kB':>8}{'kB, stock':>12}")
    await tables()
    await details()


if __name__ == "__main__":
    asyncio.run(main())
