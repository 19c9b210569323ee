"""Asks before a plan is executed: exactly what goes, whose it is, and what nothing brings back."""

from collections import Counter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Button, Input, Static

from dstui.domain.cleanup.plan import Plan, Row
from dstui.domain.cleanup.report import counted
from dstui.domain.text import clean
from dstui.render.cleanup import cleanup_rows
from dstui.render.cleanup_facts import removal_command
from dstui.render.cleanup_plan import plan_line
from dstui.render.units import decimal_bytes
from dstui.ui.cleanup.plan_listing import PlanListing
from dstui.ui.screens.dialog import Dialog
from dstui.ui.widgets.cell_line import CellLine
from dstui.ui.widgets.live_table import LiveTable

_SHOWN = ("name", "bytes", "owner", "recovery", "reason")
_MOST_LOSSES = 4
_MOST_COMMANDS = 5
_AROUND = 12
"""Border, title, sum, buttons and hint, with the blanks between."""
_OTHERS = 4
"""What is asked of others' objects."""


class CleanupConfirmScreen(Dialog[bool]):
    """Answers `True` only for a deliberate yes; what is others' needs its count typed too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", show=False),
        Binding("n", "leave", show=False),
        Binding("c,C", "copy", show=False),
        Binding("left,h,right,l", "other_button", show=False),
        Binding("j,down", "scroll_rows(1)", show=False),
        Binding("k,up", "scroll_rows(-1)", show=False),
        Binding("pagedown", "scroll_rows(8)", show=False),
        Binding("pageup", "scroll_rows(-8)", show=False),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]
    DEFAULT_CSS = """
    CleanupConfirmScreen {
        #box { width: 116; max-width: 96%; max-height: 94%; }
        CellLine { margin-bottom: 1; }
        LiveTable { height: 1fr; min-height: 3; background: $surface; }
        #losses { height: auto; color: $role-warning; margin-top: 1; }
        #commands {
            height: auto; max-height: 5; margin-top: 1; padding: 0 1;
            background: $panel; color: $role-number;
        }
        #others { height: auto; color: $role-warning; margin-top: 1; }
        #count { width: 12; }
        #wrong { height: auto; color: $role-bad; }
        #buttons { height: 1; margin-top: 1; align-horizontal: right; }
        Button {
            height: 1; min-width: 12; border: none; margin-left: 2; padding: 0 2;
            background: $panel; color: $foreground; text-style: none;
        }
        Button:focus {
            background: $role-cursor-background; color: $role-cursor-foreground; text-style: bold;
        }
        #yes { color: $role-bad; }
        #yes:focus { background: $error; color: $background; }
        &.-low {
            #box { padding: 0 2; }
            #commands { display: none; }
            #losses { max-height: 3; }
        }
    }
    """

    def __init__(self, plan: Plan) -> None:
        chosen = plan.chosen
        hint = "y yes   n no   c copy the commands   ↑ ↓ see all"
        super().__init__(f"Remove {counted(chosen)}?", hint)
        self._plan = plan
        self._others = plan.chosen_of_others
        self._listing = PlanListing(_SHOWN)
        self._table = LiveTable()
        self._table.can_focus = False
        self._lines = 0
        self._commands = tuple(map(removal_command, chosen))

    def compose_body(self) -> ComposeResult:
        """The sum, the objects, what is lost, the command lines, the buttons."""
        yield CellLine()
        yield self._table
        if losses := _losses(self._plan.losses):
            yield Static(losses, id="losses", markup=False)
        with VerticalScroll(id="commands", can_focus=False):
            yield Static("\n".join(self._commands), markup=False)
        if self._others:
            yield Static(_whose(self._others), id="others", markup=False)
            yield Input(id="count", restrict=r"\d*", placeholder="how many")
            yield Static("", id="wrong", markup=False)
        with Horizontal(id="buttons"):
            yield Button("Cancel", id="no", compact=True)
            yield Button(Content("Remove"), id="yes", compact=True)

    def on_mount(self) -> None:
        """Cancel is the default, or the count that is to be typed."""
        rows = [row for row in cleanup_rows(self._plan) if row.chosen]
        listing, table = self._listing, self._table
        table.set_columns(listing.columns, listing.sort)
        lines = listing.lines([(row.id, row) for row in rows], group_of=listing.group_of)
        table.show(lines)
        self._lines = len(lines)
        self._fit(self.app.size.height)
        self.query_one(CellLine).show_cells(plan_line(self._plan))
        self.query_one("#count" if self._others else "#no").focus()

    def on_resize(self, event: Resize) -> None:
        """The list gets what is left of the height, and no more than it needs."""
        self._fit(event.size.height)

    def _fit(self, height: int) -> None:
        losses = len(_losses(self._plan.losses).splitlines())
        around = _AROUND + (losses + 1 if losses else 0) + (_OTHERS if self._others else 0)
        around += min(_MOST_COMMANDS, len(self._commands)) + 1
        self.query_one("#box").styles.height = min(height * 94 // 100, self._lines + 1 + around)

    # The answer

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self.action_yes()
        else:
            self.dismiss(False)

    @on(Input.Submitted)
    def action_yes(self) -> None:
        """Do it, if the count of what is others' is right."""
        if self._others and self.query_one(Input).value != str(len(self._others)):
            words = f"Type {len(self._others)} to remove what is not yours, or untick it"
            self.query_one("#wrong", Static).update(words)
            self.query_one(Input).focus()
            return
        self.dismiss(True)

    def action_other_button(self) -> None:
        """Move between the two buttons."""
        self.focus_next("Button")

    def action_scroll_rows(self, by: int) -> None:
        """See the rest of a long list."""
        self._table.action_cursor_by(by)

    def action_copy(self) -> None:
        """Copy the command lines."""
        self.app.copy_to_clipboard("\n".join(self._commands))
        self.app.notify("Copied the docker commands", timeout=2)


def _losses(rows: tuple[Row, ...]) -> str:
    """What nothing brings back, a line each, the largest first."""
    if not rows:
        return ""
    largest = sorted(rows, key=lambda row: -(row.bytes or 0))
    lines = [f"  {clean(row.label)}: {clean(row.recovery_words)}" for row in largest[:_MOST_LOSSES]]
    if more := len(rows) - _MOST_LOSSES:
        lines += [f"  and {more} more"] if more > 0 else []
    return "\n".join([f"Lost for ever, {len(rows)} in all:", *lines])


def _whose(rows: tuple[Row, ...]) -> str:
    owners = Counter(clean(row.owner or "") for row in rows)
    names = ", ".join(f"{name} {count}" for name, count in owners.most_common())
    size = decimal_bytes(sum(row.bytes or 0 for row in rows))
    are = "is" if len(rows) == 1 else "are"
    return f"! {len(rows)} of these {are} not yours ({names}; {size}). Type {len(rows)} to confirm:"
