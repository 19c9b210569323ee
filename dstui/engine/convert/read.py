"""Reads single JSON values, whatever is there."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from dstui.background import what_failed
from dstui.domain.text import clean

T = TypeVar("T")

Json = Mapping[str, Any]

_LARGEST = 2**63


class UnreadableError(Exception):
    """The JSON has no id, so that nothing can be done with it."""

    def __init__(self, why: str = "it has no id") -> None:
        super().__init__(why)


class Rows(NamedTuple, Generic[T]):
    """What of an array could be read, and of each other row why it could not."""

    found: tuple[T, ...]
    unreadable: tuple[str, ...]


def identifier(value: Any) -> str:
    """An id or a name that the object is known by."""
    if not isinstance(value, str) or not value:
        raise UnreadableError
    return clean(value)


def text(value: Any) -> str:
    """Harmless text; empty when there is none."""
    if isinstance(value, str):
        return clean(value)
    return str(value) if isinstance(value, int | float) else ""


def whole(value: Any) -> int | None:
    """A whole number that fits 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if value != value or abs(value) >= _LARGEST:
        return None
    return int(value)


def positive(value: Any) -> int | None:
    """A whole number above zero: where the engine writes 0 or -1 for "none" or "not known"."""
    number = whole(value)
    return number if number is not None and number > 0 else None


def flag(value: Any) -> bool | None:
    """A truth value, `None` when there is none."""
    return value if isinstance(value, bool) else None


def mapping(value: Any) -> Json:
    """A JSON object; empty when there is none."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Any]:
    """A JSON array; empty when there is none."""
    return value if isinstance(value, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """An array of texts, without those that are none."""
    return tuple(clean(item) for item in rows(value) if isinstance(item, str))


def labels(value: Any) -> dict[str, str]:
    """Names and texts, as labels and driver options are."""
    return {text(name): text(content) for name, content in mapping(value).items()}


def environment(value: Any) -> tuple[tuple[str, str], ...]:
    """`NAME=value` texts in pairs."""
    pairs = (entry.partition("=") for entry in texts(value))
    return tuple((name, content) for name, _, content in pairs)


def command(value: Any) -> tuple[str, ...] | None:
    """An entrypoint or a command; old images have a text for an array."""
    if isinstance(value, str):
        return (clean(value),)
    return texts(value) if isinstance(value, list) else None


def time(value: Any) -> datetime | None:
    """An RFC 3339 text or seconds since the epoch; `None` for Go's zero time and for nonsense."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        else:
            seconds = whole(value)
            if seconds is None:
                return None
            moment = datetime.fromtimestamp(seconds, UTC)
        return moment.astimezone(UTC) if moment.year > 1 else None
    except (ValueError, OverflowError, OSError):
        return None


def each(values: Any, convert: Callable[[Json], T]) -> tuple[T, ...]:
    """All of an array that can be read."""
    return read_rows(values, convert).found


def read_rows(values: Any, convert: Callable[[Json], T]) -> Rows[T]:
    """An array, row by row: what is wrong with one says nothing of the others."""
    found, unreadable = [], []
    for number, value in enumerate(rows(values), 1):
        try:
            if not isinstance(value, dict):
                raise UnreadableError("it is no object")
            found.append(convert(value))
        except UnreadableError as error:
            unreadable.append(f"row {number}: {error}")
        except Exception as error:  # noqa: BLE001 - told with the row
            unreadable.append(f"row {number}: {what_failed(error)}")
    return Rows(tuple(found), tuple(unreadable))
