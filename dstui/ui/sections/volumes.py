"""The volumes and who mounts them."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from dstui.domain.action import Action, Verb
from dstui.domain.container import Container
from dstui.domain.kind import Kind
from dstui.domain.used_by import by_volume
from dstui.domain.volume import Volume
from dstui.render.facts import FactGroup
from dstui.render.volumes import COLUMNS, VolumeRow, overview
from dstui.store import Topic
from dstui.ui.keys import Scope, bindings
from dstui.ui.sections.detail import TabSpec
from dstui.ui.sections.section import Section
from dstui.ui.sections.standard_tabs import inspect_tab, overview_tab, used_by_tab


class VolumesSection(Section[VolumeRow]):
    """The list of volumes."""

    KIND = Kind.VOLUME
    SCOPE = Scope.VOLUMES
    NAME = "volumes"
    TOPICS = frozenset({Topic.VOLUMES, Topic.CONTAINERS, Topic.DISK, Topic.CONNECTION})
    NEEDS_DISK_USE = True
    COLUMNS = COLUMNS
    SORT = "name"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.VOLUMES)]

    def rows(self) -> Iterable[tuple[str, VolumeRow]]:
        """All volumes, with the names of the containers that mount them."""
        store, now = self.session.store, self.now()
        stale = store.lost_since is not None
        users = by_volume(store.containers())
        for found in store.volumes():
            names = tuple(user.name for user in users.get(found.name, ()))
            yield found.id, VolumeRow(found, names, now, stale, self._measured(found.name))

    def _measured(self, name: str) -> int | None:
        use = self.session.store.disk_use
        return use.volume_bytes.get(name) if use else None

    def object_of(self, row: VolumeRow) -> Volume:
        """The volume."""
        return row.volume

    def title_of(self, row: VolumeRow) -> str:
        """Its name."""
        return row.volume.name

    def command_for(self, row: VolumeRow) -> str:
        """The command that shows it."""
        return f"docker volume inspect {row.volume.name}"

    # Details

    def tabs(self) -> Sequence[TabSpec]:
        """What there is to know of a volume."""
        return (
            overview_tab(self),
            used_by_tab(self, self.users_of),
            inspect_tab(self),
        )

    def facts(self, row: VolumeRow) -> tuple[FactGroup, ...]:
        """What the overview says."""
        return overview(row)

    def users_of(self, name: str) -> Sequence[Container]:
        """The containers that use it."""
        return by_volume(self.session.store.containers()).get(name, ())

    # Acting

    def action_volume_remove(self) -> None:
        """Remove it and its data."""
        volumes = [row.volume for row in self.targets()]
        self.act([Action(Verb.REMOVE, Kind.VOLUME, v.id, v.name) for v in volumes])

    def affected(self, action: Action) -> object | None:
        """The volume, how much is in it, and who mounts it."""
        from dstui.ui.sections.questions import affected_volume

        found = self.session.store.get(Kind.VOLUME, action.id)
        if not isinstance(found, Volume):
            return None
        return affected_volume(found, self._measured(found.name), self.users_of(found.name))
