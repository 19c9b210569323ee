"""The images: their true sizes, who uses them, their layers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from dstui.domain.action import Action
from dstui.domain.container import Container
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.used_by import by_image
from dstui.render.facts import FactGroup
from dstui.render.images import COLUMNS, FACT_KEYS, ImageRow, display_name, overview
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.image_contents import ImageContents
from dstui.ui.jobs import Jobs
from dstui.ui.keys import Scope, bindings
from dstui.ui.sections.detail import TabSpec
from dstui.ui.sections.image_actions import ImageActions, named
from dstui.ui.sections.standard_tabs import checks_tab, inspect_tab, used_by_tab
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from dstui.ui.layers.indexes import ImageIndexes


class ImagesSection(ImageActions):
    """The list of images."""

    KIND = Kind.IMAGE
    SCOPE = Scope.IMAGES
    NAME = "images"
    TOPICS = frozenset({Topic.IMAGES, Topic.CONTAINERS, Topic.DISK, Topic.CONNECTION})
    NEEDS_DISK_USE = True
    COLUMNS = COLUMNS
    SORT = "size"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.IMAGES)]

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__(session, jobs)
        self.contents = ImageContents(session, self._contents_read)
        self._asked = {column.key for column in self.listing.columns} & FACT_KEYS

    def rows(self) -> Iterable[tuple[str, ImageRow]]:
        """All images, with the names of the containers made from them."""
        store, now = self.session.store, self.now()
        stale = store.lost_since is not None
        users = by_image(store.containers())
        shared = store.disk_use.shared_bytes if store.disk_use else {}
        for found in store.images():
            names = tuple(user.name for user in users.get(found.id, ()))
            image, contents = self.contents.of(found)
            yield found.id, ImageRow(image, names, now, stale, shared.get(found.id), contents)

    def object_of(self, row: ImageRow) -> Image:
        """The image."""
        return row.image

    def title_of(self, row: ImageRow) -> str:
        """Its first reference."""
        return display_name(row.image)

    def command_for(self, row: ImageRow) -> str:
        """The command for what the detail pane shows."""
        verb = "history --no-trunc" if self.detail.tab_title == "Layers" else "image inspect"
        return f"docker {verb} {named(row.image)}"

    # Details

    def tabs(self) -> Sequence[TabSpec]:
        """What there is to know of an image."""
        return (
            TabSpec("Overview", self._overview_tab),
            TabSpec("Layers", self._layers_tab),
            checks_tab(self),
            used_by_tab(self, self.users_of),
            inspect_tab(self),
        )

    def facts(self, row: ImageRow) -> tuple[FactGroup, ...]:
        """What the overview says."""
        return overview(row)

    def _overview_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_image_overview import ImageOverviewTab

        return ImageOverviewTab(self)

    def _contents_read(self) -> None:
        self.redraw()
        self.detail.store_changed(self.TOPICS)

    def on_live_table_scrolled(self, event: LiveTable.Scrolled) -> None:
        """Look into what is on screen, if a column tells what is found there."""
        if event.table is self.table and self._asked:
            look = self.contents.read_all(self.table.visible_ids)
            self.run_worker(look, group="contents", exclusive=True, exit_on_error=False)

    def _layers_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_layers import LayersTab

        return LayersTab(self.session, self.indexes, self._name_of)

    def _name_of(self, image_id: str) -> str:
        image = self.session.store.image(image_id)
        return display_name(image) if image is not None else image_id

    @cached_property
    def indexes(self) -> "ImageIndexes":
        """The indexes of images that are at hand, or on their way."""
        from dstui.ui.layers.indexes import ImageIndexes

        return ImageIndexes(self.session)

    async def on_unmount(self) -> None:
        """Leave nothing half read: a container may have to be removed."""
        if "indexes" in self.__dict__:
            await self.indexes.close()

    def users_of(self, image_id: str) -> Sequence[Container]:
        """The containers that use it."""
        return by_image(self.session.store.containers()).get(image_id, ())

    # Acting

    def action_image_index(self) -> None:
        """Go to the layers, and read every file of them."""
        if self.row is not None:
            self.open_detail("Layers")
            self.call_after_refresh(self._read_layers, self.row.image.id)

    def _read_layers(self, image_id: str) -> None:
        from dstui.ui.sections.tab_layers import LayersTab

        if isinstance(self.detail.tab, LayersTab):
            self.detail.tab.read_when_shown(image_id)

    def action_image_compare(self) -> None:
        """Look at what differs between two marked images."""
        marked = [row.image for row in self.targets()] if self.table.marked else []
        if len(marked) != 2:
            words = "Mark two images with Space, then compare them"
            self.notify(f"{words}: {len(marked)} are marked", severity="warning", markup=False)
            return
        from dstui.ui.screens.compare import CompareScreen

        older, newer = sorted(marked, key=_age)
        self.app.push_screen(CompareScreen(self.session, self.indexes, older, newer))

    def affected(self, action: Action) -> object | None:
        """The image, who uses it, and what really comes back."""
        from dstui.ui.sections.questions import affected_image

        store = self.session.store
        image = store.image(action.id)
        if image is None:
            return None
        shared = store.disk_use.shared_bytes.get(image.id) if store.disk_use else None
        image = replace(image, shared_bytes=shared)
        return affected_image(image, self.users_of(image.id), self._hidden_images(action))


def _age(image: Image) -> float:
    """The older one is the first; one without a date comes before all."""
    return image.created.timestamp() if image.created is not None else 0.0
