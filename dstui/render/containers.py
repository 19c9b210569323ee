"""Containers as table rows."""

from collections.abc import Callable
from dataclasses import dataclass

from dstui.domain.container import Container
from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_use import GpuUse
from dstui.domain.owner import Owner
from dstui.domain.usage import Usage
from dstui.render.column import UNKNOWN, Cell, Column, Role, SortKey
from dstui.render.container_facts import environment, overview
from dstui.render.container_text import gpus_text, mount_text, ports_text
from dstui.render.status import ORDER, state_cell, state_words, status_cell
from dstui.render.units import (
    age,
    binary_bytes,
    decimal_bytes,
    mebibytes,
    percent,
    whole_percent,
)

__all__ = ["COLUMNS", "GPU_COLUMNS", "ContainerRow", "environment", "overview"]

_HIGH_MEMORY_PERCENT = 90
_NOT_KNOWN = Cell(UNKNOWN, Role.MUTED)
_NOTHING = Cell("")


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A container and what else its row shows; `now` is seconds since the epoch."""

    container: Container
    usage: Usage | None = None
    owner: Owner | None = None
    now: float = 0.0
    stale: bool = False
    """The engine does not answer: all of it is of the past."""
    gpus: GpuReport | None = None
    gpu_use: GpuUse | None = None
    """What it uses of the GPUs, `None` when that is not known."""
    secrets: bool = False
    """Whether the secrets in its command line are shown."""

    @property
    def command(self) -> str:
        """Its command line."""
        from dstui.domain.audit.secret_words import masked_command  # not for the first picture

        command = self.container.command
        return command if self.secrets else masked_command(command)


def _name(row: ContainerRow) -> Cell:
    return Cell(row.container.name, Role.STRONG if row.container.alive else Role.NORMAL)


def _owner(row: ContainerRow) -> Cell:
    return Cell(row.owner.name) if row.owner else _NOT_KNOWN


def _cpu(row: ContainerRow) -> Cell:
    return _measured(row, percent(row.usage.cpu_percent if row.usage else None))


def _memory(row: ContainerRow) -> Cell:
    cell = _measured(row, binary_bytes(row.usage.memory_bytes if row.usage else None))
    share = row.usage.memory_percent if row.usage else None
    full = share is not None and share >= _HIGH_MEMORY_PERCENT
    return Cell(cell.text, Role.WARNING) if full else cell


def _limit(row: ContainerRow) -> Cell:
    return _measured(row, binary_bytes(row.usage.memory_limit_bytes if row.usage else None))


def _net(row: ContainerRow) -> Cell:
    return _rates(row, lambda usage: (usage.net_rx_rate, usage.net_tx_rate))


def _disk(row: ContainerRow) -> Cell:
    return _rates(row, lambda usage: (usage.block_read_rate, usage.block_write_rate))


def _rates(row: ContainerRow, rates: Callable[[Usage], tuple[float | None, float | None]]) -> Cell:
    inward, outward = rates(row.usage) if row.usage else (None, None)
    if inward is None and outward is None:
        return _measured(row, UNKNOWN)
    return Cell(f"{_whole_bytes(inward)}/{_whole_bytes(outward)}", Role.NUMBER)


def _whole_bytes(rate: float | None) -> str:
    return decimal_bytes(None if rate is None else round(rate))


def _pids(row: ContainerRow) -> Cell:
    pids = row.usage.pids if row.usage else None
    return _measured(row, UNKNOWN if pids is None else str(pids))


def _measured(row: ContainerRow, text: str) -> Cell:
    """A stopped container uses nothing; what is alive and has no sample yet is not known."""
    if text != UNKNOWN:
        return Cell(text, Role.NUMBER)
    return _NOT_KNOWN if row.container.alive else _NOTHING


def _gpus(row: ContainerRow) -> Cell:
    if row.container.gpus:
        return Cell(gpus_text(row.container.gpus, row.gpus), Role.ACCENT)
    return _NOTHING if row.container.inspected else _NOT_KNOWN


def _gpu_memory(row: ContainerRow) -> Cell:
    return _of_gpus(row, mebibytes(row.gpu_use.memory_bytes if row.gpu_use else None))


def _gpu_percent(row: ContainerRow) -> Cell:
    return _of_gpus(row, whole_percent(row.gpu_use.percent if row.gpu_use else None))


def _of_gpus(row: ContainerRow, text: str) -> Cell:
    """What has no GPU and uses none has nothing to show."""
    container, use = row.container, row.gpu_use
    without = container.inspected and container.gpus is None
    if not container.alive or (without and not (use and use.gpu_ids)):
        return _NOTHING
    return _NOT_KNOWN if text == UNKNOWN else Cell(text, Role.NUMBER)


def _status_sort(row: ContainerRow) -> tuple[object, ...]:
    """What runs first, the youngest first; then by exit code."""
    container = row.container
    started = container.started or container.created
    code = container.exit_code or 0
    return (
        ORDER[container.state],
        0 if container.alive else code,
        -started.timestamp() if started else 0.0,
    )


def _sum(*rates: float | None) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known else None


def _measure(
    key: str,
    title: str,
    help_text: str,
    cell: Callable[[ContainerRow], Cell],
    value: Callable[[Usage], float | None],
    widths: tuple[int, int],
    priority: int = 0,
) -> Column[ContainerRow]:
    """A column of a number that changes with every sample."""

    def sort(row: ContainerRow) -> SortKey:
        return value(row.usage) if row.usage else None

    return Column(
        key,
        title,
        cell,
        sort,
        min_width=widths[0],
        max_width=widths[1],
        priority=priority,
        right=True,
        descending=True,
        searched=False,
        help=help_text,
    )


def _hidden(
    key: str, title: str, text: Callable[[Container], str], help_text: str = ""
) -> Column[ContainerRow]:
    """A column that is shown on request only, and is always there to filter by."""
    return Column(
        key,
        title,
        cell=lambda row: Cell(text(row.container)),
        sort=lambda row: text(row.container),
        max_width=48,
        priority=11,
        shown=False,
        searched=False,
        help=help_text,
    )


GPU_COLUMNS = frozenset({"gpus", "gpu_memory", "gpu_percent"})

COLUMNS: tuple[Column[ContainerRow], ...] = (
    Column(
        "state",
        "",
        cell=lambda row: state_cell(row.container),
        sort=lambda row: ORDER[row.container.state],
        filter=lambda row: state_words(row.container),
        min_width=2,
        max_width=2,
        help="● running  ‖ paused  ↻ restarting  · created  ○ exited  ✗ failed; "
        "+ healthy  ! unhealthy  ~ health check starting",
    ),
    Column(
        "name",
        "NAME",
        cell=_name,
        sort=lambda row: row.container.name.casefold(),
        min_width=12,
        max_width=48,
        flexible=True,
        comfortable=24,
    ),
    Column(
        "image",
        "IMAGE",
        cell=lambda row: Cell(row.container.image),
        sort=lambda row: row.container.image.casefold(),
        min_width=12,
        max_width=48,
        flexible=True,
        comfortable=24,
        keeps_end=True,
        priority=2,
    ),
    Column(
        "owner",
        "OWNER",
        cell=_owner,
        sort=lambda row: row.owner.name.casefold() if row.owner else None,
        min_width=5,
        max_width=16,
        priority=3,
        help="By label, mounted home, or the user it runs as",
    ),
    Column(
        "status",
        "STATUS",
        cell=lambda row: status_cell(row.container, row.now),
        sort=_status_sort,
        min_width=9,
        max_width=20,
        priority=1,
    ),
    _measure("cpu", "CPU %", "100 % is one core", _cpu, lambda u: u.cpu_percent, (6, 8)),
    _measure(
        "memory",
        "MEMORY",
        "Without the inactive file cache, as `docker stats`",
        _memory,
        lambda usage: usage.memory_bytes,
        (8, 10),
    ),
    _measure(
        "limit",
        "LIMIT",
        "The most memory it may use: its own limit, or the host's memory",
        _limit,
        lambda usage: usage.memory_limit_bytes,
        (8, 10),
        priority=5,
    ),
    Column(
        "gpus",
        "GPUS",
        cell=_gpus,
        sort=lambda row: gpus_text(row.container.gpus) if row.container.gpus else None,
        min_width=4,
        max_width=16,
        priority=4,
        help="The GPUs it was granted; others may have been granted them too",
    ),
    Column(
        "gpu_memory",
        "GPU MEM",
        cell=_gpu_memory,
        sort=lambda row: row.gpu_use.memory_bytes if row.gpu_use else None,
        min_width=8,
        max_width=10,
        priority=3,
        right=True,
        descending=True,
        searched=False,
        help="Memory that its processes hold, on all GPUs",
    ),
    Column(
        "gpu_percent",
        "GPU %",
        cell=_gpu_percent,
        sort=lambda row: row.gpu_use.percent if row.gpu_use else None,
        min_width=5,
        max_width=5,
        priority=4,
        right=True,
        descending=True,
        searched=False,
        help="What its processes compute, summed over all GPUs",
    ),
    _measure(
        "net",
        "NET ↓/↑ s",
        "Bytes a second received and sent",
        _net,
        lambda usage: _sum(usage.net_rx_rate, usage.net_tx_rate),
        (9, 15),
        priority=6,
    ),
    _measure(
        "disk",
        "DISK R/W s",
        "Bytes a second read and written",
        _disk,
        lambda usage: _sum(usage.block_read_rate, usage.block_write_rate),
        (10, 15),
        priority=7,
    ),
    _measure("pids", "PIDS", "Processes and threads", _pids, lambda u: u.pids, (4, 6), priority=10),
    Column(
        "ports",
        "PORTS",
        cell=lambda row: Cell(ports_text(row.container.ports)),
        sort=lambda row: min(
            (p.host_port for p in row.container.ports if p.host_port), default=None
        ),
        min_width=5,
        max_width=28,
        priority=8,
    ),
    Column(
        "age",
        "AGE",
        cell=lambda row: Cell(age(row.container.created, row.now), Role.MUTED),
        sort=lambda row: -row.container.created.timestamp() if row.container.created else None,
        min_width=6,
        max_width=6,
        priority=9,
        right=True,
        searched=False,
        help="Since it was created",
    ),
    Column(
        "id",
        "ID",
        cell=lambda row: Cell(row.container.id[:12], Role.MUTED),
        sort=lambda row: row.container.id,
        filter=lambda row: row.container.id,
        min_width=12,
        max_width=12,
        priority=11,
        shown=False,
    ),
    _hidden("project", "PROJECT", lambda c: c.project or "", "The compose project"),
    Column(
        "command",
        "COMMAND",
        cell=lambda row: Cell(row.command),
        sort=lambda row: row.command,
        max_width=48,
        priority=11,
        shown=False,
        searched=False,
        help="Secrets in it are masked",
    ),
    _hidden("health", "HEALTH", lambda c: c.health.value),
    _hidden("label", "LABELS", lambda c: " ".join(f"{k}={v}" for k, v in c.labels.items())),
    _hidden("mount", "MOUNTS", lambda c: " ".join(map(mount_text, c.mounts))),
    _hidden("network", "NETWORKS", lambda c: " ".join(c.networks)),
)
