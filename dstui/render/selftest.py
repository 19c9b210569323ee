"""The self-test as table rows, as lines of text and as the objects of `--json`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dstui.domain.selftest.step import (
    Layer,
    Status,
    Step,
    StepResult,
    Target,
    Verdict,
    given_none,
    why_no_gpu,
    why_not_computed,
)
from dstui.render.column import UNKNOWN, Cell, Column, Role
from dstui.render.facts import FactGroup, fact
from dstui.render.text import cut, styled

ROLES: Mapping[Status, Role] = {
    Status.PASS: Role.GOOD,
    Status.WARN: Role.WARNING,
    Status.FAIL: Role.BAD,
    Status.SKIP: Role.MUTED,
    Status.NOT_RUN: Role.MUTED,
}
GLYPHS: Mapping[Status, str] = {
    Status.PASS: "✓",
    Status.WARN: "!",
    Status.FAIL: "✗",
    Status.SKIP: "·",
    Status.NOT_RUN: "·",
}
_PENDING, _RUNNING = "pending", "running"
_LAYER_WIDTH, _TITLE_WIDTH = 9, 28

Results = Sequence[tuple[Step, StepResult]]


class StepRow(NamedTuple):
    """A step as it stands now: not begun, running, or with its result."""

    step: Step
    result: StepResult | None = None
    running: bool = False

    @property
    def word(self) -> str:
        """The state in one word."""
        if self.result is not None:
            return self.result.status.value
        return _RUNNING if self.running else _PENDING

    @property
    def role(self) -> Role:
        """The role of that word."""
        if self.result is not None:
            return ROLES[self.result.status]
        return Role.ACCENT if self.running else Role.MUTED


def _status(row: StepRow) -> Cell:
    glyph = GLYPHS[row.result.status] if row.result else ("▸" if row.running else " ")
    return Cell(f"{glyph} {row.word}", row.role)


COLUMNS: tuple[Column[StepRow], ...] = (
    Column(
        "status",
        "RESULT",
        cell=_status,
        sort=lambda row: row.word,
        min_width=9,
        max_width=9,
    ),
    Column(
        "layer",
        "WHERE",
        cell=lambda row: Cell(row.step.layer.value, Role.MUTED),
        sort=lambda row: list(Layer).index(row.step.layer),
        min_width=_LAYER_WIDTH,
        max_width=_LAYER_WIDTH,
        priority=2,
    ),
    Column(
        "title",
        "STEP",
        cell=lambda row: Cell(row.step.title, Role.MUTED if _quiet(row) else Role.STRONG),
        sort=lambda row: row.step.title,
        min_width=16,
        max_width=_TITLE_WIDTH,
    ),
    Column(
        "seconds",
        "TIME",
        cell=lambda row: Cell(_seconds(row.result), Role.MUTED),
        sort=lambda row: row.result.seconds if row.result else None,
        min_width=6,
        max_width=7,
        right=True,
        priority=3,
    ),
    Column(
        "evidence",
        "EVIDENCE",
        cell=lambda row: Cell(
            row.result.evidence if row.result else "", Role.MUTED if _quiet(row) else Role.NORMAL
        ),
        sort=lambda row: row.result.evidence if row.result else "",
        min_width=20,
        max_width=2000,
        flexible=True,
        priority=1,
    ),
)


def _quiet(row: StepRow) -> bool:
    return row.result is None or row.result.status in (Status.SKIP, Status.NOT_RUN)


def _seconds(result: StepResult | None) -> str:
    return "" if result is None or result.seconds is None else f"{result.seconds:.2f} s"


def details(row: StepRow) -> tuple[FactGroup, ...]:
    """A step in full."""
    step, result = row.step, row.result
    facts = [fact("Result", row.word, row.role), fact("Where", step.layer.value)]
    if result is not None:
        facts.append(fact("Evidence", result.evidence or UNKNOWN))
        if result.cause:
            facts.append(fact("Cause", result.cause, ROLES[result.status]))
        if result.fix:
            facts.append(fact("Fix", result.fix, Role.STRONG))
    facts.append(fact("See it yourself", step.command, Role.NUMBER))
    return (FactGroup(step.title, tuple(facts)),)


# The verdict


def verdict_cell(verdict: Verdict, target: Target, results: Results) -> Cell:
    """Where the fault is, in a sentence."""
    words = {
        Verdict.GOOD: "All good",
        Verdict.WARNINGS: f"It works, with {_count(results, Status.WARN)}",
        Verdict.HOST: "The fault is on the host",
        Verdict.ENGINE: "The fault is in the engine or its container toolkit",
        Verdict.CONTAINER: f"The fault is in this container, {target.name}",
        Verdict.IMAGE: f"The fault is in the image{_of(target)}",
        Verdict.NO_GPU: _no_gpu(target, results),
    }[verdict]
    if any(result.evidence == "cancelled" for _, result in results):
        return Cell(f"Cancelled: {words[0].lower()}{words[1:]} so far", Role.WARNING)
    if verdict in (Verdict.GOOD, Verdict.WARNINGS) and (why := why_not_computed(results)):
        return Cell(f"{words}, but no GPU was let compute: {why}", Role.WARNING)
    if verdict is Verdict.GOOD:
        return Cell(words, Role.GOOD)
    if verdict in (Verdict.WARNINGS, Verdict.NO_GPU):
        return Cell(words, Role.WARNING)
    first = next((step.title for step, r in results if r.status is Status.FAIL), "")
    return Cell(f"{words}: {first}" if first else words, Role.BAD)


def _no_gpu(target: Target, results: Results) -> str:
    if given_none(results):
        return f"No GPU was tested: {target.name} was given none"
    warnings = f", with {_count(results, Status.WARN)}" if any(_warned(results)) else ""
    return f"No GPU was tested{warnings}: {why_no_gpu(results) or 'no step met one'}"


def _warned(results: Results) -> Iterator[bool]:
    return (result.status is Status.WARN for _, result in results)


def worst_step(results: Results) -> Step | None:
    """What to look at first: the first failure, or else the first warning."""
    for status in (Status.FAIL, Status.WARN):
        for step, result in results:
            if result.status is status:
                return step
    return None


def _count(results: Results, status: Status) -> str:
    count = sum(result.status is status for _, result in results)
    return f"{count} warning{'s' if count != 1 else ''}"


def _of(target: Target) -> str:
    return f" of {target.name}" if target.name else ""


# As text


def running_line(step: Step, width: int) -> str:
    """A step that is being run."""
    return cut(f"{'…':<8} {step.layer.value:<{_LAYER_WIDTH}} {step.title}", width)


def step_lines(step: Step, result: StepResult, color: bool = False) -> list[str]:
    """A step with its evidence; cause, fix and command where something is not well."""
    status = styled(f"{result.status.value:<8}", ROLES[result.status], color)
    head = f"{step.layer.value:<{_LAYER_WIDTH}} {step.title:<{_TITLE_WIDTH}}"
    seconds = f"{_seconds(result):>8}  "
    lines = [f"{status} {head} {seconds}{result.evidence}".rstrip()]
    if result.status in (Status.WARN, Status.FAIL):
        more = (("cause", result.cause), ("fix", result.fix), ("see it", step.command))
        lines += [
            styled(f"{'':<9}{label + ':':<8}{text}", Role.MUTED, color)
            for label, text in more
            if text
        ]
    return lines


def skipped_lines(skipped: Results, color: bool = False) -> list[str]:
    """Steps of one layer that were skipped for one reason."""
    step, result = skipped[0]
    if len(skipped) == 1:
        return step_lines(step, result, color)
    titles = ", ".join(known.title for known, _ in skipped)
    status = styled(f"{result.status.value:<8}", ROLES[result.status], color)
    return [f"{status} {step.layer.value:<{_LAYER_WIDTH}} {result.evidence}: {titles}"]


def report_text(target: Target, results: Results, verdict: Verdict) -> str:
    """The whole report, for a bug report or a chat."""
    lines = [line for step, result in results for line in step_lines(step, result)]
    about = f" of {target.name}" if target.name else ""
    title = f"dstui self-test{about}: {verdict_cell(verdict, target, results).text}"
    return "\n".join([title, *lines])


def doctor_content(verdict: Verdict, results: Results) -> dict[str, Any]:
    """The content of `dstui doctor --json`."""
    return {
        "verdict": verdict.value,
        "steps": [
            {
                "id": step.id,
                "layer": step.layer.value,
                "title": step.title,
                "status": result.status.value,
                "seconds": None if result.seconds is None else round(result.seconds, 3),
                "evidence": result.evidence,
                "command": step.command,
                "cause": result.cause or None,
                "fix": result.fix or None,
            }
            for step, result in results
        ],
    }
