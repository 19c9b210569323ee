"""Ask for a file; the one that is there already is replaced only after a second yes."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.suggester import Suggester
from textual.widgets import Input, Static

from dstui.domain.text import clean
from dstui.ui.screens.dialog import Dialog

Write = Callable[[Path, bool], "Future[None]"]
"""Writes the file on another thread, or looks whether that can be done; `True` allows to replace
one that exists."""


class SaveAsScreen(Dialog[Path]):
    """Answers the path once that is done; what went wrong is shown, to be corrected."""

    DEFAULT_CSS = """
    SaveAsScreen #wrong { color: $role-warning; width: 60; max-width: 100%; height: auto; }
    """

    def __init__(
        self,
        title: str,
        path: str,
        write: Write,
        hint: str = "Enter save   Esc back",
        suggester: Suggester | None = None,
    ) -> None:
        super().__init__(title, hint)
        self._suggester = suggester
        self._path = path
        self._write = write
        self._exists: str | None = None
        self._busy = False

    def compose_body(self) -> ComposeResult:
        """The path and what is wrong with it."""
        yield Input(self._path, suggester=self._suggester)
        yield Static("", id="wrong", markup=False)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if event.value != self._exists:
            self._exists = None
            self._say("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip() and not self._busy:
            self._busy = True
            self.run_worker(self._save(event.value), exit_on_error=False)

    async def _save(self, text: str) -> None:
        replace = text == self._exists
        try:
            path = Path(text.strip()).expanduser()
            await asyncio.wrap_future(self._write(path, replace))
        except FileExistsError:
            self._exists = text
            self._say("This file exists. Enter again replaces it.")
        except (OSError, RuntimeError, ValueError) as error:
            self._say(clean(getattr(error, "strerror", None) or str(error)))
        else:
            self.dismiss(path)
        finally:
            self._busy = False

    def _say(self, text: str) -> None:
        self.query_one("#wrong", Static).update(text)
