"""A sample of `GET /containers/ID/stats` as counters, in the shapes of Docker and podman."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dstui.domain.usage import Counters


def counters_of(sample: Mapping[str, Any]) -> Counters | None:
    """The reading; `None` for the empty sample that a stopped container gives.

    Raises `ValueError`, `TypeError`, `KeyError` or `AttributeError` for what is no sample.
    """
    read_at = datetime.fromisoformat(sample["read"])
    if read_at.year < 1970:
        return None
    received, sent = _network(sample.get("networks"))
    block_read, block_written = _block_io(sample.get("blkio_stats") or {})
    memory = sample.get("memory_stats") or {}
    return Counters(
        time=read_at.timestamp(),
        cpu_ns=(sample.get("cpu_stats") or {}).get("cpu_usage", {}).get("total_usage"),
        memory_bytes=_memory(memory),
        memory_limit_bytes=memory.get("limit") or None,
        net_rx_bytes=received,
        net_tx_bytes=sent,
        block_read_bytes=block_read,
        block_write_bytes=block_written,
        pids=(sample.get("pids_stats") or {}).get("current"),
    )


def _memory(memory: Mapping[str, Any]) -> int | None:
    """Usage less the inactive file cache, whose name differs between cgroup v1 and v2."""
    usage: int | None = memory.get("usage")
    if usage is None:
        return None
    details = memory.get("stats") or {}
    cache: int = details.get("total_inactive_file", details.get("inactive_file", 0))
    return usage - cache if cache < usage else usage


def _network(networks: Mapping[str, Mapping[str, int]] | None) -> tuple[int | None, int | None]:
    """Nothing with the host's network or none."""
    if not networks:
        return None, None
    received = sum(counters["rx_bytes"] for counters in networks.values())
    return received, sum(counters["tx_bytes"] for counters in networks.values())


def _block_io(block_io: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Without entries nothing was counted: that may be no I/O, or a kernel that does not count."""
    entries = block_io.get("io_service_bytes_recursive")
    if not entries:
        return None, None
    totals = {"read": 0, "write": 0}
    for entry in entries:
        direction = str(entry["op"]).lower()
        if direction in totals:
            totals[direction] += entry["value"]
    return totals["read"], totals["write"]
