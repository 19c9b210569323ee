"""The Stats tab: what a container used over the last minutes."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Grid

from dstui.domain.usage import Usage
from dstui.render.units import binary_bytes, number, percent, rate
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.history_chart import HistoryChart


@dataclass(frozen=True, slots=True)
class Series:
    """One chart."""

    title: str
    value: Callable[[Usage], float | None]
    shown: Callable[[float | None], str]


SERIES = (
    Series("CPU", lambda usage: usage.cpu_percent, percent),
    Series("Memory", lambda usage: usage.memory_bytes, binary_bytes),
    Series("Net received", lambda usage: usage.net_rx_rate, rate),
    Series("Net sent", lambda usage: usage.net_tx_rate, rate),
    Series("Disk read", lambda usage: usage.block_read_rate, rate),
    Series("Disk written", lambda usage: usage.block_write_rate, rate),
    Series("PIDs", lambda usage: usage.pids, number),
)


class StatsTab(DetailTab):
    """A chart each for CPU, memory, network, disk and processes."""

    TOPICS = frozenset({Topic.USAGE, Topic.CONTAINERS})
    DEFAULT_CSS = """
    StatsTab {
        Grid { grid-size: 2; grid-gutter: 1 2; grid-rows: 1fr; padding: 0 1; height: 1fr; }
        HistoryChart { height: 100%; min-height: 3; }
    }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._charts = [HistoryChart() for _ in SERIES]

    def compose(self) -> ComposeResult:
        """All charts at once."""
        with Grid():
            yield from self._charts

    def present(self) -> None:
        """Draw the samples there are."""
        history = self.session.store.history(self.object_id) if self.object_id else ()
        container = self.session.store.container(self.object_id) if self.object_id else None
        if container is not None and not container.alive:
            self.note("It is not running: it uses nothing")
        elif container is not None and not history:
            self.note("Waiting for the first sample…")
        else:
            self.note("")
        for chart, series in zip(self._charts, SERIES, strict=True):
            points = [(sample.time, series.value(sample)) for sample in history]
            chart.show(points, series.title, series.shown)
