"""JSON from elsewhere: an engine, a file, a container, another program."""

import json
from typing import Any

from dstui.domain.nesting import DEEPEST, is_deep


class ForeignJsonError(ValueError):
    """The text is no JSON, or such as nobody sends who means well."""


def read_json(text: bytes | str) -> Any:
    """The value of a text. Raises `ForeignJsonError` for every text that cannot be used.

    What is nested too deeply cannot: it would fail later, far from where it came in.
    """
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise ForeignJsonError("it is not valid JSON") from error
    if _may_be_deep(text) and is_deep(found):
        raise _too_deep()
    return found


def _may_be_deep(text: bytes | str) -> bool:
    """Most texts are too short for it, and to count is cheaper than to look."""
    if isinstance(text, str):
        return text.count("[") + text.count("{") > DEEPEST
    return text.count(b"[") + text.count(b"{") > DEEPEST


def _too_deep() -> ForeignJsonError:
    return ForeignJsonError(f"its JSON is nested more than {DEEPEST} levels deep")
