"""The events of the simulated engine: kept for a while, and handed to all who listen."""

import queue
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from dstui.demo.model import Clock

Event = dict[str, Any]
Feed = Event | bytes
"""An event, or bytes that pretend to be one."""
_KEPT = 4096


class Subscription:
    """One listener's queue of events; `None` in it says that the engine goes away."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Feed | None] = queue.SimpleQueue()


class Journal:
    """Records what happened; may be used from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: deque[Event] = deque(maxlen=_KEPT)
        self._subscriptions: set[Subscription] = set()
        self._last_nano = 0

    def record(
        self, kind: str, action: str, identifier: str, attributes: Mapping[str, str]
    ) -> None:
        """Tell of one event; times of events are never equal, as on a real engine."""
        with self._lock:
            nano = max(int(self._clock() * 1e9), self._last_nano + 1000)
            self._last_nano = nano
            event: Event = {
                "Type": kind,
                "Action": action,
                "Actor": {"ID": identifier, "Attributes": dict(attributes)},
                "scope": "local",
                "time": nano // 1_000_000_000,
                "timeNano": nano,
            }
            if kind in ("container", "image"):
                event = {"status": action, "id": identifier, **event}
            if kind == "container":
                event["from"] = attributes.get("image", "")
            self._kept.append(event)
            for subscription in self._subscriptions:
                subscription.events.put(event)

    def inject(self, line: bytes) -> None:
        """Hand these bytes to the listeners as they are."""
        with self._lock:
            for subscription in self._subscriptions:
                subscription.events.put(line)

    def subscribe(self, since: float | None) -> Subscription:
        """Listen from now on, after a replay of what is kept from `since` (epoch)."""
        subscription = Subscription()
        with self._lock:
            if since is not None:
                for event in self._kept:
                    if event["timeNano"] >= since * 1e9:
                        subscription.events.put(event)
            self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)

    def close(self) -> None:
        """Send every listener away."""
        with self._lock:
            for subscription in self._subscriptions:
                subscription.events.put(None)
