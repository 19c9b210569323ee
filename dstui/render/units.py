"""Numbers and times as text, in the forms that `docker` and `nvidia-smi` have made familiar."""

from datetime import UTC, datetime

from dstui.domain import quantity
from dstui.render.column import UNKNOWN

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_AGES = (
    (365 * 86_400, "y"),
    (30 * 86_400, "mo"),
    (86_400, "d"),
    (3600, "h"),
    (60, "min"),
)


def decimal_bytes(count: float | None) -> str:
    """Three digits and a power of 1000, as `docker images` shows sizes: `1.53GB`."""
    return UNKNOWN if count is None else quantity.decimal_bytes(count)


def binary_bytes(count: float | None) -> str:
    """Four digits and a power of 1024, as `docker stats` shows memory: `1.523GiB`."""
    return UNKNOWN if count is None else quantity.scaled(count, 1024, _BINARY, digits=4)


def mebibytes(count: float | None) -> str:
    """Whole MiB, as `nvidia-smi` shows GPU memory: `40536MiB`."""
    return UNKNOWN if count is None else f"{count / 2**20:.0f}MiB"


def rate(bytes_per_second: float | None) -> str:
    """As `decimal_bytes`, a second: `1.2kB/s`."""
    return UNKNOWN if bytes_per_second is None else f"{decimal_bytes(round(bytes_per_second))}/s"


def percent(value: float | None) -> str:
    """One decimal below 100, none above."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f}%" if value < 99.95 else f"{value:.0f}%"


def whole_percent(value: float | None) -> str:
    """Without decimals, for what the driver itself reports in whole percent."""
    return UNKNOWN if value is None else f"{value:.0f}%"


def number(value: float | None, unit: str = "") -> str:
    """Without decimals, with a unit."""
    return UNKNOWN if value is None else f"{value:.0f}{unit}"


def duration(seconds: float) -> str:
    """The largest whole unit: `45 s`, `12 min`, `3 h`, `4 d`, `5 mo`, `2 y`."""
    for length, unit in _AGES:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} s"


def age(moment: datetime | None, now: float) -> str:
    """How long ago, as the largest whole unit."""
    return UNKNOWN if moment is None else duration(now - moment.timestamp())


def absolute(moment: datetime | None) -> str:
    """ISO 8601 in local time with its zone."""
    return UNKNOWN if moment is None else moment.astimezone().isoformat(" ", "seconds")


def utc(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, for JSON."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ago(moment: datetime | None, now: float) -> str:
    """In words, for details: `3 hours ago`."""
    if moment is None:
        return UNKNOWN
    from humanize import naturaltime  # 10 ms that the first picture does without

    return naturaltime(datetime.fromtimestamp(now, UTC) - moment.astimezone(UTC))


def moment(when: datetime | None, now: float) -> str:
    """Absolute and relative."""
    return UNKNOWN if when is None else f"{absolute(when)} ({ago(when, now)})"
