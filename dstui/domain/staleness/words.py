"""How ages and rates are put into a reason."""

from datetime import datetime

_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60))


def age_s(since: datetime | None, now: datetime) -> float | None:
    """Seconds since then; 0 for a time in the future, as clocks differ."""
    return None if since is None else max(0.0, (now - since).total_seconds())


def span(seconds: float) -> str:
    """`41 days`, `3 hours`, `1 minute`."""
    for word, length in _UNITS:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return "less than a minute"


def ago(seconds: float | None) -> str:
    """`41 days ago`, or that it is not known."""
    return "at an unknown time" if seconds is None else f"{span(seconds)} ago"


def listed(names: list[str], most: int = 3) -> str:
    """A few names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
