"""Switch rules on and off."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from dstui.domain.staleness.verdict import Rule
from dstui.render.cleanup import RULE_TITLES
from dstui.ui.screens.dialog import Dialog


class CleanupRulesScreen(Dialog[frozenset[Rule]]):
    """Answers the rules that are off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
        Binding("space", "switch", show=False),
        Binding("asterisk", "switch_all", show=False),
    ]

    def __init__(self, off: Collection[Rule], about: Mapping[Rule, str]) -> None:
        """`about` says of a rule from when on it holds, and what it finds now."""
        hint = "Space on or off   * all   Enter apply   Esc back"
        super().__init__("Which rules count", hint)
        self._off = set(off)
        self._about = about

    def compose_body(self) -> ComposeResult:
        """A line for each rule."""
        yield OptionList(*(Option(self._line(rule), id=rule.value) for rule in RULE_TITLES))

    def on_mount(self) -> None:
        """Start at the first."""
        self._options.highlighted = 0
        self._options.focus()

    @property
    def _options(self) -> OptionList:
        return self.query_one(OptionList)

    def _line(self, rule: Rule) -> Content:
        on = rule not in self._off
        width = max(map(len, RULE_TITLES.values())) + 3
        return Content.assemble(
            ("✓ ", "$role-marked") if on else "  ",
            (RULE_TITLES[rule].ljust(width), "$foreground" if on else "$role-muted"),
            (self._about.get(rule, ""), "$role-muted"),
        )

    def _switch(self, rules: Collection[Rule]) -> None:
        self._off ^= set(rules)
        for rule in rules:
            self._options.replace_option_prompt(rule.value, self._line(rule))

    def action_switch(self) -> None:
        """Switch the one at the cursor."""
        at = self._options.highlighted
        if at is not None:
            self._switch([list(RULE_TITLES)[at]])

    def action_switch_all(self) -> None:
        """All on; if they are, all off."""
        self._switch(tuple(self._off) or tuple(RULE_TITLES))

    def action_move(self, by: int) -> None:
        """Move as in every list."""
        if by > 0:
            self._options.action_cursor_down()
        else:
            self._options.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _accepted(self) -> None:
        self.dismiss(frozenset(self._off))
