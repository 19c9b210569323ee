"""Removes single records of the build cache, and reads the records that are there."""

import json
import re
from typing import TYPE_CHECKING

from dstui.domain.action import Action
from dstui.domain.engine import EngineError
from dstui.domain.staleness.facts import BuildRecord
from dstui.engine.convert.disk import build_records, df_answer
from dstui.engine.convert.read import mapping, texts
from dstui.engine.rest import Query

if TYPE_CHECKING:
    from dstui.engine.client import Engine

_WHOLE_ID = re.compile(r"[0-9a-z]{20,64}")
_TIMEOUT_S = 300.0


def remove_record(engine: "Engine", action: Action) -> str:
    """Remove the record of this id. Raises `EngineError` if the engine keeps it.

    The API removes records by a filter only, and reads an id there as a pattern: nothing but a
    whole id, which is random and has no special characters, is sent.
    """
    if not _WHOLE_ID.fullmatch(action.id):
        raise EngineError("this is no whole id of a record")
    filters: dict[str, list[str]] = {"id": [action.id]}
    if action.unused_for_s is not None:
        # the engine itself then keeps a record that was used since
        filters["until"] = [f"{max(0, int(action.unused_for_s))}s"]
    query: Query = {"all": 1, "filters": json.dumps(filters)}
    answer = engine.rest.ask("POST", "/build/prune", query, timeout_s=_TIMEOUT_S).json()
    deleted = texts(mapping(answer).get("CachesDeleted"))
    if action.id not in deleted:
        raise EngineError("the engine keeps it: a build uses it, or another record needs it")
    return ""


def records(engine: "Engine") -> dict[str, BuildRecord]:
    """The records of now by their ids. Raises `EngineError`.

    Before API 1.42 the engine measures everything else for it too, which can take minutes.
    """
    answer = engine.rest.get("/system/df", {"type": "build-cache"}, timeout_s=_TIMEOUT_S)
    return {record.id: record for record in build_records(df_answer(answer))}
