"""A moment as a person writes it: how long ago, or when."""

import re
from datetime import datetime

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGO = re.compile(r"(?:\d+(?:\.\d+)?[smhdw]\s*)+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


class SinceError(Exception):
    """The text is no moment; says what would be."""


def moment(text: str, now: datetime) -> float:
    """Seconds since the epoch of `90s`, `5m`, `1h30m`, `2d`, `12:30`, `2026-05-01T12:30`.

    A time of day is the last one; without a zone it is in that of `now`. Raises `SinceError`.
    """
    text = text.strip()
    if _AGO.fullmatch(text):
        ago = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
        return max(0.0, now.timestamp() - ago)
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            hour, minute, second = (*map(int, text.split(":")), 0)[:3]
            found = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
            return found.timestamp() - (_SECONDS["d"] if found > now else 0)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=now.tzinfo)).timestamp()
    except (ValueError, OverflowError):
        raise SinceError(
            f"{text!r} is no time: write 5m, 2h30m, 12:30 or 2026-05-01T12:30"
        ) from None
