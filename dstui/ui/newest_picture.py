"""Paints no picture that a slow terminal would only show when it is old."""

from collections.abc import Iterable

from rich.console import RenderableType
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen

from dstui.ui.driver import TerminalDriver


class NewestPicture(App[None]):
    """Mixed into an app, lets pictures go while the terminal is behind.

    What they would have changed is owed, and painted as it is by then when the terminal has
    caught up: keys are answered with what is true, and nothing piles up.
    """

    def __init__(self) -> None:
        super().__init__()
        self._owed: dict[int, tuple[int, int]] | None = {}
        """By the line, from where to where; `None` is the whole screen."""
        self._owed_by: Screen[object] | None = None

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        driver = self._driver
        if renderable is None or not isinstance(driver, TerminalDriver) or not driver.behind:
            super()._display(screen, renderable)
        else:
            self._owe(screen, renderable)

    def _owe(self, screen: Screen[object], renderable: RenderableType) -> None:
        other = self._owed_by is not None and screen is not self._owed_by
        self._owed_by = screen
        if other or not isinstance(renderable, ChopsUpdate):
            self._owed = None
        elif self._owed is not None:
            _add(self._owed, renderable.spans)

    def caught_up(self) -> None:
        """Paint what is owed."""
        owed, self._owed, self._owed_by = self._owed, {}, None
        if owed is None:
            self.screen.refresh()
        elif owed:
            self.screen.refresh(*(Region(x, y, end - x, 1) for y, (x, end) in owed.items()))


def _add(owed: dict[int, tuple[int, int]], spans: Iterable[tuple[int, int, int]]) -> None:
    for y, start, end in spans:
        before = owed.get(y, (start, end))
        owed[y] = (min(start, before[0]), max(end, before[1]))
