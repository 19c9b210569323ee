"""Sends to the terminal only the cells that a widget asked to have repainted."""

from rich.console import Console, RenderableType
from rich.control import Control
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.screen import Screen


class ExactUpdate(ChopsUpdate):
    """A partial update cut to its spans.

    Textual 8 sends each line from the left edge of the widget up to the end of the span: for a
    number that changes in the last column of a table that is the whole line, a kilobyte and more.
    """

    def render_segments(self, console: Console) -> str:
        """The spans' cells, each span after a move of the cursor."""
        sequences: list[str] = []
        for y, start, end in self.spans:
            at = -1
            for (x, strip), chop_end in zip(self.chops[y].items(), self.chop_ends[y], strict=False):
                left, right = max(x, start), min(chop_end, end)
                if strip is None or left >= right:
                    continue
                if left != at:
                    sequences.append(Control.move_to(left, y).segment.text)
                sequences.append(strip.crop(left - x, right - x).render(console))
                at = right
        return "".join(sequences)


def exact(update: ChopsUpdate) -> ExactUpdate:
    """The same update, cut to its spans."""
    return ExactUpdate(update.chops, update.spans, update.chop_ends)


class ExactUpdates(App[None]):
    """Mixed into an app, makes its partial updates exact."""

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if type(renderable) is ChopsUpdate:
            renderable = exact(renderable)
        super()._display(screen, renderable)
