"""What can be done with a plan: tick, ask for other things, execute."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on

from dstui.domain.cleanup.plan import Plan
from dstui.domain.kind import Kind
from dstui.domain.quantity import decimal_bytes, parse_quantity
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.staleness.verdict import Rule
from dstui.render.cleanup import CleanupRow
from dstui.render.cleanup_facts import rescue_commands
from dstui.session import Session
from dstui.ui.cleanup.draft import Draft
from dstui.ui.cleanup.plan_listing import PlanListing
from dstui.ui.jobs import Jobs
from dstui.ui.sections.section import Section
from dstui.ui.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from dstui.domain.cleanup.report import CleanReport

_HAS_LIST = frozenset({Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK})
_AGE = re.compile(r"\d+(\.\d+)?\s*(s|min|h|d|mo|y)", re.IGNORECASE)
_SIZE = re.compile(r"\d+(\.\d+)?\s*([kmgtp]i?b?|b)?", re.IGNORECASE)


class CleanupActions(Section[CleanupRow]):
    """The commands of the cleanup; the section itself knows what is on screen."""

    plan_listing: PlanListing

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__(session, jobs)
        self.draft: Draft | None = None
        self.plan: Plan | None = None
        """The draft's, with nothing ticked but what is seen."""

    def measure(self) -> None:
        """Ask the engine anew."""
        raise NotImplementedError

    # Ticks

    def action_table_mark(self) -> None:
        """Tick the row, or those of the group, and go on to the next."""
        if self.table.cursor_id is not None:
            self._turn(self.plan_listing.rows_of(self.table.cursor_id))
            self.table.action_cursor_by(1)

    def action_table_mark_all(self) -> None:
        """Tick all that is seen, or nothing."""
        self._turn(self.plan_listing.matching)

    def _turn(self, rows: Sequence[CleanupRow]) -> None:
        """Tick these; if they are, no longer. Of several, what is not yours and what runs is
        ticked only one by one.
        """
        planned = [row for row in rows if row.planned is not None]
        careful = planned
        if len(planned) > 1:
            one_owners = all(row.others for row in planned)
            careful = [row for row in planned if not _runs(row) and (one_owners or not row.others)]
        if any(not row.chosen and not _blocked(row) for row in careful):
            self._tick(careful, True)
        else:
            self._tick(planned, not any(row.chosen or _blocked(row) for row in planned))

    def _tick(self, rows: Sequence[CleanupRow], on: bool) -> None:
        if self.draft is None or not rows:
            return
        self.draft.tick([row.key for row in rows], on)
        self.redraw()
        again = self.draft.plan.row(rows[0].key)
        if on and len(rows) == 1 and again is not None and again.blocked:
            self.notify(f"{rows[0].name} stays: {again.blocked}", timeout=4, markup=False)

    @on(LiveTable.MarksChanged)
    def _marked_by_mouse(self, event: LiveTable.MarksChanged) -> None:
        """A click beside a row marks it: that is a tick."""
        event.stop()
        marked = self.table.marked
        for identifier in self.table.visible_ids:
            row = self.listing.row(identifier)
            if row is not None and (identifier in marked) != row.chosen:
                self._turn([row])
                self.redraw()

    # What is asked for

    def action_cleanup_group(self) -> None:
        """By owner, or by kind again."""
        listing = self.plan_listing
        if listing.grouped_by_kind:
            listing.by_owner()
        else:
            listing.by_kind()
        self._reorder()

    def action_cleanup_older(self) -> None:
        """One age for all rules, or each its own again."""
        from dstui.ui.screens.prompt import PromptScreen

        def asked(text: str | None) -> None:
            if text is not None and self.draft is not None:
                self.draft.set_older_than(parse_quantity(text) if text.strip() else None)
                self.redraw()

        self.app.push_screen(
            PromptScreen(
                "Only what is older than",
                placeholder="30d, 12h, 0s; empty: as each rule says",
                wrong_with=_wrong_age,
            ),
            asked,
        )

    def action_cleanup_goal(self) -> None:
        """Tick what so many bytes take, the least useful first; or what is proposed, again."""
        from dstui.ui.screens.prompt import PromptScreen

        def asked(text: str | None) -> None:
            if text is not None:
                self._reach(int(parse_quantity(text) or 0) if text.strip() else None)

        self.app.push_screen(
            PromptScreen(
                "How much is to come back",
                placeholder="50GB; empty: all that is proposed",
                wrong_with=_wrong_size,
            ),
            asked,
        )

    def _reach(self, goal: int | None) -> None:
        if self.draft is None:
            return
        reached = self.draft.reach(goal)
        self.redraw()
        if not reached and goal is not None:
            found = decimal_bytes(self.draft.plan.total_bytes)
            words = f"Only {found} of {decimal_bytes(goal)}: all that is proposed is ticked"
            self.notify(words, severity="warning", timeout=6)

    def action_cleanup_rules(self) -> None:
        """Switch rules on and off."""
        from dstui.render.cleanup_plan import rules_about
        from dstui.ui.screens.cleanup_rules import CleanupRulesScreen

        if (draft := self.draft) is None:
            return

        def answered(off: frozenset[Rule] | None) -> None:
            if off is not None:
                draft.switch_rules_off(off)
                self.redraw()

        thresholds = Thresholds(**self.session.config.cleanup)
        if draft.older_than_s is not None:
            thresholds = thresholds.older_than(draft.older_than_s)
        about = rules_about(draft.every, thresholds)
        self.app.push_screen(CleanupRulesScreen(draft.off, about), answered)

    def action_cleanup_measure(self) -> None:
        """Ask the engine anew; what was decided by hand stays."""
        self.measure()

    # One object

    def action_cleanup_show(self) -> None:
        """Go to the object in its own list."""
        if (row := self.row) is not None and row.kind in _HAS_LIST:
            self.post_message(self.Jump(row.kind, row.identifier))

    def action_cleanup_rescue(self) -> None:
        """Copy what saves the data of this object before it goes."""
        row = self.row
        if row is None or row.planned is None:
            return
        commands = rescue_commands(row.planned)
        if commands:
            self._copy("\n".join(commands))
        else:
            self.notify(f"{row.name}: {row.planned.recovery_words}", timeout=5, markup=False)

    # Executing

    def action_cleanup_execute(self) -> None:
        """Show exactly what goes; after a yes remove it, and look anew."""
        draft, plan = self.draft, self.plan
        if draft is None or plan is None or not plan.chosen:
            self.notify("Nothing is ticked: Space ticks, * ticks all", timeout=4)
            return
        from dstui.ui.screens.cleanup_confirm import CleanupConfirmScreen
        from dstui.ui.screens.cleanup_run import CleanupRunScreen

        def over(report: "CleanReport | None") -> None:
            self.measure()

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.push_screen(CleanupRunScreen(self.session, plan, draft.planner), over)

        self.app.push_screen(CleanupConfirmScreen(plan), answered)


def _runs(row: CleanupRow) -> bool:
    return row.planned is not None and row.planned.needs_force


def _blocked(row: CleanupRow) -> bool:
    return row.planned is not None and row.planned.ticked and bool(row.planned.blocked)


def _wrong_age(text: str) -> str:
    if not text.strip() or _AGE.fullmatch(text.strip()):
        return ""
    return "Write 30d, 12h, 45min or 0s"


def _wrong_size(text: str) -> str:
    if not text.strip() or _SIZE.fullmatch(text.strip()):
        return ""
    return "Write 50GB, 500MB or 1.5TB"
