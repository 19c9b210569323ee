"""CPU, memory, network and disk use of a container, from two readings of its counters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counters:
    """One reading: cumulative counters and gauges. `None` is "not available", never zero.

    `time` is seconds since the epoch; times span readings of the same source only.
    Memory is what `docker stats` shows: usage less the inactive file cache.
    """

    time: float
    cpu_ns: int | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    net_rx_bytes: int | None = None
    net_tx_bytes: int | None = None
    block_read_bytes: int | None = None
    block_write_bytes: int | None = None
    pids: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container uses. Rates are bytes a second over the span between two readings."""

    time: float
    cpu_percent: float | None = None
    """100 is one core, as in `docker stats`."""
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    net_rx_bytes: int | None = None
    net_tx_bytes: int | None = None
    net_rx_rate: float | None = None
    net_tx_rate: float | None = None
    block_read_bytes: int | None = None
    block_write_bytes: int | None = None
    block_read_rate: float | None = None
    block_write_rate: float | None = None
    pids: int | None = None

    @property
    def memory_percent(self) -> float | None:
        """Share of the limit."""
        if self.memory_bytes is None or not self.memory_limit_bytes:
            return None
        return 100 * self.memory_bytes / self.memory_limit_bytes


def usage_between(before: Counters | None, now: Counters) -> Usage:
    """The usage at `now`; rates are `None` without an earlier reading or after a counter reset."""
    span = now.time - before.time if before else 0.0

    def rate(earlier: int | None, later: int | None) -> float | None:
        if span <= 0 or earlier is None or later is None or later < earlier:
            return None
        return (later - earlier) / span

    earlier = before or Counters(now.time)
    cpu = rate(earlier.cpu_ns, now.cpu_ns)
    return Usage(
        time=now.time,
        cpu_percent=None if cpu is None else cpu / 1e7,
        memory_bytes=now.memory_bytes,
        memory_limit_bytes=now.memory_limit_bytes,
        net_rx_bytes=now.net_rx_bytes,
        net_tx_bytes=now.net_tx_bytes,
        net_rx_rate=rate(earlier.net_rx_bytes, now.net_rx_bytes),
        net_tx_rate=rate(earlier.net_tx_bytes, now.net_tx_bytes),
        block_read_bytes=now.block_read_bytes,
        block_write_bytes=now.block_write_bytes,
        block_read_rate=rate(earlier.block_read_bytes, now.block_read_bytes),
        block_write_rate=rate(earlier.block_write_bytes, now.block_write_bytes),
        pids=now.pids,
    )
