"""The Stats tab: what a container used over the last minutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Grid

from dstui.domain.usage import Usage
from dstui.render.units import binary_bytes, number, percent, rate
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.history_chart import HistoryChart

Value = Callable[[Usage], float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """What one chart shows; `below` hangs from the middle: what goes out."""

    title: str
    value: Value
    shown: Callable[[float | None], str]
    below: Value | None = None
    names: tuple[str, str] = ("", "")
    binary: bool = False


CHARTS = (
    Chart("CPU", lambda usage: usage.cpu_percent, percent),
    Chart("Memory", lambda usage: usage.memory_bytes, binary_bytes, binary=True),
    Chart(
        "Network",
        lambda usage: usage.net_rx_rate,
        rate,
        below=lambda usage: usage.net_tx_rate,
        names=("↓", "↑"),
    ),
    Chart(
        "Disk",
        lambda usage: usage.block_read_rate,
        rate,
        below=lambda usage: usage.block_write_rate,
        names=("read", "written"),
    ),
    Chart("Processes and threads", lambda usage: usage.pids, number),
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
        self._charts = [HistoryChart() for _ in CHARTS]

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
        for chart, what in zip(self._charts, CHARTS, strict=True):
            chart.show(
                _points(history, what.value),
                what.title,
                what.shown,
                below=_points(history, what.below) if what.below else None,
                names=what.names,
                binary=what.binary,
            )


def _points(history: Sequence[Usage], value: Value) -> list[tuple[float, float | None]]:
    return [(sample.time, value(sample)) for sample in history]
