"""A sample of `GET /containers/ID/stats` as counters, in the shapes of Docker and podman."""

from collections.abc import Iterable
from typing import Any

from dstui.domain.usage import Counters
from dstui.engine.convert.read import Json, mapping, rows, text, time, whole


def counters_of(sample: Any) -> Counters | None:
    """The reading; `None` for the empty one that a stopped container gives, and for nonsense."""
    found = mapping(sample)
    read_at = time(text(found.get("read")))
    if read_at is None or read_at.year < 1970:
        return None
    received, sent = _network(mapping(found.get("networks")))
    block_read, block_written = _block_io(mapping(found.get("blkio_stats")))
    memory = mapping(found.get("memory_stats"))
    return Counters(
        time=read_at.timestamp(),
        cpu_ns=whole(mapping(mapping(found.get("cpu_stats")).get("cpu_usage")).get("total_usage")),
        memory_bytes=_memory(memory),
        memory_limit_bytes=whole(memory.get("limit")) or None,
        net_rx_bytes=received,
        net_tx_bytes=sent,
        block_read_bytes=block_read,
        block_write_bytes=block_written,
        pids=whole(mapping(found.get("pids_stats")).get("current")),
    )


def _memory(memory: Json) -> int | None:
    """Usage less the inactive file cache, whose name differs between cgroup v1 and v2."""
    usage = whole(memory.get("usage"))
    if usage is None:
        return None
    details = mapping(memory.get("stats"))
    cache = whole(details.get("total_inactive_file", details.get("inactive_file"))) or 0
    return usage - cache if cache < usage else usage


def _network(networks: Json) -> tuple[int | None, int | None]:
    """Nothing with the host's network or none."""
    if not networks:
        return None, None
    counters = [mapping(found) for found in networks.values()]
    received = _total(whole(found.get("rx_bytes")) for found in counters)
    return received, _total(whole(found.get("tx_bytes")) for found in counters)


def _block_io(block_io: Json) -> tuple[int | None, int | None]:
    """Without entries nothing was counted: that may be no I/O, or a kernel that does not count."""
    entries = [mapping(entry) for entry in rows(block_io.get("io_service_bytes_recursive"))]
    if not entries:
        return None, None
    return _transferred(entries, "read"), _transferred(entries, "write")


def _transferred(entries: Iterable[Json], direction: str) -> int | None:
    return _total(
        whole(entry.get("value")) for entry in entries if text(entry.get("op")).lower() == direction
    )


def _total(values: Iterable[int | None]) -> int | None:
    """Not known where a part is not."""
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)
