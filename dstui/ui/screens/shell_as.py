"""Ask what to run in a container, as whom and where."""

import shlex
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.widgets import Input, Label, Static

from dstui.domain.engine import ShellRequest
from dstui.ui.screens.dialog import Dialog


class ShellAsScreen(Dialog[ShellRequest]):
    """Answers the request; what is left empty is the container's own default."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    DEFAULT_CSS = """
    ShellAsScreen {
        #fields { grid-size: 2; grid-columns: 12 50; grid-rows: 1; height: 3; width: 62; }
        #fields Label { color: $role-muted; }
        #fields Input, #fields Input:focus { width: 50; }
        #wrong { color: $role-bad; width: 62; max-width: 100%; height: auto; }
    }
    """

    def __init__(self, name: str, request: ShellRequest) -> None:
        super().__init__(f"Run in {name}", "Enter run   Tab next field   Esc back")
        self._request = request

    def compose_body(self) -> ComposeResult:
        """Three fields."""
        request = self._request
        with Grid(id="fields"):
            yield Label("Command")
            yield Input(shlex.join(request.command), "the first shell it has", id="command")
            yield Label("User")
            yield Input(request.user, "the container's own; name or uid[:gid]", id="user")
            yield Label("Directory")
            yield Input(request.working_dir, "the container's own", id="directory")
        yield Static("", id="wrong", markup=False)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#command").focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        try:
            command = tuple(shlex.split(self._value("command")))
        except ValueError as error:
            self.query_one("#wrong", Static).update(f"Command: {error}")
            return
        self.dismiss(
            replace(
                self._request,
                command=command,
                user=self._value("user"),
                working_dir=self._value("directory"),
            )
        )

    def _value(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()
