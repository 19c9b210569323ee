"""Numbers with a unit, as people write them and tables show them: `1.5GiB`, `80%`, `3 h`."""

import re

_NUMBER = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([a-z%]*)", re.IGNORECASE)

_SCALES: dict[str, float] = {
    **{f"{prefix}b": 1000.0**power for power, prefix in enumerate("kmgtp", 1)},
    **{f"{prefix}ib": 1024.0**power for power, prefix in enumerate("kmgtp", 1)},
    **{prefix: 1024.0**power for power, prefix in enumerate("kmgtp", 1)},  # as `docker run -m 2g`
    "min": 60,
    "h": 3600,
    "d": 86_400,
    "mo": 30 * 86_400,
    "y": 365 * 86_400,
}

DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def decimal_bytes(count: float) -> str:
    """Three digits and a power of 1000, as `docker images` shows sizes: `1.53GB`."""
    return scaled(count, 1000, DECIMAL, digits=3)


def scaled(count: float, step: int, units: tuple[str, ...], digits: int) -> str:
    """So many digits and the unit that keeps the number below `step`."""
    value, unit = float(count), 0
    while value >= step - 0.5 and unit < len(units) - 1:  # 999.6 would read as 1e+03
        value /= step
        unit += 1
    return f"{value:.{digits}g}{units[unit]}"


def parse_quantity(text: str) -> float | None:
    """The first number of `text` in its base unit: bytes, seconds or plain; `None` without one.

    A unit that is not known counts as none, so that `8080->80` reads as 8080.
    """
    found = _NUMBER.match(text)
    if found is None:
        return None
    return float(found[1]) * _SCALES.get(found[2].lower(), 1)
