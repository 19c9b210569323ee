"""The line above the plan: what comes back, what it was asked for, how old the figures are."""

import time

from dstui.domain.cleanup.plan import Plan
from dstui.render.cleanup_plan import plan_line, planned_how
from dstui.render.column import Cell, Role
from dstui.render.units import duration
from dstui.ui.cleanup.draft import Draft
from dstui.ui.widgets.cell_line import CellLine

_FRESH_S = 5.0


class PlanLine(CellLine):
    """Follows each tick."""

    DEFAULT_CSS = "PlanLine { background: $surface; }"

    def show(
        self, draft: Draft | None, plan: Plan | None, shown: int, asking: str, measured: float
    ) -> None:
        """Show the plan as it is now, of which so many rows are `shown`; `asking` is what is being
        asked of the engine since when, `measured` when it told its sizes, by the clock here.
        """
        left = plan_line(plan, shown) if plan is not None else ()
        right: list[Cell] = []
        if draft is not None:
            right += planned_how(len(draft.off), draft.older_than_s, draft.goal_bytes)
        if asking:
            right.append(Cell(asking, Role.ACCENT))
        elif measured:
            right.append(Cell(_age(time.time() - measured), Role.MUTED))
        self.show_cells(left or tuple(right), right if left else ())


def _age(seconds: float) -> str:
    return "measured just now" if seconds < _FRESH_S else f"measured {duration(seconds)} ago"
