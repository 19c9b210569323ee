"""The Stats tab: what a container used over the last minutes."""

from collections.abc import Sequence

from dstui.domain.usage import Usage
from dstui.render.units import binary_bytes, number, percent, rate
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.tab_charts import Chart, ChartsTab

CHARTS: tuple[Chart[Usage], ...] = (
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


class StatsTab(ChartsTab[Usage]):
    """A chart each for CPU, memory, network, disk and processes."""

    TOPICS = frozenset({Topic.USAGE, Topic.CONTAINERS})

    def __init__(self, session: Session) -> None:
        super().__init__(session, CHARTS)

    def history(self) -> Sequence[Usage]:
        """The usage of the container."""
        return self.session.store.history(self.object_id or "")

    def why_nothing(self, history: Sequence[Usage]) -> str:
        """What does not run uses nothing."""
        container = self.session.store.container(self.object_id or "")
        if container is None:
            return ""
        if not container.alive:
            return "It is not running: it uses nothing"
        return super().why_nothing(history)
