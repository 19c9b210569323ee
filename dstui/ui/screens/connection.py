"""No engine answered: what was tried, why it failed, what to do."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from dstui.domain.engine import ConnectionFailure
from dstui.domain.text import clean
from dstui.ui.told_compositor import TellsAll

Answer = Literal["retry", "demo", "quit"]


class ConnectionScreen(TellsAll, Screen[Answer]):
    """Answers what to do next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "answer('retry')", "Retry"),
        Binding("D", "answer('demo')", "Demo"),
        Binding("q,escape", "answer('quit')", "Quit"),
    ]
    DEFAULT_CSS = """
    ConnectionScreen {
        align: center middle;
        background: $background;
        #box {
            width: 88; max-width: 100%; height: auto; max-height: 100%;
            padding: 1 2; background: $surface; border: round $role-bad;
        }
        #title { color: $role-bad; text-style: bold; margin-bottom: 1; height: auto; }
        #failures { height: auto; max-height: 1fr; }
        .failure { height: auto; margin-bottom: 1; }
        #choices { height: auto; }
    }
    """

    def __init__(self, failures: Sequence[ConnectionFailure], reason: str = "") -> None:
        super().__init__()
        self._failures = failures
        self._reason = reason

    def compose(self) -> ComposeResult:
        """A paragraph for each place that was tried."""
        with Vertical(id="box"):
            yield Static("No container engine answers", id="title", markup=False)
            with VerticalScroll(id="failures"):
                if self._reason:
                    yield Static(self._reason, classes="failure", markup=False)
                for failure in self._failures:
                    yield Static(_paragraph(failure), classes="failure")
            yield Static(_CHOICES, id="choices")

    def action_answer(self, answer: Answer) -> None:
        """Leave with it."""
        self.dismiss(answer)


def _paragraph(failure: ConnectionFailure) -> Content:
    return Content.assemble(
        (clean(failure.endpoint.host), "bold $role-strong"),
        (f"  from {clean(failure.endpoint.source)}", "$role-muted"),
        ("\n  why    ", "$role-muted"),
        (clean(failure.reason), "$role-warning"),
        ("\n  to do  ", "$role-muted"),
        clean(failure.fix),
    )


_CHOICES = Content.assemble(
    ("r", "bold $role-accent"),
    " try again    ",
    ("D", "bold $role-accent"),
    " open the demo: simulated containers, images and GPUs    ",
    ("q", "bold $role-accent"),
    " quit",
)
