"""The History tab of a GPU: its last ten minutes."""

from collections.abc import Sequence

from dstui.domain.gpu import GpuMoment
from dstui.render.units import binary_bytes, number, rate, whole_percent
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.sections.tab_charts import Chart, ChartsTab


def _degrees(value: float | None) -> str:
    return number(value, " °C")


def _watts(value: float | None) -> str:
    return number(value, " W")


CHARTS: tuple[Chart[GpuMoment], ...] = (
    Chart("Utilisation", lambda moment: moment.utilization_percent, whole_percent),
    Chart("Memory", lambda moment: moment.memory_used_bytes, binary_bytes, binary=True),
    Chart("Power", lambda moment: moment.power_w, _watts),
    Chart("Temperature", lambda moment: moment.temperature_c, _degrees),
    Chart(
        "PCIe",
        lambda moment: moment.pcie_rx_rate,
        rate,
        below=lambda moment: moment.pcie_tx_rate,
        names=("↓", "↑"),
    ),
)


class GpuHistoryTab(ChartsTab[GpuMoment]):
    """A chart each for utilisation, memory, power, temperature and PCIe."""

    TOPICS = frozenset({Topic.GPUS})
    SPAN_S = 600.0

    def __init__(self, session: Session) -> None:
        super().__init__(session, CHARTS)

    def history(self) -> Sequence[GpuMoment]:
        """The samples of the GPU."""
        return self.session.store.gpu_history(self.object_id or "")
