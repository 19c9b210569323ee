"""The containers: projects grouped, details in six tabs, and all that can be done with them."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from dstui.domain.gpu_use import NOTHING, gpu_uses, tells_of_all
from dstui.domain.kind import Kind
from dstui.domain.owner import owner_of
from dstui.render.containers import COLUMNS, GPU_COLUMNS, ContainerRow, overview
from dstui.render.facts import FactGroup
from dstui.store import Topic
from dstui.ui.keys import Scope, bindings
from dstui.ui.sections.detail import TabSpec
from dstui.ui.sections.shells import ContainerShells
from dstui.ui.sections.standard_tabs import checks_tab, inspect_tab, overview_tab
from dstui.ui.sections.tab import DetailTab
from dstui.ui.widgets.live_table import LiveTable


class ContainersSection(ContainerShells):
    """The list of containers."""

    KIND = Kind.CONTAINER
    SCOPE = Scope.CONTAINERS
    NAME = "containers"
    TOPICS = frozenset({Topic.CONTAINERS, Topic.USAGE, Topic.CONNECTION, Topic.GPUS})
    COLUMNS = COLUMNS
    SORT = "name"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.CONTAINERS)]

    def on_mount(self) -> None:
        """Stopped ones are hidden if the config says so; a project's name is said once."""
        self._hide_stopped = self.session.config.hide_stopped
        self.listing.name_in_group = _name_in_project
        super().on_mount()

    def rows(self) -> Iterable[tuple[str, ContainerRow]]:
        """All containers with their latest usage."""
        store, now = self.session.store, self.now()
        stale = store.lost_since is not None
        labels, report = self.session.config.owner_labels, store.gpu_report
        uses, otherwise = gpu_uses(report), NOTHING if tells_of_all(report) else None
        for found in store.containers():
            owner, use = owner_of(found, labels), uses.get(found.id, otherwise)
            usage = store.usage(found.id)
            yield found.id, ContainerRow(found, usage, owner, now, stale, report, use)

    def redraw(self) -> None:
        """The list; a machine without a GPU needs no columns for it."""
        report = self.session.store.gpu_report
        without = report is not None and not report.gpus and not report.released
        chosen = self.session.config.columns.get(self.NAME)
        if not chosen and self.listing.leave_out(GPU_COLUMNS if without else ()):
            self.table.set_columns(self.listing.columns, self.listing.sort)
        super().redraw()

    def keep(self) -> Callable[[ContainerRow], bool] | None:
        """What runs, when only that is wanted."""
        return (lambda row: row.container.alive) if self._hide_stopped else None

    def group_of(self) -> Callable[[ContainerRow], str | None]:
        """By compose project."""
        return lambda row: row.container.project

    def nothing(self) -> str:
        """No container, or none that runs."""
        if self._hide_stopped and self.session.store.containers():
            return "No container runs: h shows the stopped ones"
        return super().nothing()

    def title_of(self, row: ContainerRow) -> str:
        """Its name."""
        return row.container.name

    def action_container_hide_stopped(self) -> None:
        """Show only what runs, or everything."""
        self._hide_stopped = not self._hide_stopped
        self.redraw()

    def on_live_table_scrolled(self, event: LiveTable.Scrolled) -> None:
        """Sample what is on screen first."""
        if event.table is self.table:
            self.session.focus(self.table.visible_ids)

    # Details

    def tabs(self) -> Sequence[TabSpec]:
        """What there is to know of a container."""
        return (
            overview_tab(self),
            TabSpec("Logs", self._logs_tab),
            TabSpec("Stats", self._stats_tab),
            TabSpec("Processes", self._processes_tab),
            TabSpec("Environment", self._environment_tab),
            checks_tab(self),
            inspect_tab(self),
        )

    def facts(self, row: ContainerRow) -> tuple[FactGroup, ...]:
        """What the overview says."""
        return overview(row)

    def _logs_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_logs import LogsTab

        return LogsTab(self.session, self.listing.members)

    def _stats_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_stats import StatsTab

        return StatsTab(self.session)

    def _processes_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_processes import ProcessesTab

        return ProcessesTab(self.session)

    def _environment_tab(self) -> DetailTab:
        from dstui.ui.sections.tab_environment import EnvironmentTab

        return EnvironmentTab(self.session)

    def action_container_logs(self) -> None:
        """Follow the log."""
        self.open_detail("Logs")

    def action_container_audit(self) -> None:
        """What is wrong with it."""
        self.open_detail("Checks")

    def action_detail_reveal(self) -> None:
        """Show the values of the environment, or mask them."""
        from dstui.ui.sections.tab_environment import EnvironmentTab

        if isinstance(self.detail.tab, EnvironmentTab):
            self.detail.tab.toggle_reveal()


def _name_in_project(row: ContainerRow) -> str:
    name = row.container.name
    for separator in "-_":
        name = name.removeprefix(f"{row.container.project}{separator}")
    return name or row.container.name
