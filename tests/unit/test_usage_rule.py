"""Usage from two readings: the arithmetic of `docker stats`."""

from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.usage import Counters, Usage, usage_between

COUNT = st.none() | st.integers(min_value=0, max_value=2**63)


def test_one_busy_core_is_a_hundred_percent() -> None:
    usage = usage_between(Counters(10.0, cpu_ns=0), Counters(12.0, cpu_ns=2_000_000_000))
    assert usage.cpu_percent == 100.0


def test_the_span_between_the_readings_counts_not_a_nominal_second() -> None:
    usage = usage_between(Counters(0.0, net_rx_bytes=0), Counters(1.6, net_rx_bytes=1600))
    assert usage.net_rx_rate == 1000.0


def test_the_first_reading_has_gauges_and_no_rates() -> None:
    usage = usage_between(None, Counters(1.0, cpu_ns=5, memory_bytes=7, pids=2))
    assert usage == Usage(time=1.0, memory_bytes=7, pids=2)


def test_a_counter_that_went_back_has_no_rate() -> None:
    usage = usage_between(Counters(0.0, cpu_ns=100), Counters(1.0, cpu_ns=50))
    assert usage.cpu_percent is None


def test_memory_percent_needs_a_limit() -> None:
    assert Usage(0.0, memory_bytes=50, memory_limit_bytes=200).memory_percent == 25.0
    assert Usage(0.0, memory_bytes=50, memory_limit_bytes=0).memory_percent is None
    assert Usage(0.0, memory_limit_bytes=200).memory_percent is None


@given(st.floats(0, 1e6), st.floats(0, 1e6), COUNT, COUNT)
def test_a_rate_is_never_negative_and_never_made_up(
    start: float, end: float, before: int | None, after: int | None
) -> None:
    rate = usage_between(
        Counters(start, block_read_bytes=before), Counters(end, block_read_bytes=after)
    ).block_read_rate
    if before is None or after is None or end <= start:
        assert rate is None
    else:
        assert rate is None or rate >= 0
