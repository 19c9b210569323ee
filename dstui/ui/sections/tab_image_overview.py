"""The Overview tab of an image: what the lists tell, then its config, then what is in it."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from dstui.render.facts import FactGroup
from dstui.ui.sections.tab import explained
from dstui.ui.sections.tab_facts import FactsTab

if TYPE_CHECKING:
    from dstui.ui.sections.images import ImagesSection

DWELL_S = 0.5
"""How long an image is looked at before it is looked into."""


class ImageOverviewTab(FactsTab):
    """Shows at once what is known, and more as it is read."""

    def __init__(self, section: "ImagesSection") -> None:
        super().__init__(section.session, self._groups_of, section.TOPICS)
        self._section = section

    def _groups_of(self, identifier: str) -> tuple[FactGroup, ...] | None:
        row = self._section.listing.row(identifier)
        return None if row is None else self._section.facts(row)

    def show_object(self, identifier: str | None) -> None:
        """Show another image, and look into it when it is not only passed by."""
        super().show_object(identifier)
        self.note("")
        if identifier is not None:
            self.start(partial(self._look, identifier))

    async def _look(self, identifier: str) -> None:
        contents = self._section.contents
        try:
            await contents.inspect(identifier)
            await asyncio.sleep(DWELL_S)
            await contents.read(identifier)
        except Exception as error:  # noqa: BLE001 - said in the tab
            if identifier == self.object_id:
                self.note(f"Cannot look into it: {explained(error)}")
