"""The list of what is stale: always grouped, each heading with what comes back."""

from collections.abc import Collection

from dstui.render.cleanup import (
    COLUMNS,
    PROTECTED,
    CleanupRow,
    group_by_kind,
    group_by_owner,
    heading,
)
from dstui.render.column import Cell
from dstui.render.table import Line, group_id
from dstui.ui.sections.listing import Listing


class PlanListing(Listing[CleanupRow]):
    """By kind or by owner; the column that the headings tell is left out."""

    def __init__(self, chosen: Collection[str] = ()) -> None:
        super().__init__(COLUMNS, chosen, sort="bytes")
        self._offered = self.columns
        self.folded.add(group_id(PROTECTED))
        self.by_kind()

    def by_kind(self) -> None:
        """A heading for each kind."""
        self.group_of = group_by_kind
        self._leave_out("kind")

    def by_owner(self) -> None:
        """A heading for each owner."""
        self.group_of = group_by_owner
        self._leave_out("owner")

    def _leave_out(self, key: str) -> None:
        self.columns = tuple(column for column in self._offered if column.key != key)

    @property
    def grouped_by_kind(self) -> bool:
        """Whether the headings are kinds."""
        return self.group_of is group_by_kind

    @property
    def matching(self) -> tuple[CleanupRow, ...]:
        """The rows that the filter lets through, those under a folded heading included."""
        ids = (identifier for group in self._members.values() for identifier in group)
        return tuple(self._rows[identifier] for identifier in ids)

    def rows_of(self, line_id: str) -> tuple[CleanupRow, ...]:
        """The row of a line, or all of a heading."""
        return tuple(self._rows[found] for found in self.members(line_id) if found in self._rows)

    def _heading(self, line: Line[CleanupRow]) -> tuple[Cell, ...]:
        arrow = "▸" if line.id in self.folded else "▾"
        title, *rest = heading(line.group or "", self.rows_of(line.id))
        return (Cell(f"{arrow} {title.text}", title.role), *rest)
