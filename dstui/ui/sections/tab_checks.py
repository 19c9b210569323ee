"""The Checks tab: what is wrong with an image or a container, why that matters, and the fix."""

import threading
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container as Box
from textual.events import Resize
from textual.widgets import Static

from dstui.domain.audit.finding import AuditReport
from dstui.domain.kind import Kind
from dstui.render.checks import (
    ACCEPTED,
    COLUMNS,
    CheckRow,
    check_rows,
    details,
    group_of,
    summary_cells,
    text_of,
)
from dstui.render.column import Cell, Role
from dstui.render.table import group_id
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.keys import Scope, bindings
from dstui.ui.sections.section import Section
from dstui.ui.sections.tab import explained
from dstui.ui.sections.tab_table import TableTab
from dstui.ui.widgets.cell_line import CellLine
from dstui.ui.widgets.facts_view import FactsView
from dstui.ui.widgets.live_table import LiveTable

_WIDE = 130
"""From this width on the finding stands beside the list."""
_KEPT = 64

Reports = dict[str, AuditReport]
"""Of one object, by who made them."""


class ChecksTab(TableTab[CheckRow]):
    """Findings, the worst first. What is cheap is told first, what the files of all layers tell
    when they are at hand; a scanner runs only when it is asked for."""

    SCOPE = Scope.CHECKS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.CHECKS)]
    DEFAULT_CSS = """
    ChecksTab {
        #body { height: 1fr; layout: vertical; }
        #body LiveTable { height: 1fr; min-height: 4; }
        #body FactsView { height: 1fr; max-height: 10; }
        &.-wide #body { layout: horizontal; }
        &.-wide #body LiveTable { width: 3fr; }
        &.-wide #body FactsView { width: 2fr; max-height: 100%; margin-left: 2; }
        #unchecked { height: auto; max-height: 2; padding: 0 1; color: $role-muted; }
    }
    """

    def __init__(self, session: Session, kind: Kind) -> None:
        super().__init__(session, COLUMNS)
        self._kind = kind
        self._known: dict[str, Reports] = {}
        self._finding = FactsView()
        self._summary = CellLine()
        self._unchecked = Static("", id="unchecked", markup=False)
        self._cancel = threading.Event()
        self._doing = ""
        self.listing.folded.add(group_id(ACCEPTED))

    def compose(self) -> ComposeResult:
        """How bad it is, the findings, the one at the cursor, and what was not looked at."""
        yield self._summary
        with Box(id="body"):
            yield self.table
            yield self._finding
        yield self._unchecked

    def on_resize(self, event: Resize) -> None:
        """Use the width there is."""
        self.set_class(event.size.width >= _WIDE, "-wide")

    # What it shows

    def present(self) -> None:
        """Show what is known, and look."""
        self._stop()
        self._show()
        if self.object_id is not None and self._target(self.object_id):
            self.start(partial(self._check, self.object_id, self._cancel))

    def leave(self) -> None:
        """Read no more."""
        self._stop()

    def _stop(self) -> None:
        self._cancel.set()
        self._cancel = threading.Event()
        self._doing = ""

    def _show(self) -> None:
        reports = self._known.get(self.object_id or "", {})
        every = tuple(reports.values())
        self.table.empty = "" if self._doing or not reports else "Nothing is wrong with it"
        self.show_rows(check_rows(every))
        doing = [Cell(self._doing, Role.MUTED)] if self._doing else []
        self._summary.show_cells(tuple(summary_cells(every)) if every else (), doing)
        unchecked = [what for report in every for what in report.not_checked]
        self._unchecked.update("\n".join(f"not checked: {what}" for what in unchecked))
        self._unchecked.display = bool(unchecked)
        self._show_finding()

    @on(LiveTable.Highlighted)
    def _highlighted(self, event: LiveTable.Highlighted) -> None:
        event.stop()
        self._show_finding()

    def _show_finding(self) -> None:
        row = self._row
        self._finding.show(details(row) if row else ())
        self._finding.display = row is not None

    @property
    def _row(self) -> CheckRow | None:
        return self.listing.row(self.table.cursor_id)

    def group_of(self) -> Callable[[CheckRow], str | None]:
        """What is accepted stands apart."""
        return group_of

    # Looking

    def _target(self, identifier: str) -> str:
        """The name of the object, which the allow-list knows; empty when it is gone."""
        if self._kind is Kind.CONTAINER:
            container = self.session.store.container(identifier)
            return container.id if container else ""
        image = self.session.store.image(identifier)
        if image is None:
            return ""
        return image.references[0] if image.references else image.id

    async def _check(self, identifier: str, cancel: threading.Event) -> None:
        name = self._target(identifier)
        try:
            if self._kind is Kind.CONTAINER:
                self._say(identifier, "checking…")
                report = await self.ask(self.session.audit_container, name)
            else:
                self._say(identifier, "checking the usual places…")
                report = await self.ask(self.session.audit_image, name)
            self._found(identifier, "dstui", report)
            if self._kind is Kind.IMAGE:
                await self._check_files(identifier, name, cancel)
        except Exception as error:  # noqa: BLE001 - said in the tab
            if not cancel.is_set():
                self.note(f"Cannot check it: {explained(error)}")
            return
        self.note("")
        self._say(identifier, "")

    async def _check_files(self, identifier: str, name: str, cancel: threading.Event) -> None:
        """Again with the files of every layer, where these can be had at once."""
        self._say(identifier, "checking every layer…")
        files = await self.ask(self.session.layer_files, name, cancel=cancel)
        if files is not None and not cancel.is_set():
            self._found(identifier, "dstui", await self.ask(self.session.audit_image, name, files))

    def _say(self, identifier: str, doing: str) -> None:
        if identifier == self.object_id:
            self._doing = doing
            self._show()

    def _found(self, identifier: str, source: str, report: AuditReport) -> None:
        reports = self._known.pop(identifier, {})
        self._known[identifier] = {**reports, source: report}
        while len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        if identifier == self.object_id:
            self._show()

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """A check is made when the tab is looked at, not at every event."""

    # Its commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A scanner does not run in read-only mode."""
        return not (self.session.read_only and action == "checks_scan")

    async def action_checks_scan(self) -> None:
        """Choose a scanner; what it finds joins the rest."""
        from dstui.ui.screens.choose import Choice, ChooseScreen

        identifier = self.object_id
        name = self._image_name(identifier) if identifier else ""
        if identifier is None or not name:
            return
        found = await self.ask(self.session.scanners)
        if not found:
            self.notify("Neither trivy nor grype is on the PATH", severity="warning")
            return

        def chosen(scanner: str | None) -> None:
            if scanner:
                self._scan(identifier, name, scanner)

        cost = "copies the image, may fetch its database: takes minutes"
        choices = [Choice(scanner, scanner, cost) for scanner in found]
        self.app.push_screen(ChooseScreen(f"Scan {name}", choices), chosen)

    def _image_name(self, identifier: str) -> str:
        if self._kind is Kind.IMAGE:
            return self._target(identifier)
        container = self.session.store.container(identifier)
        return container.image if container else ""

    def _scan(self, identifier: str, name: str, scanner: str) -> None:
        from dstui.ui.long_jobs import LongJobs

        async def work(jobs: LongJobs) -> None:
            if (report := await jobs.scan(name, scanner)) is not None:
                self._found(identifier, scanner, report)

        self.post_message(Section.Long(work))

    def action_checks_accepted(self) -> None:
        """Fold what is accepted, or show it."""
        self.listing.toggle_fold(group_id(ACCEPTED))
        self.show_rows(self._rows)

    def action_checks_copy(self) -> None:
        """Copy the finding at the cursor."""
        if (row := self._row) is not None:
            self.app.copy_to_clipboard(text_of(row))
            self.notify("Copied the finding, with reason and fix", timeout=3)

    def action_checks_again(self) -> None:
        """Look at everything anew."""
        self.present()
