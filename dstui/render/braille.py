"""Series of numbers as dots: four high and two wide in each cell. Pure."""

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float | None]
"""A time in seconds and a value; `None` is not known, and leaves a gap."""

_BLANK = 0x2800
_EMPTY = chr(_BLANK)
_LEFT = (0x00, 0x40, 0x44, 0x46, 0x47)
_RIGHT = (0x00, 0x80, 0xA0, 0xB0, 0xB8)
_LEFT_HANGING = (0x00, 0x01, 0x03, 0x07, 0x47)
_RIGHT_HANGING = (0x00, 0x08, 0x18, 0x38, 0xB8)
_PATIENCE = 2.5
"""A value holds until the next sample, if that is not later than so many usual intervals."""


def columns(points: Sequence[Point], end: float, step: float, count: int) -> list[float | None]:
    """The largest value in each of `count` steps up to `end`; `None` where nothing is known."""
    found: list[float | None] = [None] * count
    start = end - count * step
    held = _PATIENCE * _usual_interval(points)
    for number, (time, value) in enumerate(points):
        if value is None:
            continue
        until = points[number + 1][0] if number + 1 < len(points) else time
        until = min(until, time + held)
        first = math.ceil((time - start) / step) - 1
        last = max(first, math.ceil((until - start) / step) - 2)
        for index in range(max(0, first), min(count - 1, last) + 1):
            present = found[index]
            found[index] = value if present is None else max(present, value)
    return found


def _usual_interval(points: Sequence[Point]) -> float:
    intervals = sorted(b[0] - a[0] for a, b in pairwise(points))
    return intervals[len(intervals) // 2] if intervals else 1.0


def area(
    values: Sequence[float | None], top: float, height: int, hanging: bool = False
) -> list[str]:
    """Lines of braille, `height` of them, filled from the ground up (`hanging`: down).

    What is more than nothing shows at least one dot.
    """
    dots = [_dots(value, top, height * 4) for value in values]
    if len(dots) % 2:
        dots.append(0)
    left, right = (_LEFT_HANGING, _RIGHT_HANGING) if hanging else (_LEFT, _RIGHT)
    lines = []
    for line in range(height):
        ground = 4 * (line if hanging else height - 1 - line)
        lines.append(
            "".join(
                chr(_BLANK + left[_part(a, ground)] + right[_part(b, ground)])
                for a, b in zip(dots[::2], dots[1::2], strict=True)
            ).replace(_EMPTY, " ")  # looks the same, in one byte instead of three
        )
    return lines


def _dots(value: float | None, top: float, height: int) -> int:
    if value is None or value <= 0 or top <= 0:
        return 0
    return max(1, min(height, round(value / top * height)))


def _part(dots: int, ground: int) -> int:
    return max(0, min(4, dots - ground))


def sparkline(values: Sequence[float | None], width: int, top: float | None = None) -> str:
    """The last values in one line of braille, two in each cell."""
    last = [None] * max(0, 2 * width - len(values)) + list(values[-2 * width :])
    known = [value for value in last if value is not None]
    return area(last, top or max(known, default=0.0), 1)[0]


def rounded_up(value: float, base: int = 10) -> float:
    """The next number that is good to read on a scale: 1, 2 or 5 times a power of ten.

    With `base` 2 it is a power of two: for bytes that are counted in powers of 1024.
    """
    if value <= 0:
        return 1.0
    if base == 2:
        return float(2 ** math.ceil(math.log2(value)))
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))
