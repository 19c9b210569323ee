"""A tab of charts: what something measured over the last minutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from textual.app import ComposeResult
from textual.containers import Grid

from dstui.session import Session
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.history_chart import SPANS_S, HistoryChart


class Timed(Protocol):
    """A sample."""

    @property
    def time(self) -> float:
        """Seconds since the epoch."""
        ...


SampleT = TypeVar("SampleT", bound=Timed)


@dataclass(frozen=True, slots=True)
class Chart(Generic[SampleT]):
    """What one chart shows; `below` hangs from the middle: what goes out."""

    title: str
    value: Callable[[SampleT], float | None]
    shown: Callable[[float | None], str]
    below: Callable[[SampleT], float | None] | None = None
    names: tuple[str, str] = ("", "")
    binary: bool = False


class ChartsTab(DetailTab, Generic[SampleT]):
    """A chart each for what is measured."""

    SPAN_S: float = SPANS_S[-1]
    DEFAULT_CSS = """
    ChartsTab {
        Grid { grid-size: 2; grid-gutter: 1 2; grid-rows: 1fr; padding: 0 1; height: 1fr; }
        HistoryChart { height: 100%; min-height: 3; }
    }
    """

    def __init__(self, session: Session, charts: Sequence[Chart[SampleT]]) -> None:
        super().__init__(session)
        self._of = tuple(charts)
        self._charts = [HistoryChart() for _ in charts]

    def compose(self) -> ComposeResult:
        """All charts at once."""
        with Grid():
            yield from self._charts

    def history(self) -> Sequence[SampleT]:
        """The samples of the object on show, oldest first."""
        raise NotImplementedError

    def why_nothing(self, history: Sequence[SampleT]) -> str:
        """What to say above the charts."""
        return "" if history else "Waiting for the first sample…"

    def present(self) -> None:
        """Draw the samples there are."""
        history = self.history() if self.object_id else ()
        self.note(self.why_nothing(history) if self.object_id else "")
        for chart, what in zip(self._charts, self._of, strict=True):
            chart.show(
                _points(history, what.value),
                what.title,
                what.shown,
                below=_points(history, what.below) if what.below else None,
                names=what.names,
                span_s=self.SPAN_S,
                binary=what.binary,
            )


def _points(
    history: Sequence[SampleT], value: Callable[[SampleT], float | None]
) -> list[tuple[float, float | None]]:
    return [(sample.time, value(sample)) for sample in history]
