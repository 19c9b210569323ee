"""Looks at a key only when the one before has done what it does."""

from collections import deque

from textual import events
from textual.app import App
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

_MOST_ROUNDS = 8
_PATIENCE_S = 1.0
"""A key waits no longer for the one before."""
_LOOK_AGAIN_S = 0.005


class KeysInTurn(App[None]):
    """Mixed into an app, makes what is typed fast the same as what is typed slowly.

    A key goes to what has the focus when the terminal sends it, and may move the focus, open a
    line of text or a dialog: the next key, which over SSH comes in the same packet, is meant for
    that. Textual would give both to the same widget.
    """

    class Passed(Message):
        """Sent after a key on the same way: when it arrives, the key has been dealt with."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Event] = deque()
        self._in_turn: events.Event | None = None
        self._rounds = 0
        self._probed: Widget | None = None
        self._patience: Timer | None = None
        self._look_again: Timer | None = None

    async def on_event(self, event: events.Event) -> None:
        """Let a key in, or have it wait for its turn."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._in_turn not in (None, event):
            self._typed.append(event)
        else:
            self._in_turn, self._rounds = event, 0
            self._patience = self.set_timer(_PATIENCE_S, self._next_turn)
            await super().on_event(event)
            self._probe()

    def _probe(self) -> None:
        self._rounds += 1
        self._probed = self._taker()
        if self._probed is None or not self._probed.post_message(self.Passed()):
            self._next_turn()

    def on_keys_in_turn_passed(self) -> None:
        """What the key did may have led to more, and have moved the focus: then look again."""
        there = self._probed
        if there is None:
            return
        moved = there is not self._taker()
        busy = moved or any(node.message_queue_size for node in there.ancestors_with_self)
        if self.focus_is_moving():
            self._look_again = self.set_timer(_LOOK_AGAIN_S, self._probe)
        elif busy and self._rounds < _MOST_ROUNDS:
            self._probe()
        else:
            self._next_turn()

    def focus_is_moving(self) -> bool:
        """Whether the next key is meant for something that does not have the focus yet."""
        return False

    def _taker(self) -> Widget | None:
        """Who gets the next key; nobody, once the app is leaving."""
        return (self.focused or self.screen) if self.screen_stack else None

    def _next_turn(self) -> None:
        for timer in (self._patience, self._look_again):
            if timer is not None:
                timer.stop()
        self._probed = self._patience = self._look_again = self._in_turn = None
        if self._typed:
            self._in_turn = self._typed.popleft()
            self.post_message(self._in_turn)
