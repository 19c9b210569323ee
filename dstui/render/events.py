"""The engine's events as lines of a feed."""

from dstui.domain.action import short_id
from dstui.domain.engine import EngineEvent
from dstui.domain.explain import exit_word
from dstui.render.column import Cell, Column, Role

_ROLES = {
    "create": Role.ACCENT,
    "start": Role.GOOD,
    "unpause": Role.GOOD,
    "pull": Role.ACCENT,
    "pause": Role.PAUSED,
    "stop": Role.EXITED,
    "die": Role.EXITED,
    "kill": Role.WARNING,
    "destroy": Role.WARNING,
    "delete": Role.WARNING,
    "oom": Role.BAD,
}


def _action(event: EngineEvent) -> Cell:
    word = event.action.split(":")[0]
    if word == "health_status":
        return Cell(event.action, Role.BAD if "unhealthy" in event.action else Role.GOOD)
    if word == "die" and event.attributes.get("exitCode", "0") != "0":
        return Cell(event.action, Role.BAD)
    if "fault" in event.attributes:
        program = event.attributes.get("fault") == "program"
        return Cell(event.action, Role.WARNING if program else Role.BAD)
    return Cell(event.action, _ROLES.get(word, Role.NORMAL))


def _detail(event: EngineEvent) -> str:
    """What the event adds to its action: the exit code, the signal, the image …"""
    attributes = event.attributes
    if meaning := attributes.get("meaning"):
        by = attributes.get("gpu") or attributes.get("cause", "")
        told = f"{by}: {meaning}" if by else meaning
        return f"{told}; {attributes.get('todo', '')}".rstrip("; ")
    code = attributes.get("exitCode")
    if code is not None and code.isdigit():
        return f"exit {code} {exit_word(int(code), None)}".rstrip()
    if signal := attributes.get("signal"):
        return f"signal {signal}"
    return attributes.get("image") or attributes.get("container", "")[:12]


COLUMNS: tuple[Column[EngineEvent], ...] = (
    Column(
        "time",
        "TIME",
        cell=lambda event: Cell(event.time.astimezone().strftime("%H:%M:%S"), Role.MUTED),
        sort=lambda event: event.time.timestamp(),
        min_width=8,
        max_width=8,
        descending=True,
    ),
    Column(
        "kind",
        "KIND",
        cell=lambda event: Cell(event.kind),
        sort=lambda event: event.kind,
        min_width=9,
        max_width=9,
        priority=2,
    ),
    Column(
        "action",
        "ACTION",
        cell=_action,
        sort=lambda event: event.action,
        min_width=8,
        max_width=24,
    ),
    Column(
        "name",
        "NAME",
        cell=lambda event: Cell(event.name or short_id(event.id)),
        sort=lambda event: event.name.casefold(),
        filter=lambda event: f"{event.name} {event.id}",
        min_width=12,
        max_width=48,
        flexible=True,
    ),
    Column(
        "detail",
        "DETAIL",
        cell=lambda event: Cell(_detail(event), Role.MUTED),
        sort=lambda event: None,
        min_width=8,
        max_width=60,
        priority=1,
        flexible=True,
    ),
)


def event_cells(event: EngineEvent) -> tuple[Cell, ...]:
    """Time, kind, action, name and detail."""
    return tuple(column.cell(event) for column in COLUMNS)
