"""GPUs as table rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dstui.domain.gpu import Gpu, GpuMoment, GpuReport
from dstui.domain.text import clean
from dstui.render.braille import area, columns
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.container_text import gpu_index
from dstui.render.gpu_holders import Holder, counted, holder_text, idle_holders
from dstui.render.gpu_processes import IDLE_AFTER_S, known
from dstui.render.units import (
    binary_bytes,
    decimal_bytes,
    duration,
    mebibytes,
    number,
    whole_percent,
)

_HOT_C = 85
_NAMED_HOLDERS = 3
"""So many holders are named; more are counted."""
_FULL_PERCENT = 95


SPARK_WIDTH = 10
_HISTORY_S = 600.0


@dataclass(frozen=True, slots=True)
class GpuRow:
    """A GPU, or a MIG instance of one, and the report it stands in."""

    gpu: Gpu
    report: GpuReport
    now: float = 0.0
    stale: bool = False
    instances: "tuple[GpuRow, ...]" = ()
    history: tuple[GpuMoment, ...] = ()
    holders: tuple[Holder, ...] = ()
    """The one with most memory first."""
    idle_after_s: float = IDLE_AFTER_S


def instances_of(row: GpuRow) -> Iterable[tuple[str, GpuRow]]:
    """The rows that stand under a GPU."""
    return ((instance.gpu.id, instance) for instance in row.instances)


def empty_reason(report: GpuReport | None) -> str:
    """Why there is no GPU to show: a normal state that is worth a sentence."""
    if report is None:
        return "Asking the driver …"
    sentences = [report.reason or "No GPU was found", report.fix or ""]
    return clean(" ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence))


def _name(row: GpuRow) -> Cell:
    gpu, name = row.gpu, clean(row.gpu.name)
    if gpu.error:
        age = "" if gpu.sampled is None else f" ({duration(row.now - gpu.sampled)} old)"
        return Cell(f"✗ {name}: {clean(gpu.error)}{age}", Role.BAD)
    return Cell(name, Role.STRONG if row.gpu.busy else Role.NORMAL)


def _memory_percent(gpu: Gpu) -> float | None:
    if gpu.memory_used_bytes is None or not gpu.memory_total_bytes:
        return None
    return 100 * gpu.memory_used_bytes / gpu.memory_total_bytes


def _memory(row: GpuRow) -> Cell:
    used, total = row.gpu.memory_used_bytes, row.gpu.memory_total_bytes
    if used is None and total is None:
        return Cell(UNKNOWN, Role.MUTED)
    share = _memory_percent(row.gpu)
    full = share is not None and share >= _FULL_PERCENT
    return Cell(f"{mebibytes(used)} / {mebibytes(total)}", Role.WARNING if full else Role.NUMBER)


def _history(row: GpuRow) -> Cell:
    """Utilisation of the last ten minutes, a dot a quarter, half a minute wide."""
    count = 2 * SPARK_WIDTH
    step = _HISTORY_S / count
    points = [(moment.time, moment.utilization_percent) for moment in row.history]
    # Whole steps of the clock, so that what was drawn stays as it moves on.
    end = (row.report.time // step + 1) * step
    return Cell(area(columns(points, end, step, count), 100.0, 1)[0], Role.ACCENT)


def _holders(row: GpuRow) -> Cell:
    hidden = invisible_text(row.gpu)
    if not row.holders and hidden:
        return Cell(hidden, Role.WARNING, (hidden.replace(" by no", ": no"),))
    if not row.holders:
        unknown = row.gpu.error or "processes" in row.gpu.unknown
        return Cell(UNKNOWN if unknown else "", Role.MUTED)
    idle = idle_holders(row.holders, row.now, row.idle_after_s)
    role = Role.WARNING if hidden or idle else Role.NORMAL
    forms = counted(row.holders, row.now, row.idle_after_s)
    if len(row.holders) > _NAMED_HOLDERS:
        return Cell(", ".join(filter(None, (hidden, forms[0]))), role, forms)
    idle_first = sorted(
        row.holders, key=lambda one: not idle_holders([one], row.now, row.idle_after_s)
    )
    texts = [holder_text(holder, row.now, row.idle_after_s) for holder in idle_first]
    named = ", ".join(texts)
    return Cell(f"{hidden}, {named}", role, (named,)) if hidden else Cell(named, role)


def invisible_text(gpu: Gpu) -> str:
    """`9.8GiB by no visible process`, or nothing."""
    size = gpu.invisible_bytes
    return f"{binary_bytes(size)} by no visible process" if size else ""


def _processes(row: GpuRow) -> Cell:
    """A list that is not told, or only in part, is no number."""
    if not row.gpu.processes and (row.gpu.error or "processes" in row.gpu.unknown):
        return Cell(UNKNOWN, Role.MUTED)
    return Cell(str(len(row.gpu.processes)), Role.NUMBER)


def _pcie(row: GpuRow) -> Cell:
    received, sent = row.gpu.pcie_rx_rate, row.gpu.pcie_tx_rate
    if received is None and sent is None:
        return Cell(UNKNOWN, Role.MUTED)
    return Cell(f"{decimal_bytes(_whole(received))}/{decimal_bytes(_whole(sent))}", Role.NUMBER)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _temperature(row: GpuRow) -> Cell:
    hot = row.gpu.temperature_c is not None and row.gpu.temperature_c >= _HOT_C
    return known(number(row.gpu.temperature_c, "°C"), Role.WARNING if hot else Role.NUMBER)


def _power(row: GpuRow) -> Cell:
    gpu = row.gpu
    if gpu.power_w is None and gpu.power_limit_w is None:
        return Cell(UNKNOWN, Role.MUTED)
    return Cell(f"{number(gpu.power_w, 'W')} / {number(gpu.power_limit_w, 'W')}", Role.NUMBER)


def _clocks(row: GpuRow) -> Cell:
    gpu = row.gpu
    if gpu.sm_clock_mhz is None and gpu.memory_clock_mhz is None:
        return Cell(UNKNOWN, Role.MUTED)
    return Cell(f"{number(gpu.sm_clock_mhz)}/{number(gpu.memory_clock_mhz)}MHz", Role.NUMBER)


def _ecc(row: GpuRow) -> Cell:
    errors = row.gpu.ecc_errors
    return known(number(errors), Role.BAD if errors else Role.NUMBER)


def _mig(row: GpuRow) -> Cell:
    mig = row.gpu.mig
    return known(UNKNOWN if mig is None else "on" if mig else "off", Role.NORMAL)


def _column(
    key: str,
    title: str,
    cell: Callable[[GpuRow], Cell],
    value: Callable[[Gpu], float | None],
    widths: tuple[int, int],
    priority: int,
    help_text: str = "",
) -> Column[GpuRow]:
    """A column of something that is measured."""
    return Column(
        key,
        title,
        cell,
        sort=lambda row: value(row.gpu),
        min_width=widths[0],
        max_width=widths[1],
        priority=priority,
        right=True,
        descending=True,
        searched=False,
        help=help_text,
    )


COLUMNS: tuple[Column[GpuRow], ...] = (
    Column(
        "index",
        "#",
        cell=lambda row: Cell(gpu_index(row.gpu, row.report), Role.MUTED),
        sort=lambda row: row.gpu.index,
        min_width=2,
        max_width=3,
        right=True,
    ),
    Column(
        "name",
        "NAME",
        cell=_name,
        sort=lambda row: row.gpu.name.casefold(),
        filter=lambda row: f"{row.gpu.name} {row.gpu.id}",
        min_width=14,
        max_width=36,
        flexible=True,
    ),
    _column(
        "utilization",
        "UTIL %",
        lambda row: known(whole_percent(row.gpu.utilization_percent)),
        lambda gpu: gpu.utilization_percent,
        (6, 6),
        0,
        "Share of the last moments in which a kernel ran; not how much of the GPU it used",
    ),
    Column(
        "history",
        "10 MIN",
        cell=_history,
        sort=lambda row: None,
        min_width=SPARK_WIDTH,
        max_width=SPARK_WIDTH,
        priority=3,
        searched=False,
        help="Utilisation of the last ten minutes",
    ),
    _column("memory", "MEMORY", _memory, _memory_percent, (19, 23), 0, "Used and total"),
    Column(
        "holders",
        "HELD BY",
        cell=_holders,
        sort=lambda row: row.holders[0].name.casefold() if row.holders else None,
        min_width=26,
        max_width=60,
        flexible=True,
        help="Containers and host processes on it, and for how long the idle ones have been so",
    ),
    Column(
        "processes",
        "PROCS",
        cell=_processes,
        sort=lambda row: len(row.gpu.processes),
        min_width=5,
        max_width=5,
        priority=7,
        right=True,
        descending=True,
        searched=False,
        help="Processes that hold a context on it",
    ),
    _column("temperature", "TEMP", _temperature, lambda gpu: gpu.temperature_c, (5, 5), 2),
    _column("power", "POWER", _power, lambda gpu: gpu.power_w, (11, 13), 4, "Drawn, and the limit"),
    _column("clocks", "CLOCKS", _clocks, lambda gpu: gpu.sm_clock_mhz, (12, 12), 5, "SM/memory"),
    _column(
        "fan",
        "FAN",
        lambda row: known(whole_percent(row.gpu.fan_percent)),
        lambda gpu: gpu.fan_percent,
        (4, 4),
        6,
    ),
    _column("ecc", "ECC", _ecc, lambda gpu: gpu.ecc_errors, (4, 6), 5, "Uncorrected memory errors"),
    _column(
        "pcie",
        "PCIE ↓/↑ s",
        _pcie,
        lambda gpu: gpu.pcie_rx_rate,
        (10, 15),
        8,
        "Bytes a second that it receives and sends over PCIe",
    ),
    _column("mig", "MIG", _mig, lambda gpu: gpu.mig, (3, 3), 9, "Multi-instance mode"),
)
