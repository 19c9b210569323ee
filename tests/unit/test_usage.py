"""Usage from the samples of the engine's stats API, in the shapes that engines give."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dstui.domain.usage import usage_between
from dstui.engine.stats_json import counters_of

DOCKER_V1: dict[str, Any] = {
    "read": "2026-11-22T13:43:37.000412968Z",
    "preread": "2026-11-22T13:43:35.996797005Z",
    "pids_stats": {"current": 2},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 8, "minor": 0, "op": "Read", "value": 4096},
            {"major": 8, "minor": 0, "op": "Write", "value": 512},
            {"major": 8, "minor": 0, "op": "Total", "value": 4608},
            {"major": 9, "minor": 0, "op": "read", "value": 4},
        ]
    },
    "cpu_stats": {"cpu_usage": {"total_usage": 28170657}, "online_cpus": 2},
    "memory_stats": {
        "usage": 2965504,
        "stats": {"inactive_file": 1, "total_inactive_file": 794624},
        "limit": 67108864,
    },
    "networks": {
        "eth0": {"rx_bytes": 5, "tx_bytes": 6},
        "eth1": {"rx_bytes": 10, "tx_bytes": 20},
    },
}
PODMAN_V2: dict[str, Any] = {
    "read": "2026-11-22T14:43:37.5+01:00",
    "pids_stats": {"current": 1},
    "blkio_stats": {"io_service_bytes_recursive": None},
    "cpu_stats": {"cpu_usage": {"total_usage": 28171657}},
    "memory_stats": {"usage": 1000, "limit": 65536000, "stats": {"inactive_file": 400}},
}
SHAPES = (DOCKER_V1, PODMAN_V2)
_keys = st.sampled_from(
    [
        "read", "cpu_stats", "cpu_usage", "total_usage", "memory_stats", "usage", "limit", "stats",
        "inactive_file", "networks", "eth0", "rx_bytes", "tx_bytes", "blkio_stats", "op", "value",
        "io_service_bytes_recursive", "pids_stats", "current",
    ]
)  # fmt: skip


def test_docker_on_cgroup_v1() -> None:
    counters = counters_of(DOCKER_V1)
    assert counters is not None
    assert counters.time == pytest.approx(1795355017.000413)
    assert counters.cpu_ns == 28170657
    assert counters.memory_bytes == 2965504 - 794624
    assert counters.memory_limit_bytes == 67108864
    assert (counters.net_rx_bytes, counters.net_tx_bytes) == (15, 26)
    assert (counters.block_read_bytes, counters.block_write_bytes) == (4100, 512)
    assert counters.pids == 2


def test_podman_on_cgroup_v2_with_the_hosts_network() -> None:
    counters = counters_of(PODMAN_V2)
    assert counters is not None
    assert counters.memory_bytes == 600
    assert counters.net_rx_bytes is None
    assert counters.block_read_bytes is None


def test_rates_use_the_samples_own_span() -> None:
    before, now = counters_of(DOCKER_V1), counters_of(PODMAN_V2)
    assert before is not None and now is not None
    assert usage_between(before, now).cpu_percent == pytest.approx(1000 / 0.499587 / 1e7, rel=1e-3)


def test_a_stopped_container_gives_no_counters() -> None:
    assert counters_of({"read": "0001-01-01T00:00:00Z", "memory_stats": {}}) is None


def test_what_is_missing_is_unknown() -> None:
    counters = counters_of({"read": "2026-11-22T14:43:37Z"})
    assert counters is not None
    assert counters.cpu_ns is None
    assert counters.memory_bytes is None
    assert counters.pids is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)
samples = st.dictionaries(_keys, values) | st.builds(
    lambda sample, more: {**sample, **more}, st.sampled_from(SHAPES), st.dictionaries(_keys, values)
)


@given(values | samples, samples)
def test_any_sample_gives_numbers_or_nothing(before: Any, now: Any) -> None:
    counters = counters_of(now)
    if counters is None:
        return
    usage = usage_between(counters_of(before), counters)
    for name in usage.__slots__:
        assert isinstance(getattr(usage, name), int | float | None), name
