"""Who holds GPUs: containers and what runs on the host, or their owners."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from dstui.domain.container import Container
from dstui.domain.gpu import Gpu
from dstui.domain.gpu_use import total
from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.gpu_processes import IDLE_AFTER_S, GpuProcessRow, idle_cell, known
from dstui.render.units import duration, mebibytes, whole_percent


class Holding(StrEnum):
    """By what processes are gathered."""

    CONTAINER = "container"
    OWNER = "owner"


class Holder(NamedTuple):
    """One that holds GPUs, with all its processes there."""

    key: str
    name: str
    """The container's, or where else it runs: `host`."""
    owner: str | None
    container: Container | None
    gpus: tuple[Gpu, ...]
    pids: tuple[int, ...]
    memory_bytes: float | None
    percent: float | None
    since: float | None
    """When the oldest of its processes was started."""
    idle_since: float | None
    """Since when all of them hold memory and none computes."""


@dataclass(frozen=True, slots=True)
class HolderRow:
    """A holder in a table; `now` is seconds since the epoch."""

    holder: Holder
    now: float = 0.0
    idle_after_s: float = IDLE_AFTER_S


def holders(rows: Iterable[GpuProcessRow], by: Holding) -> tuple[Holder, ...]:
    """The holders, the one with most memory first."""
    gathered: dict[str, list[GpuProcessRow]] = {}
    for row in rows:
        gathered.setdefault(_key(row, by), []).append(row)
    found = [_holder(key, held, by) for key, held in gathered.items()]
    return tuple(sorted(found, key=lambda holder: -(holder.memory_bytes or 0)))


def _key(row: GpuProcessRow, by: Holding) -> str:
    if by is Holding.OWNER:
        return row.who or UNKNOWN
    return row.container.id if row.container else f"{row.place or UNKNOWN} {row.who or UNKNOWN}"


def _holder(key: str, rows: list[GpuProcessRow], by: Holding) -> Holder:
    first, processes = rows[0], [row.process for row in rows]
    started = [p.started for p in processes if p.started is not None]
    idle = [p.idle_since for p in processes if p.idle_since is not None and p.memory_bytes]
    places = dict.fromkeys(row.container.name if row.container else row.place for row in rows)
    return Holder(
        key=key,
        name=", ".join(place or UNKNOWN for place in places),
        owner=first.who,
        container=first.container if by is Holding.CONTAINER else None,
        gpus=tuple({row.gpu.id: row.gpu for row in rows}.values()),
        pids=tuple(dict.fromkeys(process.pid for process in processes)),
        memory_bytes=total(process.memory_bytes for process in processes),
        percent=total(process.utilization_percent for process in processes),
        since=min(started, default=None),
        idle_since=max(idle) if len(idle) == len(processes) else None,
    )


def idle_seconds(holder: Holder, now: float) -> float | None:
    """For how long it has been idle; `None` when it is not."""
    return None if holder.idle_since is None else max(0.0, now - holder.idle_since)


def holder_text(holder: Holder, now: float, idle_after_s: float) -> str:
    """In a few words: `train`, `idle 23 min: jupyter`, `ann on the host`."""
    name = f"{holder.owner or UNKNOWN} on the host" if holder.name == "host" else holder.name
    idle = idle_cell(idle_seconds(holder, now), idle_after_s).text
    return clean(f"{idle}: {name}" if idle else name)


def idle_holders(held: Iterable[Holder], now: float, idle_after_s: float) -> int:
    """How many have been idle for so long."""
    return sum((idle_seconds(holder, now) or 0) >= idle_after_s for holder in held)


def counted(held: Sequence[Holder], now: float, idle_after_s: float) -> tuple[str, ...]:
    """`14 containers, 6 owners, 12 idle`, and the same ever shorter."""
    boxes = sum(holder.container is not None for holder in held)
    others = len(held) - boxes
    owners = len({holder.owner for holder in held if holder.owner})
    idle = idle_holders(held, now, idle_after_s)
    whole = [
        plural(boxes, "container") if boxes else "",
        plural(others, "other") if others else "",
        plural(owners, "owner") if owners else "",
        f"{idle} idle" if idle else "",
    ]
    without = [*whole[:2], *whole[3:]]
    least = [plural(len(held), "holder"), whole[3]]
    forms = (", ".join(filter(None, parts)) for parts in (whole, without, least, least[:1]))
    return tuple(dict.fromkeys(forms))


def plural(count: int, word: str) -> str:
    """`1 owner`, `6 owners`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


_NAME: Column[HolderRow] = Column(
    "container",
    "CONTAINER",
    cell=lambda row: Cell(clean(row.holder.name), Role.STRONG),
    sort=lambda row: row.holder.name,
    min_width=9,
    max_width=60,
    flexible=True,
)
_OWNER: Column[HolderRow] = Column(
    "owner",
    "OWNER",
    cell=lambda row: known(clean(row.holder.owner or UNKNOWN), Role.NORMAL),
    sort=lambda row: row.holder.owner,
    min_width=5,
    max_width=20,
)
_MEASURES: tuple[Column[HolderRow], ...] = (
    Column(
        "gpus",
        "GPUS",
        cell=lambda row: Cell(",".join(str(gpu.index) for gpu in row.holder.gpus), Role.ACCENT),
        sort=lambda row: len(row.holder.gpus),
        min_width=4,
        max_width=20,
    ),
    Column(
        "memory",
        "GPU MEM",
        cell=lambda row: known(mebibytes(row.holder.memory_bytes)),
        sort=lambda row: row.holder.memory_bytes,
        min_width=8,
        max_width=10,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "utilization",
        "UTIL %",
        cell=lambda row: known(whole_percent(row.holder.percent)),
        sort=lambda row: row.holder.percent,
        min_width=6,
        max_width=6,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "processes",
        "PROCS",
        cell=lambda row: Cell(str(len(row.holder.pids)), Role.NUMBER),
        sort=lambda row: len(row.holder.pids),
        min_width=5,
        max_width=5,
        right=True,
    ),
    Column(
        "since",
        "SINCE",
        cell=lambda row: known(
            UNKNOWN if row.holder.since is None else duration(row.now - row.holder.since),
            Role.MUTED,
        ),
        sort=lambda row: None if row.holder.since is None else -row.holder.since,
        min_width=6,
        max_width=6,
        right=True,
        searched=False,
    ),
    Column(
        "idle",
        "IDLE",
        cell=lambda row: idle_cell(idle_seconds(row.holder, row.now), row.idle_after_s),
        sort=lambda row: idle_seconds(row.holder, row.now),
        min_width=4,
        max_width=11,
    ),
)
COLUMNS = {
    Holding.CONTAINER: (_NAME, _OWNER, *_MEASURES),
    Holding.OWNER: (_OWNER, *_MEASURES, _NAME),
}
