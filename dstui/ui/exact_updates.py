"""Sends to the terminal what changed, and nothing else: over SSH bytes are latency."""

from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.console import Console, RenderableType
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

_RESET = "\x1b[0m"


class ExactUpdate(ChopsUpdate):
    """A partial update cut to its spans, with the colors told only where they change.

    Textual 8 sends each line from the left edge of the widget up to the end of the span, and
    each piece of text with all its colors: five times the bytes for a number in a table.
    """

    def render_segments(self, console: Console) -> str:
        """The spans' cells, each span after a move of the cursor."""
        pen = _Pen(console._color_system or ColorSystem.TRUECOLOR)
        for y, start, end in self.spans:
            at = -1
            for (x, strip), chop_end in zip(self.chops[y].items(), self.chop_ends[y], strict=False):
                left, right = max(x, start), min(chop_end, end)
                if strip is None or left >= right:
                    continue
                if left != at:
                    pen.move(left, y)
                pen.write(strip.crop(left - x, right - x))
                at = right
        return pen.written()


class TerseUpdate(LayoutUpdate):
    """An update of the whole screen, with the colors told only where they change."""

    def render_segments(self, console: Console) -> str:
        """Line by line."""
        pen = _Pen(console._color_system or ColorSystem.TRUECOLOR)
        for y, line in enumerate(self.strips, self.region.y):
            pen.move(self.region.x, y)
            for strip in line:
                pen.write(strip)
        return pen.written()


class _Pen:
    """Writes with the least of sequences: it knows how what it wrote last looks."""

    def __init__(self, colors: ColorSystem) -> None:
        self._colors = colors
        self._style: Style | None = None
        self._sequences: list[str] = []

    def move(self, x: int, y: int) -> None:
        """Go on writing there."""
        self._sequences.append(Control.move_to(x, y).segment.text)

    def write(self, strip: Strip) -> None:
        """Write text in its colors."""
        for text, style, _ in strip:
            if style is not None and style.link:
                self._turn(None)
                self._sequences.append(Strip.render_style(style, text, self._colors))
            else:
                self._turn(style)
                self._sequences.append(text)

    def _turn(self, style: Style | None) -> None:
        if style is not self._style:
            self._sequences.append(_turn(self._style, style, self._colors))
            self._style = style

    def written(self) -> str:
        """All of it; the terminal is left without colors."""
        self._turn(None)
        return "".join(self._sequences)


@lru_cache(maxsize=4096)
def _turn(before: Style | None, after: Style | None, colors: ColorSystem) -> str:
    """The sequence from one look to the other."""
    if after is None or not after:
        return _RESET if before else ""
    if before and before.without_color == after.without_color:
        codes = [
            *_color_codes(before.color, after.color, colors, foreground=True),
            *_color_codes(before.bgcolor, after.bgcolor, colors, foreground=False),
        ]
        return f"\x1b[{';'.join(codes)}m" if codes else ""
    codes_of_all = Strip.render_ansi(after, colors)
    return f"\x1b[{'0;' if before else ''}{codes_of_all}m"


def _color_codes(
    before: Color | None, after: Color | None, colors: ColorSystem, *, foreground: bool
) -> tuple[str, ...]:
    if before == after:
        return ()
    color = Color.default() if after is None else after
    return tuple(color.downgrade(colors).get_ansi_codes(foreground))


def exact(update: RenderableType | None) -> RenderableType | None:
    """The same update, as short as can be."""
    if type(update) is ChopsUpdate:
        return ExactUpdate(update.chops, update.spans, update.chop_ends)
    if type(update) is LayoutUpdate:
        return TerseUpdate(update.strips, update.region)
    return update


class ExactUpdates(App[None]):
    """Mixed into an app, makes its updates exact."""

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, exact(renderable))
