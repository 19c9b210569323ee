"""Says a thing once while it can still be read."""

from textual.app import App
from textual.notifications import Notify


class SaidOnce(App[None]):
    """Mixed into an app, leaves out a toast that says what another one on screen says already.

    An engine that comes and goes many times a minute would else fill the screen with them.
    """

    def _on_notify(self, event: Notify) -> None:
        said = event.notification
        for shown in self._notifications:
            if (shown.message, shown.title) == (said.message, said.title):
                event.prevent_default()
                return
