"""How fast a card should be, by what its driver tells of it, and how fast it was.

The expected values are the limits of the hardware: the link's generation and width, the memory's
clock and bus, the number of cores and their clock. No list of models, which would be old soon.
"""

from dataclasses import dataclass

_CORES = {
    (5, 0): 128,
    (5, 2): 128,
    (5, 3): 128,
    (6, 0): 64,
    (6, 1): 128,
    (6, 2): 128,
    (7, 0): 64,
    (7, 2): 64,
    (7, 5): 64,
    (8, 0): 64,
    (8, 6): 128,
    (8, 7): 128,
    (8, 9): 128,
    (9, 0): 128,
    (10, 0): 128,
    (10, 3): 128,
    (11, 0): 128,
    (12, 0): 128,
    (12, 1): 128,
}
"""FP32 units of a multiprocessor, by compute capability (CUDA C++ Programming Guide, table of
arithmetic throughput)."""
_GENERATIONS = {2.5: 1, 5.0: 2, 8.0: 3, 16.0: 4, 32.0: 5, 64.0: 6}
"""PCI Express by GT/s and lane."""
_OLD_CODE, _NEW_CODE, _FIRST_WITH_NEW = 8 / 10, 128 / 130, 8.0
"""The share of the bits that is data: 8b/10b up to generation 2, 128b/130b since."""


@dataclass(frozen=True, slots=True)
class Link:
    """The PCI Express link of a card: GT/s and lanes, at that moment and at most."""

    speed: float
    width: int
    max_speed: float
    max_width: int

    @property
    def bytes_per_s(self) -> float:
        """What it carries in one direction, without the packets' own overhead."""
        code = _NEW_CODE if self.speed >= _FIRST_WITH_NEW else _OLD_CODE
        return self.speed * 1e9 * self.width * code / 8

    @property
    def trained_down(self) -> bool:
        """Whether it runs slower or narrower than card and slot can."""
        return self.speed < self.max_speed or self.width < self.max_width

    @property
    def words(self) -> str:
        """`PCIe 5 x16`, and what it could be where it is less."""
        if not self.trained_down:
            return _link_words(self.speed, self.width)
        could = _link_words(self.max_speed, self.max_width)
        return f"{_link_words(self.speed, self.width)} of {could}"


@dataclass(frozen=True, slots=True)
class Rate:
    """One measurement beside what the hardware can at most; `None` where that is not known."""

    name: str
    measured: float
    expected: float | None
    unit: str
    scale: float
    least_share: float
    """Of the expected: below it something is wrong."""

    @property
    def share(self) -> float | None:
        """Of what is expected."""
        return self.measured / self.expected if self.expected else None

    @property
    def too_slow(self) -> bool:
        """Whether it is below its bound."""
        return self.share is not None and self.share < self.least_share

    @property
    def words(self) -> str:
        """`54 of 63 GB/s host to card`."""
        of = f" of {_short(self.expected / self.scale)}" if self.expected else ""
        return f"{_short(self.measured / self.scale)}{of} {self.unit} {self.name}"


def fp32_limit(capability: tuple[int, int], multiprocessors: int, clock_khz: int) -> float | None:
    """Operations a second, two for each fused multiply-add; `None` for an unknown generation."""
    cores = _CORES.get(capability)
    if cores is None or not clock_khz:
        return None
    return multiprocessors * cores * 2 * clock_khz * 1e3


def memory_limit(memory_khz: int, bus_bits: int) -> float | None:
    """Bytes a second: two transfers a clock."""
    return memory_khz * 1e3 * 2 * bus_bits / 8 or None


def _link_words(speed: float, width: int) -> str:
    generation = _GENERATIONS.get(speed)
    return f"PCIe {generation} x{width}" if generation else f"{speed:g} GT/s x{width}"


def _short(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
