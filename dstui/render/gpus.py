"""GPUs and the processes on them as table rows and details."""

from collections.abc import Callable
from dataclasses import dataclass

from dstui.domain.container import Container
from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from dstui.domain.owner import Owner
from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.facts import Fact, FactGroup, fact
from dstui.render.units import mebibytes, number, whole_percent

_HOT_C = 85
_FULL_PERCENT = 95


@dataclass(frozen=True, slots=True)
class GpuRow:
    """A GPU and the report it stands in."""

    gpu: Gpu
    report: GpuReport
    now: float = 0.0
    stale: bool = False


@dataclass(frozen=True, slots=True)
class GpuProcessRow:
    """A process on a GPU, and its container where that is known."""

    process: GpuProcess
    gpu: Gpu
    container: Container | None = None
    owner: Owner | None = None


def empty_reason(report: GpuReport | None) -> str:
    """Why there is no GPU to show: a normal state that is worth a sentence."""
    if report is None:
        return "Asking the driver …"
    sentences = [report.reason or "No GPU was found", report.fix or ""]
    return clean(" ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence))


def _known(text: str, role: Role = Role.NUMBER) -> Cell:
    return Cell(text, Role.MUTED if text == UNKNOWN else role)


def _name(row: GpuRow) -> Cell:
    name = clean(row.gpu.name)
    if row.gpu.error:
        return Cell(f"✗ {name}: {clean(row.gpu.error)}", Role.BAD)
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


def _temperature(row: GpuRow) -> Cell:
    hot = row.gpu.temperature_c is not None and row.gpu.temperature_c >= _HOT_C
    return _known(number(row.gpu.temperature_c, "°C"), Role.WARNING if hot else Role.NUMBER)


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
    return _known(number(errors), Role.BAD if errors else Role.NUMBER)


def _mig(row: GpuRow) -> Cell:
    mig = row.gpu.mig
    return _known(UNKNOWN if mig is None else "on" if mig else "off", Role.NORMAL)


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
        cell=lambda row: Cell(str(row.gpu.index), Role.MUTED),
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
        max_width=60,
        flexible=True,
    ),
    _column(
        "utilization",
        "UTIL %",
        lambda row: _known(whole_percent(row.gpu.utilization_percent)),
        lambda gpu: gpu.utilization_percent,
        (6, 6),
        0,
        "Share of the last moments in which a kernel ran; not how much of the GPU it used",
    ),
    _column("memory", "MEMORY", _memory, _memory_percent, (19, 23), 0, "Used and total"),
    _column(
        "processes",
        "PROCS",
        lambda row: Cell(str(len(row.gpu.processes)), Role.NUMBER),
        lambda gpu: len(gpu.processes),
        (5, 5),
        2,
        "Processes that hold a context on it",
    ),
    _column("temperature", "TEMP", _temperature, lambda gpu: gpu.temperature_c, (5, 5), 1),
    _column("power", "POWER", _power, lambda gpu: gpu.power_w, (11, 13), 3, "Drawn, and the limit"),
    _column("clocks", "CLOCKS", _clocks, lambda gpu: gpu.sm_clock_mhz, (12, 12), 5, "SM/memory"),
    _column(
        "fan",
        "FAN",
        lambda row: _known(whole_percent(row.gpu.fan_percent)),
        lambda gpu: gpu.fan_percent,
        (4, 4),
        6,
    ),
    _column("ecc", "ECC", _ecc, lambda gpu: gpu.ecc_errors, (4, 6), 4, "Uncorrected memory errors"),
    _column("mig", "MIG", _mig, lambda gpu: gpu.mig, (3, 3), 7, "Multi-instance mode"),
)


PROCESS_COLUMNS: tuple[Column[GpuProcessRow], ...] = (
    Column(
        "gpu",
        "GPU",
        cell=lambda row: Cell(str(row.gpu.index), Role.MUTED),
        sort=lambda row: row.gpu.index,
        min_width=3,
        max_width=3,
        right=True,
    ),
    Column(
        "pid",
        "PID",
        cell=lambda row: Cell(str(row.process.pid)),
        sort=lambda row: row.process.pid,
        min_width=7,
        max_width=8,
        right=True,
    ),
    Column(
        "user",
        "USER",
        cell=lambda row: _known(clean(row.process.user or UNKNOWN), Role.NORMAL),
        sort=lambda row: row.process.user,
        min_width=6,
        max_width=16,
        priority=2,
    ),
    Column(
        "memory",
        "GPU MEM",
        cell=lambda row: _known(mebibytes(row.process.memory_bytes)),
        sort=lambda row: row.process.memory_bytes,
        min_width=8,
        max_width=10,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "container",
        "CONTAINER",
        cell=lambda row: Cell(row.container.name) if row.container else Cell(""),
        sort=lambda row: row.container.name if row.container else None,
        min_width=9,
        max_width=32,
        priority=1,
    ),
    Column(
        "command",
        "COMMAND",
        cell=lambda row: _known(clean(row.process.command or UNKNOWN), Role.NORMAL),
        sort=lambda row: row.process.command,
        min_width=12,
        max_width=200,
        flexible=True,
    ),
)


def overview(row: GpuRow) -> tuple[FactGroup, ...]:
    """All that the driver tells of a GPU; a value it does not tell says why."""
    gpu, report = row.gpu, row.report
    error = (fact("Error", gpu.error, Role.BAD),) if gpu.error else ()

    def told(label: str, text: str, field: str) -> Fact:
        why = gpu.unknown.get(field)
        return fact(label, f"{UNKNOWN} ({why})" if text == UNKNOWN and why else text)

    return (
        FactGroup(
            "GPU",
            (
                *error,
                fact("Name", gpu.name, Role.STRONG),
                fact("Id", gpu.id),
                fact("PCI bus", gpu.pci_bus_id),
                fact("Driver", report.driver_version),
                fact("CUDA", f"up to {report.cuda_version}" if report.cuda_version else None),
            ),
        ),
        FactGroup(
            "Use",
            (
                told("Utilisation", whole_percent(gpu.utilization_percent), "utilization_percent"),
                told(
                    "Memory bus",
                    whole_percent(gpu.memory_utilization_percent),
                    "memory_utilization_percent",
                ),
                told("Memory used", mebibytes(gpu.memory_used_bytes), "memory_used_bytes"),
                told("Memory total", mebibytes(gpu.memory_total_bytes), "memory_total_bytes"),
                told("Temperature", number(gpu.temperature_c, " °C"), "temperature_c"),
                told("Power", number(gpu.power_w, " W"), "power_w"),
                told("Power limit", number(gpu.power_limit_w, " W"), "power_limit_w"),
                told("SM clock", number(gpu.sm_clock_mhz, " MHz"), "sm_clock_mhz"),
                told("Memory clock", number(gpu.memory_clock_mhz, " MHz"), "memory_clock_mhz"),
                told("Fan", whole_percent(gpu.fan_percent), "fan_percent"),
                told("ECC errors", number(gpu.ecc_errors), "ecc_errors"),
            ),
        ),
        FactGroup(
            "Mode",
            (
                told("MIG", _mig(row).text, "mig"),
                told("Persistence", _switch(gpu.persistence), "persistence"),
                told("Compute mode", gpu.compute_mode or UNKNOWN, "compute_mode"),
                told("Performance state", gpu.performance_state or UNKNOWN, "performance_state"),
            ),
        ),
    )


def _switch(value: bool | None) -> str:
    return UNKNOWN if value is None else "on" if value else "off"
