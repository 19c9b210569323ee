"""Removes what an earlier dstui made for itself and could not remove, as it was killed.

The engine itself removes only containers that have run; one that never starts stays for ever.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from dstui.domain.engine import EngineError
from dstui.engine.client import Engine, resource
from dstui.engine.convert.read import labels, mapping, rows, text, whole
from dstui.engine.maker import MAKER_LABEL, has_ended

LABELS = ("dstui.throwaway", "dstui.debug", "dstui.selftest")
"""Those of `throwaway`, `debug` and `selftest.sandbox`, which need not be imported for it."""
_ABANDONED_AFTER_S = 1800
"""For containers of other machines, of which it is not known whether somebody still uses them."""
_TIMEOUT_S = 30.0


def sweep(engine: Engine) -> None:
    """Remove them. What cannot be removed now is left for the next time."""
    for container in tuple(_abandoned(engine)):
        with suppress(EngineError):
            path = resource("/containers/{}", container)
            engine.rest.ask("DELETE", path, {"v": 1, "force": 1}, timeout_s=_TIMEOUT_S)


def _abandoned(engine: Engine) -> Iterator[str]:
    for label in LABELS:
        filters = json.dumps({"label": [label]})
        with suppress(EngineError):
            listed = engine.rest.get("/containers/json", {"all": 1, "filters": filters})
            for row in map(mapping, rows(listed)):
                if label in labels(row.get("Labels")) and _is_abandoned(row, time.time()):
                    yield text(row.get("Id"))


def _is_abandoned(row: Mapping[str, Any], now: float) -> bool:
    ended = has_ended(labels(row.get("Labels")).get(MAKER_LABEL, ""))
    if ended is not None:
        return ended
    created = whole(row.get("Created"))
    if created is None or row.get("State") == "running":  # it may be somebody's shell
        return False
    return now - created > _ABANDONED_AFTER_S
