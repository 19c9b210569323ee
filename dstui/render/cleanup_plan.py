"""A plan in a few words: its sum, what it was asked for, and what each rule finds."""

from collections.abc import Sequence

from dstui.domain.cleanup.plan import Plan
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.staleness.verdict import Rule
from dstui.render.column import UNKNOWN, Cell, Role
from dstui.render.units import decimal_bytes, duration

_FROM = {
    Rule.EXITED: "exited_days",
    Rule.CREATED: "created_days",
    Rule.IDLE: "idle_days",
    Rule.DANGLING: "dangling_days",
    Rule.SUPERSEDED: "superseded_days",
    Rule.UNUSED_IMAGE: "image_days",
    Rule.UNUSED_VOLUME: "volume_days",
    Rule.UNUSED_NETWORK: "network_days",
    Rule.BUILD_CACHE: "build_cache_days",
    Rule.LARGE_WRITABLE: "writable_gb",
    Rule.LARGE_LOG: "logs_gb",
}


def plan_line(plan: Plan, shown: int | None = None) -> tuple[Cell, ...]:
    """How much is ticked, of so many that are shown, and what comes back, in order of weight."""
    chosen = plan.chosen
    about = "about " if plan.estimate else ""
    cells = [
        Cell(f"{about}{decimal_bytes(plan.total_bytes)} come back", Role.GOOD)
        if chosen
        else Cell("nothing is ticked", Role.MUTED),
        Cell(f"{len(chosen)} of {shown} ticked" if shown is not None else "", Role.STRONG),
    ]
    if others := len(plan.chosen_of_others):
        cells.append(Cell(f"! {others} not yours", Role.WARNING))
    if lost := len(plan.losses):
        cells.append(Cell(f"{lost} lost for ever", Role.WARNING))
    if perhaps := len(plan.perhaps_losses):
        cells.append(Cell(f"{perhaps} perhaps in a registry", Role.MUTED))
    if unknown := plan.unknown_sizes:
        cells.append(Cell(f"{unknown} of unknown size", Role.MUTED))
    return tuple(cell for cell in cells if cell.text)


def planned_how(
    rules_off: int, older_than_s: float | None, goal_bytes: int | None
) -> tuple[Cell, ...]:
    """What the plan was asked for, where it is not the usual."""
    cells = []
    if goal_bytes is not None:
        cells.append(Cell(f"goal {decimal_bytes(goal_bytes)}", Role.ACCENT))
    if older_than_s is not None:
        cells.append(Cell(f"older than {duration(older_than_s)}", Role.ACCENT))
    if rules_off:
        cells.append(Cell(f"{rules_off} rules off", Role.ACCENT))
    return tuple(cells)


def rules_about(plan: Plan, thresholds: Thresholds) -> dict[Rule, str]:
    """From when on each rule holds, how many objects it finds, and what each would bring alone."""
    found: dict[Rule, list[int]] = {rule: [] for rule in Rule}
    for row in plan.rows:
        found[row.rule].append(row.alone_bytes or 0)
    for stale in plan.advice:
        found[stale.rule].append(stale.size_bytes or 0)
    return {
        rule: f"{_from(rule, thresholds):<14}" + (_found(sizes) if sizes else f"{UNKNOWN:>5}")
        for rule, sizes in found.items()
    }


def _from(rule: Rule, thresholds: Thresholds) -> str:
    name = _FROM[rule]
    value: float = getattr(thresholds, name)
    return f"over {value:g} GB" if name.endswith("_gb") else f"after {value:g} d"


def _found(sizes: Sequence[int]) -> str:
    return f"{len(sizes):>5}   {decimal_bytes(sum(sizes))}"
