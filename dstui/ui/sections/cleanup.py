"""What fills the disk, what of it is stale, and removing exactly what is ticked."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from dstui.domain.changes import DiskMeasured
from dstui.domain.container import Container
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.staleness.verdict import Kept, Key
from dstui.domain.text import clean
from dstui.domain.used_by import by_image, by_network, by_volume
from dstui.render.cleanup import COLUMNS, CleanupRow, cleanup_rows
from dstui.render.cleanup_facts import cleanup_facts, group_facts, removal_command
from dstui.render.disk import disk_rows
from dstui.render.facts import FactGroup
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.cleanup.disk_pane import DiskPane
from dstui.ui.cleanup.draft import Draft
from dstui.ui.cleanup.plan_line import PlanLine
from dstui.ui.cleanup.plan_listing import PlanListing
from dstui.ui.jobs import Jobs
from dstui.ui.keys import Scope, bindings
from dstui.ui.sections.cleanup_actions import CleanupActions
from dstui.ui.sections.detail import TabSpec
from dstui.ui.sections.standard_tabs import used_by_tab
from dstui.ui.sections.tab import DetailTab, explained
from dstui.ui.widgets.live_table import LiveTable

_LISTED = frozenset({Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK})
"""The kinds of which the store knows what is still there."""
_TICK_S = 1.0
_OLD_S = 60.0
"""When figures are asked for anew as the section is gone to again."""


class CleanupSection(CleanupActions):
    """The disk above, the plan below. What the engine is slow to tell is asked in the background,
    when the section is first looked at and when it is wanted anew.
    """

    KIND = Kind.BUILD_CACHE
    SCOPE = Scope.CLEANUP
    NAME = "cleanup"
    TOPICS = frozenset(
        {Topic.CONTAINERS, Topic.IMAGES, Topic.VOLUMES, Topic.NETWORKS, Topic.CONNECTION}
    )
    COLUMNS = COLUMNS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.CLEANUP)]
    DEFAULT_CSS = """
    CleanupSection {
        & > LiveTable { height: 4fr; }
        DetailPane { height: 3fr; }
        &.-zoom-detail > DiskPane, &.-zoom-detail > PlanLine { display: none; }
    }
    """

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__(session, jobs)
        self.listing = self.plan_listing = PlanListing(session.config.columns.get(self.NAME, ()))
        self.table.set_columns(self.listing.columns, self.listing.sort)
        self._disk = DiskPane()
        self._line = PlanLine()
        self._asking_since: float | None = None
        self._measured = 0.0
        self._gone: frozenset[Key] = frozenset()
        """What was removed since, by whomever."""
        self._why_not = ""
        self._asked_for: set[str] = set()
        """The images whose registries were asked since the figures are from."""
        self._about: tuple[Key, str, str] | None = None
        """What was asked for from another section: which object, its title, the filter."""

    def compose(self) -> ComposeResult:
        """The disk, the sum of the plan, the plan, the details."""
        yield self._disk
        yield self._line
        yield from super().compose()

    def on_mount(self) -> None:
        """Ask at once; the seconds that it takes are counted."""
        super().on_mount()
        self.set_interval(_TICK_S, self._count_seconds)
        self.measure()

    def on_show(self) -> None:
        """On screen again: figures that are too old are asked for anew."""
        if self._measured and time.time() - self._measured > _OLD_S:
            self.measure()

    def _count_seconds(self) -> None:
        if self.display and self._asking_since is not None:
            self._show_line()

    # What the engine tells

    def measure(self) -> None:
        """Ask for the disk use and everything else that bears on the plan, unless that is on its
        way already.
        """
        if self.session.store.info is None or self._asking_since is not None:
            return
        self._asking_since = time.monotonic()
        self._show_line()
        self.run_worker(self._measure(), exit_on_error=False)

    async def _measure(self) -> None:
        submit, session = self.session.background.submit, self.session
        try:
            look = await asyncio.wrap_future(submit(session.cleanup_look))
            await asyncio.wrap_future(submit(look.planner.plan))  # judges; the next one is fast
            session.store.apply(DiskMeasured(look.planner.facts.disk))
            self._disk.show(disk_rows(look.report), look.report.data_root)
            if self.draft is None:
                self.draft = Draft(look.planner)
            else:
                self.draft.renew(look.planner)
            self._measured, self._why_not = time.time(), ""
            self._asked_for.clear()
        except Exception as error:  # noqa: BLE001 - why there is no plan is said in its place
            self._why_not = f"The engine did not tell what fills its disk: {explained(error)}"
        finally:
            self._asking_since = None
        self.redraw()

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """What is gone leaves the plan; an engine that is there at last is asked. A list of
        thousands is not drawn anew for what does not concern it.
        """
        if not self.display:
            return
        if self.draft is None and Topic.CONNECTION in topics:
            self.measure()
        if Topic.CONNECTION in topics or self._all_gone() != self._gone:
            self.redraw()
        self.detail.store_changed(topics)

    # What registries tell

    def on_live_table_scrolled(self, event: LiveTable.Scrolled) -> None:
        """Ask the registries of the images on screen, and of no others."""
        if event.table is self.table:
            self._ask_registries()

    def _ask_registries(self) -> None:
        if self.draft is None:
            return
        rows = (self.listing.row(name) for name in self.table.visible_ids)
        shown = {row.identifier for row in rows if row and row.planned and row.kind is Kind.IMAGE}
        for image in self.draft.planner.facts.images:
            if image.id in shown - self._asked_for and image.digests:
                self._asked_for.add(image.id)
                self.run_worker(self._ask_registry(image), exit_on_error=False)

    async def _ask_registry(self, image: Image) -> None:
        answer = await asyncio.wrap_future(self.session.ask_registry(image))
        if self.draft is not None:
            self.draft.learn(image.id, answer)
            self.redraw()

    def _all_gone(self) -> frozenset[Key]:
        rows = self.draft.plan.rows if self.draft is not None else ()
        return frozenset(row.key for row in rows if self._is_gone(row.key))

    def _is_gone(self, key: Key) -> bool:
        kind, identifier = key
        store = self.session.store
        if kind not in _LISTED or not store.listed(kind):
            return False
        return store.get(kind, identifier) is None

    # What it shows

    def rows(self) -> Iterable[tuple[str, CleanupRow]]:
        """All that the rules found and that is still there."""
        if self.plan is not None:
            for row in cleanup_rows(self.plan):
                if row.key not in self._gone:
                    yield row.id, row

    def group_of(self) -> Callable[[CleanupRow], str | None]:
        """By kind or by owner."""
        return self.plan_listing.group_of

    def redraw(self) -> None:
        """The plan, of which only what is seen can be ticked."""
        if self.draft is not None:
            self._gone = self._all_gone()
            self.plan = self.draft.plan
            self.listing.lines(self.rows(), group_of=self.group_of())
            self.plan = self.draft.within({row.key for row in self.plan_listing.matching})
        super().redraw()
        if self.listing.filter_text:
            self.table.empty = self._why_filtered()
        self.table.mark_only(row.id for row in self.plan_listing.matching if row.chosen)
        self._show_line()
        self._ask_registries()

    def look_at(self, key: Key, title: str, filter_text: str) -> None:
        """Show only what has to do with an object; if nothing has, why it stays."""
        self._about = (key, title, filter_text)
        self.filter(filter_text)

    def _why_filtered(self) -> str:
        text = self.listing.filter_text
        if self.draft is None:
            return self.nothing()
        if self._about is None or self._about[2] != text:
            return f"Nothing that is stale matches {text!r}"
        key, title, _ = self._about
        verdict = self.draft.verdict(key)
        if isinstance(verdict, Kept):
            return f"{title} stays: {clean(verdict.why)}"
        return f"Nothing that is stale has to do with {title}"

    def _show_line(self) -> None:
        asking = ""
        if self._asking_since is not None:
            asking = f"measuring… {time.monotonic() - self._asking_since:.0f} s"
        shown = sum(row.planned is not None for row in self.plan_listing.matching)
        self._line.show(self.draft, self.plan, shown, asking, self._measured)

    def nothing(self) -> str:
        """Why there is no row."""
        if self._why_not:
            return self._why_not
        if self.draft is None:
            waits = self.session.store.info is None
            return "Connecting…" if waits else "Asking the engine what fills its disk…"
        return "Nothing is stale by these rules: t another age, r rules"

    # Details

    def tabs(self) -> Sequence[TabSpec]:
        """Why it is here, and who uses it."""
        return (TabSpec("Overview", self._overview), used_by_tab(self, self.users_of))

    def _overview(self) -> DetailTab:
        from dstui.ui.sections.tab_facts import FactsTab

        return FactsTab(self.session, self._facts_of_line, self.TOPICS)

    def _facts_of_line(self, line_id: str) -> tuple[FactGroup, ...] | None:
        """Of an object, or of all under a heading."""
        row = self.listing.row(line_id)
        if row is not None:
            return self.facts(row)
        if self.plan is None:
            return None
        rows = self.plan_listing.rows_of(line_id)
        title = self.plan_listing.group_of(rows[0]) if rows else ""
        return group_facts(title, rows, self.plan)

    def title_of(self, row: CleanupRow) -> str:
        """Its name."""
        return row.name

    def facts(self, row: CleanupRow) -> tuple[FactGroup, ...]:
        """Why, how many bytes, what is lost, how to save it."""
        return cleanup_facts(row, [user.name for user in self.users_of(row.id)])

    def users_of(self, line_id: str) -> Sequence[Container]:
        """The containers that use it."""
        row = self.listing.row(line_id)
        if row is None:
            return ()
        containers = self.session.store.containers()
        match row.kind:
            case Kind.IMAGE:
                return by_image(containers).get(row.identifier, ())
            case Kind.VOLUME:
                return by_volume(containers).get(row.identifier, ())
            case Kind.NETWORK:
                return by_network(containers).get(row.name, ())
        return ()

    def command_for(self, row: CleanupRow) -> str:
        """The command that removes it."""
        return removal_command(row.planned) if row.planned is not None else ""
