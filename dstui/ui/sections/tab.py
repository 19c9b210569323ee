"""What every tab of a detail pane can do."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import ParamSpec, TypeVar

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import Worker

from dstui.domain.engine import EngineError, EngineUnreachableError
from dstui.domain.text import clean
from dstui.session import Session
from dstui.store import Topic
from dstui.ui.keys import Scope

P = ParamSpec("P")
T = TypeVar("T")


class DetailTab(Vertical):
    """Shows one aspect of one object. Only the tab on screen is asked to show anything."""

    TOPICS: frozenset[Topic] = frozenset()
    """A change of these is shown at once."""
    SCOPE: Scope | None = None
    """Of its own commands, if it has any: the footer names them while the keys go to the tab."""

    class Ready(Message):
        """It is mounted, with all that is in it."""

        def __init__(self, tab: "DetailTab") -> None:
            super().__init__()
            self.tab = tab

    DEFAULT_CSS = """
    DetailTab { height: 1fr; }
    DetailTab > .note { height: auto; padding: 1 2; color: $role-muted; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.object_id: str | None = None
        self._loading: Worker[None] | None = None

    def on_mount(self) -> None:
        """Ask to be shown something."""
        self.post_message(self.Ready(self))

    def show_object(self, identifier: str | None) -> None:
        """Show another object, or none; also called when the tab comes back on screen."""
        self.object_id = identifier
        self.present()

    def present(self) -> None:
        """Draw what is known of the object now."""

    def leave(self) -> None:
        """Off the screen: end what costs something."""

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """Draw anew what has changed."""
        if topics & self.TOPICS:
            self.present()

    def start(self, load: Callable[[], Coroutine[None, None, None]]) -> None:
        """Load in the background; what was being loaded before is not wanted any more."""
        self._loading = self.run_worker(load, exclusive=True, exit_on_error=False)

    async def ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the engine on a background thread."""
        future = self.session.background.submit(call, *args, **kwargs)
        return await asyncio.wrap_future(future)

    def note(self, text: str) -> None:
        """Say why there is nothing to see; the empty text says nothing."""
        existing = self.query(".note").results(Static)
        line = next(iter(existing), None)
        if line is None and text:
            self.mount(Static(Content(text), classes="note"), before=0)
        elif line is not None:
            line.update(Content(text))
            line.display = bool(text)


def explained(error: Exception) -> str:
    """Why an answer did not come, in one line."""
    if isinstance(error, EngineError):
        return "it is gone" if error.gone else clean(error.message)
    if isinstance(error, EngineUnreachableError):
        return "the engine does not answer"
    return clean(f"{type(error).__name__}: {error}")
