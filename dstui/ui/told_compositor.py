"""Has every widget told that it is on screen, and how large: none is left asleep and empty."""

from typing import TYPE_CHECKING, Any

from textual._compositor import Compositor, ReflowResult
from textual.geometry import Size

if TYPE_CHECKING:
    from textual._compositor import CompositorMap
    from textual.screen import Screen
    from textual.widget import Widget

    _Base = Screen[Any]
else:
    _Base = object


class ToldCompositor(Compositor):
    """Compares a layout with the last one that widgets were told of.

    Textual 8.2.8 compares it with the last that anything asked for: where a widget was, is looked
    up in `full_map`, which arranges anew what was mounted since, tells nobody, and takes its place
    as the layout before. What is found in there first gets neither Show nor Resize, ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: CompositorMap = {}

    def reflow(self, parent: "Widget", size: Size) -> ReflowResult:
        """Lay out, and find what is to be told to whom."""
        self._full_map = self._told
        result = super().reflow(parent, size)
        self._told = self._full_map
        return result

    def clear(self) -> None:
        """Forget all widgets."""
        super().clear()
        self._told = {}


class TellsAll(_Base):
    """Mixed into a screen, has its widgets told."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._compositor = ToldCompositor()
