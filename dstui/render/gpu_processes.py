"""The processes on GPUs as table rows."""

from dataclasses import dataclass

from dstui.domain.container import Container
from dstui.domain.gpu import Gpu, GpuProcess
from dstui.domain.gpu_idle import idle_for
from dstui.domain.owner import Owner
from dstui.domain.text import clean
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.units import duration, mebibytes, whole_percent

IDLE_AFTER_S = 600.0


@dataclass(frozen=True, slots=True)
class GpuProcessRow:
    """A process on a GPU, and its container where that is known, else the place it runs in."""

    process: GpuProcess
    gpu: Gpu
    container: Container | None = None
    owner: Owner | None = None
    place: str = ""
    now: float = 0.0
    idle_after_s: float = IDLE_AFTER_S

    @property
    def who(self) -> str | None:
        """The owner of the container, or the user of a process that is in none."""
        if self.container is not None:
            return self.owner.name if self.owner else None
        return self.process.user


def known(text: str, role: Role = Role.NUMBER) -> Cell:
    """A value, muted when it is not known."""
    return Cell(text, Role.MUTED if text == UNKNOWN else role)


def idle_cell(idle_s: float | None, idle_after_s: float) -> Cell:
    """For how long it has held memory without computing, from when on that is worth a word."""
    if idle_s is None or idle_s < idle_after_s:
        return Cell("")
    return Cell(f"idle {duration(idle_s)}", Role.WARNING)


def _container(row: GpuProcessRow) -> Cell:
    if row.container is not None:
        return Cell(row.container.name, Role.STRONG)
    return known(clean(row.place) or UNKNOWN, Role.ACCENT if row.place == "host" else Role.MUTED)


def _command(row: GpuProcessRow) -> str:
    from dstui.domain.audit.secret_words import masked_command  # not for the first picture

    return masked_command(row.process.command or "")


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
        priority=3,
        right=True,
    ),
    Column(
        "container",
        "CONTAINER",
        cell=_container,
        sort=lambda row: row.container.name if row.container else None,
        min_width=9,
        max_width=32,
        help="Or where else it runs: the host, another engine",
    ),
    Column(
        "owner",
        "OWNER",
        cell=lambda row: known(clean(row.who or UNKNOWN), Role.NORMAL),
        sort=lambda row: row.who,
        min_width=5,
        max_width=16,
        priority=1,
        help="Of the container, or the user of a process in none",
    ),
    Column(
        "memory",
        "GPU MEM",
        cell=lambda row: known(mebibytes(row.process.memory_bytes)),
        sort=lambda row: row.process.memory_bytes,
        min_width=8,
        max_width=10,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "utilization",
        "UTIL %",
        cell=lambda row: known(whole_percent(row.process.utilization_percent)),
        sort=lambda row: row.process.utilization_percent,
        min_width=6,
        max_width=6,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "idle",
        "IDLE",
        cell=lambda row: idle_cell(idle_for(row.process, row.now), row.idle_after_s),
        sort=lambda row: idle_for(row.process, row.now),
        min_width=6,
        max_width=11,
        priority=2,
        descending=True,
        help="For how long it holds memory without computing, as far back as dstui watched",
    ),
    Column(
        "since",
        "SINCE",
        cell=lambda row: known(
            UNKNOWN if row.process.started is None else duration(row.now - row.process.started),
            Role.MUTED,
        ),
        sort=lambda row: None if row.process.started is None else -row.process.started,
        min_width=6,
        max_width=6,
        priority=4,
        right=True,
        searched=False,
        help="How long it has been running",
    ),
    Column(
        "user",
        "USER",
        cell=lambda row: known(clean(row.process.user or UNKNOWN), Role.NORMAL),
        sort=lambda row: row.process.user,
        min_width=6,
        max_width=16,
        priority=5,
    ),
    Column(
        "command",
        "COMMAND",
        cell=lambda row: known(clean(_command(row) or UNKNOWN), Role.NORMAL),
        sort=_command,
        min_width=12,
        max_width=200,
        priority=6,
        flexible=True,
    ),
)
