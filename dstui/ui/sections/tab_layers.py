"""The Layers tab: what each step of an image's history weighs."""

from functools import partial

from dstui.render.layers import LAYER_COLUMNS, LayerRow, layer_rows
from dstui.session import Session
from dstui.ui.sections.tab import explained
from dstui.ui.sections.tab_table import TableTab


class LayersTab(TableTab[LayerRow]):
    """The steps, newest first; those without content fold away with enter."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, LAYER_COLUMNS)
        self._layers: tuple[LayerRow, ...] = ()
        self._folded = False

    def present(self) -> None:
        """Ask for the history: an image's never changes, its id would be another."""
        if self.object_id is None:
            self._show(())
        else:
            self.start(partial(self._load, self.object_id))

    async def _load(self, identifier: str) -> None:
        try:
            history = await self.ask(self.session.history, identifier)
        except Exception as error:  # noqa: BLE001 - said in the tab
            self._show(())
            self.note(f"Cannot read the history: {explained(error)}")
            return
        self.note("")
        self._show(layer_rows(history))

    def _show(self, layers: tuple[LayerRow, ...]) -> None:
        self._layers = layers
        shown = [layer for layer in layers if not (self._folded and layer.empty)]
        self.show_rows((f"layer-{layer.number}", layer) for layer in shown)
        if hidden := len(layers) - len(shown):
            self.note(f"{hidden} steps without content are hidden: Enter shows them")
        elif layers:
            self.note("")

    def open_row(self, identifier: str, row: LayerRow) -> None:
        """Fold the steps without content, or show them."""
        self._folded = not self._folded
        self._show(self._layers)
