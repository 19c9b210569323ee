"""A section: a live list above, the details of the object under the cursor below."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from dstui.domain.action import Action
from dstui.domain.container import Container
from dstui.domain.filter import FilterError
from dstui.domain.kind import Kind
from dstui.domain.seen import seen
from dstui.render.column import Column, RowT
from dstui.render.facts import FactGroup
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.jobs import Jobs
from dstui.ui.keys import COMMANDS, Scope, bindings
from dstui.ui.sections.detail import DetailPane, TabSpec
from dstui.ui.sections.listing import Listing
from dstui.ui.widgets.live_table import LiveTable

if TYPE_CHECKING:
    from dstui.domain.changes import Listable
    from dstui.ui.long_jobs import LongWork

_MUTATIONS = frozenset(command.action for command in COMMANDS if command.mutates)


class Section(Vertical, Generic[RowT]):
    """One kind of object. A subclass says what its rows are and what can be done with them."""

    KIND: ClassVar[Kind]
    SCOPE: ClassVar[Scope]
    NAME: ClassVar[str]
    """The plural, as the config names the section's columns."""
    TOPICS: ClassVar[frozenset[Topic]]
    COLUMNS: ClassVar[Sequence[Column[Any]]]
    SORT: ClassVar[str] = ""
    NEEDS_DISK_USE: ClassVar[bool] = False
    """Whether it shows what only the slow `system/df` tells."""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TABLE, Scope.DETAIL)]

    DEFAULT_CSS = """
    Section {
        height: 1fr;
        LiveTable { height: 1fr; }
        DetailPane { height: 1fr; }
        &.-zoom-list DetailPane { display: none; }
        &.-zoom-detail > LiveTable { display: none; }
    }
    """

    class Jump(Message):
        """Go to another object, wherever it is listed."""

        def __init__(self, kind: Kind, identifier: str) -> None:
            super().__init__()
            self.kind = kind
            self.id = identifier

    class Long(Message):
        """Begin what takes minutes."""

        def __init__(self, work: "LongWork") -> None:
            super().__init__()
            self.work = work

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__(id=self.NAME)
        self.session = session
        self.jobs = jobs
        chosen = session.config.columns.get(self.NAME, ())
        self.listing: Listing[RowT] = Listing(self.COLUMNS, chosen, self.SORT)
        self.table = LiveTable()
        self.table.set_columns(self.listing.columns, self.listing.sort)
        self.detail = DetailPane(self.tabs())

    # What a subclass says

    def rows(self) -> Iterable[tuple[str, RowT]]:
        """All rows, by id."""
        raise NotImplementedError

    def tabs(self) -> Sequence[TabSpec]:
        """The tabs of the detail pane, the one shown first first."""
        raise NotImplementedError

    def title_of(self, row: RowT) -> str:
        """The name of a row's object."""
        raise NotImplementedError

    def object_of(self, row: RowT) -> "Listable | None":
        """What a row shows, as it was when the row was drawn."""
        return None

    def users_of(self, identifier: str) -> Sequence[Container]:
        """The containers that use an object."""
        return ()

    def facts(self, row: RowT) -> tuple[FactGroup, ...]:
        """What the overview says of a row's object."""
        raise NotImplementedError

    def cleanup_filter(self, row: RowT) -> str:
        """What the cleanup is filtered by to show what has to do with a row."""
        return f'"{self.title_of(row)}"'

    def command_for(self, row: RowT) -> str:
        """The `docker` command that shows the object."""
        raise NotImplementedError

    def keep(self) -> Callable[[RowT], bool] | None:
        """Which rows are shown, before the filter."""
        return None

    def group_of(self) -> Callable[[RowT], str | None] | None:
        """Under which heading a row stands."""
        return None

    def nothing(self) -> str:
        """Why the list is empty, when no filter is the reason."""
        if self.session.store.lost_since is None and self.session.store.info is None:
            return "Connecting…"
        if not self.session.store.listed(self.KIND):
            return "Reading…"
        return f"There are no {self.NAME}"

    def affected(self, action: Action) -> object | None:
        """How the confirmation shows the object (an `Affected`); `None` when it is gone."""
        return None

    def decided(self, action: Action) -> Action:
        """The action once it was said yes to, with what was shown meanwhile."""
        return action

    def is_asked(self, actions: Sequence[Action]) -> bool:
        """Whether these actions need a confirmation."""
        return True

    # Showing

    def compose(self) -> ComposeResult:
        """The list and the details."""
        yield self.table
        yield self.detail

    def on_mount(self) -> None:
        """Ready to show rows."""
        self.redraw()

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """Draw what changed, if it is on screen."""
        if not self.display:
            return
        if topics & self.TOPICS:
            self.redraw()
        self.detail.store_changed(topics)

    def redraw(self) -> None:
        """Show the rows as the store has them now."""
        lines = self.listing.lines(
            self.rows(), self.keep(), self.group_of(), dim=self.session.store.lost_since is not None
        )
        if not lines:
            filtered = self.listing.filter_text
            self.table.empty = f"No {self.NAME} match {filtered!r}" if filtered else self.nothing()
        self.table.show(lines)
        self._show_details()

    def _reorder(self) -> None:
        self.table.set_columns(self.listing.columns, self.listing.sort)
        self.redraw()

    def filter(self, text: str) -> str:
        """Filter the list; the answer is what is wrong with the text, or nothing."""
        try:
            self.listing.filter(text)
        except FilterError as error:
            return error.message
        self.redraw()
        return ""

    # What is chosen

    @property
    def row(self) -> RowT | None:
        """The row under the cursor."""
        return self.listing.row(self.table.cursor_id)

    def now(self) -> float:
        """What ages are counted to: the loss of the engine stops the clock of what it said."""
        return self.session.store.lost_since or time.time()

    def targets(self) -> tuple[RowT, ...]:
        """What an action is about: the marked rows, else the row or the group at the cursor."""
        ids: Iterable[str] = self.table.marked
        if not ids and self.table.cursor_id is not None:
            ids = self.listing.members(self.table.cursor_id)
        found = (self.listing.row(identifier) for identifier in ids)
        return tuple(row for row in found if row is not None)

    def _show_details(self) -> None:
        identifier, row = self.table.cursor_id, self.row
        title = self.title_of(row) if row is not None else ""
        self.detail.show_object(identifier, title)

    def jump_to(self, identifier: str) -> None:
        """Put the cursor on this object, whatever the filter hides."""
        if self.listing.filter_text:
            self.filter("")
        self.table.go_to(identifier)

    # Acting

    def act(self, actions: Sequence[Action]) -> None:
        """Do it, after asking where something is lost; on what was seen now, by id."""
        if not actions:
            return
        rows = {action.id: self.listing.row(action.id) for action in actions}
        objects = {i: self.object_of(row) for i, row in rows.items() if row is not None}
        shown = {i: (one, seen(one, self.users_of(i))) for i, one in objects.items() if one}

        def go(yes: bool | None = True) -> None:
            if yes:
                self.table.clear_marks()
                decided = [self.decided(action) for action in actions]
                self.app.run_worker(self.jobs.carry_out(decided, shown), exit_on_error=False)

        if not self.is_asked(actions):
            go()
            return
        from dstui.ui.screens.confirm import Affected, ConfirmScreen
        from dstui.ui.sections.questions import question

        found = [self.affected(action) for action in actions]
        affected = [one for one in found if isinstance(one, Affected)]
        self.app.push_screen(ConfirmScreen(question(actions, affected)), go)

    def transfer(self, action: Action) -> None:
        """Pull, push, save or load, with its progress among the transfers."""
        self.post_message(self.Long(lambda jobs: jobs.transfer(action)))

    # The list's own events

    @on(LiveTable.Highlighted)
    def _highlighted(self, event: LiveTable.Highlighted) -> None:
        if event.table is self.table:
            self._show_details()

    @on(LiveTable.Opened)
    def _opened(self, event: LiveTable.Opened) -> None:
        if event.table is self.table:
            event.stop()
            self.action_table_open()

    @on(LiveTable.HeaderClicked)
    def _header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        if event.table is self.table:
            self.listing.sort_by(event.key)
            self._reorder()

    # The commands of every list

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In read-only mode no mutation is offered."""
        return not (self.session.read_only and action in _MUTATIONS)

    def action_table_open(self) -> None:
        """Fold a group, or open the details."""
        line = self.table.cursor_id
        if line is None:
            return
        if self.listing.toggle_fold(line):
            self.redraw()
        else:
            self.open_detail()

    def open_detail(self, tab: str = "") -> None:
        """Go to the details, on this tab."""
        self._show_details()
        self.add_class("-open")
        self.remove_class("-zoom-list")
        if tab:
            self.detail.open_tab(tab)
        self.detail.focus_tab()

    def close_detail(self) -> bool:
        """Back to the list; false when one is there already."""
        if not (self.has_class("-open") or self.detail.has_focus_within):
            return False
        self.remove_class("-open", "-zoom-detail")
        self.table.focus()
        return True

    async def action_table_filter(self) -> None:
        """Write a filter; the bar is the screen's."""
        await self.app.run_action("table_filter", self.screen)

    def action_table_sort(self) -> None:
        """Sort by the next column."""
        self.listing.sort_next()
        self._reorder()

    def action_table_reverse(self) -> None:
        """Turn the order around."""
        self.listing.reverse()
        self._reorder()

    def action_table_mark(self) -> None:
        """Mark the row, or all of the group, and go on to the next."""
        if self.table.cursor_id is not None:
            for identifier in self.listing.members(self.table.cursor_id):
                self.table.toggle_mark(identifier)
            self.table.action_cursor_by(1)

    def action_table_mark_all(self) -> None:
        """Mark all rows, or none."""
        self.table.mark_all()

    def action_table_inspect(self) -> None:
        """Open the JSON."""
        self.open_detail("Inspect")

    def action_table_copy(self) -> None:
        """Copy the id."""
        self._copy("\n".join(self.listing.members(self.table.cursor_id or "")))

    def action_table_copy_command(self) -> None:
        """Copy the `docker` command that shows what is shown."""
        if self.row is not None:
            self._copy(self.command_for(self.row))

    def _copy(self, text: str) -> None:
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied {text}", timeout=3, markup=False)

    def action_detail_next_tab(self) -> None:
        """Go to the next tab."""
        self.detail.next_tab(1)

    def action_detail_previous_tab(self) -> None:
        """Go to the tab before."""
        self.detail.next_tab(-1)
