"""The processes of a container as table rows: the columns are what `top` answered."""

from dstui.domain.audit.secret_words import masked_command
from dstui.domain.engine import ProcessTable
from dstui.domain.quantity import parse_quantity
from dstui.domain.text import clean
from dstui.render.column import Cell, Column, Role, SortKey

ProcessRow = tuple[str, ...]

_NUMBERS = frozenset({"PID", "PPID", "C", "%CPU", "%MEM", "VSZ", "RSS", "NLWP", "NI", "LWP"})
_COMMANDS = frozenset({"CMD", "COMMAND", "ARGS"})


def process_columns(table: ProcessTable) -> tuple[Column[ProcessRow], ...]:
    """A column for each title; the command takes the width that is left."""
    return tuple(_column(place, clean(title)) for place, title in enumerate(table.titles))


def process_rows(table: ProcessTable) -> tuple[tuple[str, ProcessRow], ...]:
    """The rows by their PID (by their place where `top` told none)."""
    pid = table.titles.index("PID") if "PID" in table.titles else None
    return tuple(
        (row[pid] if pid is not None and pid < len(row) else str(place), row)
        for place, row in enumerate(table.rows)
    )


def _column(place: int, title: str) -> Column[ProcessRow]:
    name = title.upper()
    numeric, command = name in _NUMBERS, name in _COMMANDS

    def text(row: ProcessRow) -> str:
        told = clean(row[place]) if place < len(row) else ""
        return masked_command(told) if command else told

    def sort(row: ProcessRow) -> SortKey:
        return parse_quantity(text(row)) if numeric else text(row).casefold()

    return Column(
        key=title.lower(),
        title=title,
        cell=lambda row: Cell(text(row), Role.NUMBER if numeric else Role.NORMAL),
        sort=sort,
        priority=0 if command or name == "PID" else place + 1,
        min_width=max(3, len(title)),
        max_width=500 if command else 16,
        right=numeric,
        flexible=command,
    )
