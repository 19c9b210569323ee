"""How deep a value from elsewhere may be nested."""

from typing import Any

DEEPEST = 100
"""Levels of lists and mappings in each other: an engine's deepest answers have about ten."""


def is_deep(value: Any) -> bool:
    """Whether it is nested beyond `DEEPEST`: who walks it would run out of stack.

    Looked at level by level, as a function that calls itself would need the same bound.
    """
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
