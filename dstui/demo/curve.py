"""Rates that swing smoothly and add up exactly: a counter needs no state to be right."""

import math
from dataclasses import dataclass

_SLOW_SHARE, _FAST_SHARE, _FASTER = 0.7, 0.3, 3.7


@dataclass(frozen=True, slots=True)
class Curve:
    """A value that swings about `mean` by the share `swing` (below 1, so it is never negative)."""

    mean: float
    swing: float = 0.3
    period_s: float = 90.0
    phase: float = 0.0

    def at(self, time: float) -> float:
        """The value (or rate a second) at a time in seconds."""
        turn = math.tau * time / self.period_s
        wave = _SLOW_SHARE * math.sin(turn + self.phase) + _FAST_SHARE * math.sin(
            _FASTER * turn + 2 * self.phase
        )
        return self.mean * (1 + self.swing * wave)

    def total(self, start: float, end: float) -> float:
        """What a rate adds up to between two times; exact, so it never runs backwards."""
        return self._integral(end) - self._integral(start)

    def _integral(self, time: float) -> float:
        turn_rate = math.tau / self.period_s
        turn = turn_rate * time
        wave = -(_SLOW_SHARE / turn_rate) * math.cos(turn + self.phase) - (
            _FAST_SHARE / (_FASTER * turn_rate)
        ) * math.cos(_FASTER * turn + 2 * self.phase)
        return self.mean * (time + self.swing * wave)


FLAT_ZERO = Curve(0.0, 0.0)
