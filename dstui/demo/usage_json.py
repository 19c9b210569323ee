"""What a container uses, in the shapes of the API's stats and top answers (cgroup v2)."""

from typing import Any

from dstui.demo.model import NEVER, Container, iso
from dstui.demo.world import World

HOST_CPUS = 64
HOST_MEMORY = 540_964_167_680
_CACHE_SHARE = 0.18
_PROCESS_THREADS = 7


def stats(world: World, container: Container, now: float, before: float | None) -> dict[str, Any]:
    """A frame of `GET /containers/ID/stats`; `before` is the time of the frame before it."""
    if container.state not in ("running", "paused"):
        return _nothing(container)
    start, end = container.active_span(now)
    load = container.load
    frame: dict[str, Any] = {
        "read": iso(now),
        "preread": iso(before),
        "pids_stats": {
            "current": _PROCESS_THREADS * (1 + len(container.processes)),
            "limit": 18_446_744_073_709_551_615,
        },
        "blkio_stats": _block_io(
            int(load.block_read.total(start, end)), int(load.block_write.total(start, end))
        ),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _cpu(world, container, now),
        "precpu_stats": _no_cpu() if before is None else _cpu(world, container, before),
        "memory_stats": _memory(container, end),
        "name": f"/{container.name}",
        "id": container.id,
    }
    if container.network not in ("host", "none"):
        frame["networks"] = {
            "eth0": _network(int(load.net_rx.total(start, end)), int(load.net_tx.total(start, end)))
        }
    return frame


def _cpu(world: World, container: Container, now: float) -> dict[str, Any]:
    used = int(container.load.cpu_ns.total(*container.active_span(now)))
    return {
        "cpu_usage": {
            "total_usage": used,
            "usage_in_kernelmode": used // 9,
            "usage_in_usermode": used - used // 9,
        },
        "system_cpu_usage": int((now - world.born + 30 * 86_400) * HOST_CPUS * 1e9),
        "online_cpus": HOST_CPUS,
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }


def _no_cpu() -> dict[str, Any]:
    return {
        "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }


def _memory(container: Container, now: float) -> dict[str, Any]:
    limit = container.memory_limit or HOST_MEMORY
    anonymous = min(int(container.load.memory.at(now)), int(limit * 0.97))
    cache = min(int(anonymous * _CACHE_SHARE), limit - anonymous)
    return {
        "usage": anonymous + cache,
        "stats": {
            "active_anon": anonymous // 8,
            "active_file": 0,
            "anon": anonymous,
            "file": cache,
            "inactive_anon": anonymous - anonymous // 8,
            "inactive_file": cache,
            "kernel_stack": 262_144,
            "pgfault": anonymous // 4096,
            "pgmajfault": 0,
            "shmem": 0,
            "slab": 1_048_576,
            "unevictable": 0,
        },
        "limit": limit,
    }


def _block_io(read: int, written: int) -> dict[str, Any]:
    empty = dict.fromkeys(
        (
            "io_serviced_recursive",
            "io_queue_recursive",
            "io_service_time_recursive",
            "io_wait_time_recursive",
            "io_merged_recursive",
            "io_time_recursive",
            "sectors_recursive",
        )
    )
    device = {"major": 259, "minor": 0}
    return {
        "io_service_bytes_recursive": [
            {**device, "op": "read", "value": read},
            {**device, "op": "write", "value": written},
        ],
        **empty,
    }


def _network(received: int, sent: int) -> dict[str, int]:
    return {
        "rx_bytes": received,
        "rx_packets": received // 1100,
        "rx_errors": 0,
        "rx_dropped": 0,
        "tx_bytes": sent,
        "tx_packets": sent // 700,
        "tx_errors": 0,
        "tx_dropped": 0,
    }


def _nothing(container: Container) -> dict[str, Any]:
    """What the engine tells of a container that does not run."""
    blkio = dict.fromkeys(_block_io(0, 0))
    return {
        "read": NEVER,
        "preread": NEVER,
        "pids_stats": {},
        "blkio_stats": blkio,
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _no_cpu(),
        "precpu_stats": _no_cpu(),
        "memory_stats": {},
        "name": f"/{container.name}",
        "id": container.id,
    }


def processes(container: Container, columns: str, now: float) -> dict[str, Any]:
    """The answer of `GET /containers/ID/top`, for `-ef` or `-o`/`-eo` with a list of columns."""
    rows = [_process(container, number, now) for number in range(1 + len(container.processes))]
    wanted = columns.rpartition("o ")[2].strip() if "o " in columns else ""
    names = [name.strip() for name in wanted.split(",")] if wanted else list(_DEFAULT_COLUMNS)
    titles = [_TITLES.get(name, name.upper()) for name in names]
    return {
        "Titles": titles,
        "Processes": [[row.get(name, "-") for name in names] for row in rows],
    }


_DEFAULT_COLUMNS = ("uid", "pid", "ppid", "c", "stime", "tty", "time", "cmd")
_TITLES = {"comm": "COMMAND", "args": "COMMAND", "pcpu": "%CPU", "pmem": "%MEM"}


def _process(container: Container, number: int, now: float) -> dict[str, str]:
    first = number == 0
    command = (
        " ".join([container.path, *container.args]) if first else container.processes[number - 1]
    )
    user = container.user.split(":")[0] or "root"
    start, end = container.active_span(now)
    share = 1 / (1 + len(container.processes))
    seconds = int(container.load.cpu_ns.total(start, end) / 1e9 * share)
    percent = container.load.cpu_ns.at(end) / 1e7 * share
    memory = container.load.memory.at(end) * share
    return {
        "uid": user,
        "user": user,
        "pid": str(container.pid + number),
        "ppid": str(container.pid - 1 if first else container.pid),
        "c": str(min(99, int(percent))),
        "stime": iso(container.started)[11:16],
        "tty": "pts/0" if container.tty else "?",
        "time": f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}",
        "cmd": command,
        "args": command,
        "comm": command.split(" ")[0].rpartition("/")[2][:15],
        "pcpu": f"{percent:.1f}",
        "pmem": f"{100 * memory / HOST_MEMORY:.1f}",
        "rss": str(int(memory / 1024)),
    }
