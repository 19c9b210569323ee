"""The status header in pieces: what is connected, what runs, what is full."""

from collections.abc import Mapping

from dstui.domain.engine import DataRootUse, EngineInfo
from dstui.domain.gpu import GpuReport
from dstui.render.column import UNKNOWN, Cell, Role
from dstui.render.units import decimal_bytes, duration

_DISK_LOW = 0.10
_DISK_VERY_LOW = 0.03


def header(
    info: EngineInfo | None,
    *,
    containers: tuple[int, int] | None,
    images: int | None,
    layers_bytes: int | None = None,
    gpus: GpuReport | None = None,
    data_root: DataRootUse | None = None,
    lost_since: float | None = None,
    lost_reason: str = "",
    halted: Mapping[str, str] | None = None,
    unreadable: int = 0,
    now: float = 0.0,
) -> tuple[Cell, ...]:
    """The pieces in order of weight; what has no place here (no GPU, a remote disk) is left out.

    `containers` is running and total, `layers_bytes` every layer counted once: the sum of the
    images' sizes would count shared layers again and again. `halted` tells by its name why a part
    is not live; `unreadable` counts the rows of all lists that made no sense.
    """
    pieces = []
    if lost_since is not None:
        age = duration(now - lost_since)
        reason = f": {lost_reason}" if lost_reason else ""
        pieces.append(Cell(f"✗ connection lost {age} ago{reason}", Role.BAD))
    for part, why in (halted or {}).items():
        pieces.append(Cell(f"✗ {part} not live: {why}", Role.BAD))
    pieces.extend(_engine(info))
    running, total = containers or (None, None)
    pieces.append(Cell(f"containers {_count(running)}/{_count(total)}"))
    pieces.append(Cell(f"images {_count(images)} · {decimal_bytes(layers_bytes)}"))
    if unreadable:
        pieces.append(Cell(f"{unreadable} unreadable", Role.WARNING))
    if gpus is not None and (gpus.gpus or gpus.released):
        pieces.append(_gpus(gpus))
    if data_root is not None:
        pieces.append(_disk(data_root))
    return tuple(pieces)


def _engine(info: EngineInfo | None) -> tuple[Cell, ...]:
    if info is None:
        return (Cell("connecting …", Role.MUTED),)
    where = info.context if info.context and info.context != "default" else info.name
    return (Cell(f"{info.product} {info.version}", Role.STRONG), Cell(where, Role.ACCENT))


def _count(count: int | None) -> str:
    return UNKNOWN if count is None else str(count)


def _gpus(report: GpuReport) -> Cell:
    if report.released:
        return Cell("GPUs released", Role.PAUSED)
    busy = sum(gpu.busy for gpu in report.gpus)
    failed = sum(gpu.error is not None for gpu in report.gpus)
    whose = " of this machine" if report.elsewhere else ""
    text = f"GPUs{whose} {busy}/{len(report.gpus)} busy"
    return Cell(f"{text} ✗{failed}", Role.BAD) if failed else Cell(text)


def _disk(use: DataRootUse) -> Cell:
    free = use.free_bytes / use.total_bytes if use.total_bytes else 1.0
    text = f"disk {100 * (1 - free):.0f}% · {decimal_bytes(use.free_bytes)} free"
    if free < _DISK_VERY_LOW:
        return Cell(f"{text} !", Role.BAD)
    return Cell(f"{text} !", Role.WARNING) if free < _DISK_LOW else Cell(text)
