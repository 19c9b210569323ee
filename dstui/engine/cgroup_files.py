"""The files of a container's cgroup, v1 and v2, read as `docker stats` reads them."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from dstui.domain.usage import Counters

_READ_BYTES = 8 * 1024


def read_file(path: str) -> bytes:
    """The start of a small kernel file; raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _READ_BYTES)
    finally:
        os.close(descriptor)


def field_of(text: bytes, name: bytes) -> int | None:
    """The value of a line `name value`."""
    _, found, rest = (b"\n" + text).partition(b"\n" + name + b" ")
    return int(rest.split(maxsplit=1)[0]) if found else None


def _named(name: bytes, scale: int = 1) -> Callable[[bytes], int | None]:
    def parse(text: bytes) -> int | None:
        value = field_of(text, name)
        return None if value is None else value * scale

    return parse


def _unless_max(text: bytes) -> int | None:
    return None if text.startswith(b"max") else int(text)


def legacy_block_io(text: bytes) -> tuple[int, int] | None:
    """Bytes read and written, from lines such as `8:0 Read 4096`.

    `None` without such lines: since Linux 6.10 nothing is counted here before a limit is set.
    """
    totals = {b"Read": 0, b"Write": 0}
    rows = [words for words in map(bytes.split, text.splitlines()) if len(words) == 3]
    for _, direction, value in rows:
        if direction in totals:
            totals[direction] += int(value)
    return (totals[b"Read"], totals[b"Write"]) if rows else None


def unified_block_io(text: bytes) -> tuple[int, int]:
    """Bytes read and written, from lines such as `8:0 rbytes=4096 wbytes=0 rios=1 …`."""
    totals = {b"rbytes": 0, b"wbytes": 0}
    for word in text.split():
        name, _, value = word.partition(b"=")
        if name in totals:
            totals[name] += int(value)
    return totals[b"rbytes"], totals[b"wbytes"]


File = tuple[str, str, Callable[[bytes], object]]
"""A controller, the name of its file, and how that is read."""

LEGACY: Mapping[str, File] = {
    "cpu_ns": ("cpuacct", "cpuacct.usage", int),
    "memory": ("memory", "memory.usage_in_bytes", int),
    "inactive_file": ("memory", "memory.stat", _named(b"total_inactive_file")),
    "limit": ("memory", "memory.limit_in_bytes", int),
    "block_io": ("blkio", "blkio.throttle.io_service_bytes", legacy_block_io),
    "pids": ("pids", "pids.current", int),
}
UNIFIED: Mapping[str, File] = {
    "cpu_ns": ("", "cpu.stat", _named(b"usage_usec", scale=1000)),
    "memory": ("", "memory.current", int),
    "inactive_file": ("", "memory.stat", _named(b"inactive_file")),
    "limit": ("", "memory.max", _unless_max),
    "block_io": ("", "io.stat", unified_block_io),
    "pids": ("", "pids.current", int),
}


class Cgroup:
    """A container's cgroup: one directory (v2, controller "") or one for each controller (v1)."""

    def __init__(self, files: Mapping[str, File], directories: Mapping[str, str], pid: int) -> None:
        self.pid = pid
        """A process in it."""
        self._files = {
            name: (f"{directories[controller]}/{file}", parse)
            for name, (controller, file, parse) in files.items()
            if controller in directories
        }
        self._last_cpu_ns = 0

    def counters(
        self, time: float, host_memory: int, network: tuple[int | None, int | None]
    ) -> Counters:
        """The reading at `time`. Raises `OSError` when the cgroup is gone, or made anew."""
        cpu_ns = self._read("cpu_ns")
        if cpu_ns is None or cpu_ns < self._last_cpu_ns:
            raise ProcessLookupError("the container has ended")
        self._last_cpu_ns = cpu_ns
        memory, cache = self._read("memory"), self._read("inactive_file")
        read, written = self._read("block_io") or (None, None)
        return Counters(
            time=time,
            cpu_ns=cpu_ns,
            memory_bytes=memory if memory is None or cache is None else max(memory - cache, 0),
            memory_limit_bytes=min(self._read("limit") or host_memory, host_memory),
            net_rx_bytes=network[0],
            net_tx_bytes=network[1],
            block_read_bytes=read,
            block_write_bytes=written,
            pids=self._read("pids"),
        )

    def _read(self, name: str) -> Any:
        """The parsed file; `None` when it cannot be read, as of a controller that is off."""
        if name not in self._files:
            return None
        path, parse = self._files[name]
        try:
            return parse(read_file(path))
        except (OSError, ValueError, IndexError):
            return None
