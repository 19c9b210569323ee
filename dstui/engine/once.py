"""Reads a whole list at once, for a picture that is taken and not followed."""

from collections.abc import Callable
from typing import Any

from dstui.background import Background
from dstui.domain.changes import Listable, Listed
from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.engine.client import Engine


def read_list(engine: Engine, kind: Kind, inspected: bool, background: Background) -> Listed:
    """All objects of a kind; `inspected` asks for each one's details, several at a time.

    What goes away between the list and its inspection is left out.
    """
    inspections: dict[Kind, Callable[[str], Listable]] = {
        Kind.CONTAINER: engine.container,
        Kind.IMAGE: engine.image,
    }
    objects, unreadable = engine.listed(kind)
    inspect: Any = inspections.get(kind)
    if not inspected or inspect is None:
        return Listed(kind, objects, unreadable)
    answers = [background.submit(_inspected, inspect, found) for found in objects]
    found = tuple(found for answer in answers if (found := answer.result()))
    return Listed(kind, found, unreadable)


def _inspected(inspect: Callable[[str], Listable], found: Listable) -> Listable | None:
    """The object with its details, or as it was listed when the engine will not tell them."""
    try:
        return inspect(found.id)
    except EngineError as error:
        return None if error.gone else found
