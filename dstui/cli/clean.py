"""`dstui clean`."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO

import click

from dstui.background import Cancellation
from dstui.cli.disk import Size, read_size
from dstui.cli.exits import FAILED, NO_ENGINE, PARTLY, REFUSED, USAGE, complain
from dstui.cli.invocation import Invocation, pass_invocation, write_lines
from dstui.cli.json_output import print_json
from dstui.cli.tables import print_table
from dstui.domain.cleanup.plan import Plan
from dstui.domain.cleanup.planner import EVERYBODY, MYSELF, Choice, Planner
from dstui.domain.cleanup.report import (
    CleanProgress,
    CleanReport,
    Fate,
    plan_summary,
    report_summary,
)
from dstui.domain.cleanup.saved import PlanFileError, plan_json, read_plan, why_not
from dstui.domain.engine import EngineInfo
from dstui.domain.foreign_json import read_json
from dstui.domain.kind import Kind
from dstui.domain.since import SinceError, moment
from dstui.domain.text import clean as harmless
from dstui.render.cleanup import COLUMNS, cleanup_rows
from dstui.render.cleanup_json import clean_content
from dstui.render.units import decimal_bytes
from dstui.session import ReadOnlyError, Session

_KINDS = {
    word: kind
    for kind in (Kind.CONTAINER, Kind.IMAGE, Kind.VOLUME, Kind.NETWORK, Kind.BUILD_CACHE)
    for word in (kind.value, f"{kind.value}s")
}
_LARGEST_PLAN = 64 << 20
_TEXT_COLUMNS = ("kind", "name", "owner", "bytes", "reason", "recovery")


def _kinds(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> frozenset[Kind] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in _KINDS:
            raise click.BadParameter(
                f"{word!r} is none: write containers, images, volumes, networks, build-cache"
            )
    return frozenset(_KINDS[word] for word in words)


def _age(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    now = datetime.now().astimezone()
    try:
        return max(0.0, now.timestamp() - moment(text, now))
    except SinceError as error:
        raise click.BadParameter(str(error)) from None


@click.command("clean")
@click.option("-n", "--dry-run", is_flag=True, help="Show the plan, remove nothing.")
@click.option(
    "--older-than", callback=_age, metavar="AGE", help="One age for all rules: 30d, 12h, 0s."
)
@click.option(
    "--kind",
    "kinds",
    callback=_kinds,
    metavar="KINDS",
    help="containers,images,volumes,networks,build-cache. Without it all but volumes.",
)
@click.option(
    "--owner",
    metavar="NAME",
    help=f"Only what is NAME's; {MYSELF}, or {EVERYBODY} for everybody's. "
    "Without it, what is known to be somebody else's stays.",
)
@click.option(
    "--free",
    "goal",
    callback=read_size(),
    metavar="SIZE",
    help="Only what it takes for so many bytes, the least useful and oldest first.",
)
@click.option("--idle", is_flag=True, help="Stop and remove running containers that idle, too.")
@click.option(
    "--plan", "plan_file", type=click.File("rb"), help="Execute a saved plan; - is stdin."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md.")
@pass_invocation
def clean(
    invocation: Invocation,
    dry_run: bool,
    older_than: float | None,
    kinds: frozenset[Kind] | None,
    owner: str | None,
    goal: Size | None,
    idle: bool,
    plan_file: IO[bytes] | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove what is stale: exactly what the plan shows, each object after a second look."""
    chosen = (older_than, kinds, owner, goal)
    if plan_file is not None and (idle or any(option is not None for option in chosen)):
        raise click.UsageError("--plan says already what goes: it takes no further choice")
    saved = _read(plan_file) if plan_file is not None else None
    with invocation.connected() as (session, info):
        if session.read_only and not dry_run:
            raise ReadOnlyError("clean: dstui is read-only here")
        planner = None
        if saved is None:
            planner = session.cleanup_planner(session.cleanup_facts())
            bytes_wanted = None if goal is None else goal.of(0)
            plan = planner.plan(Choice(kinds, owner, older_than, bytes_wanted, idle=idle))
            if dry_run or not yes:
                plan = session.with_registry_answers(plan, planner.facts)
        else:
            plan = saved
            _check_engine(plan, info)
        if dry_run:
            _show(info, plan, as_json)
            return
        if plan.chosen and not yes:
            _ask(info, plan)
        report = _execute(session, plan, planner)
    _tell(info, report, as_json)


def _read(file: IO[bytes]) -> Plan:
    try:
        content = file.read(_LARGEST_PLAN + 1)
        if len(content) > _LARGEST_PLAN:
            complain(f"{file.name}: a plan is not larger than {_LARGEST_PLAN >> 20} MiB")
            raise click.exceptions.Exit(USAGE)
        return read_plan(read_json(content))
    except OSError as error:
        complain(f"{file.name}: {error.strerror}")
    except ValueError as error:
        complain(f"{file.name}: {error}")
    except PlanFileError as error:
        complain(f"{file.name}: {error}")
    raise click.exceptions.Exit(USAGE)


def _check_engine(plan: Plan, info: EngineInfo) -> None:
    if not plan.is_for(info):
        complain(plan.not_for(info))
        raise click.exceptions.Exit(REFUSED)


def _show(info: EngineInfo, plan: Plan, as_json: bool) -> None:
    if as_json:
        print_json(info, **plan_json(plan), summary=plan_summary(plan))
        return
    _print_plan(plan)
    write_lines([plan_summary(plan)])


def _print_plan(plan: Plan) -> None:
    columns = {column.key: column for column in COLUMNS}
    rows = [row for row in cleanup_rows(plan) if row.chosen]
    if rows:
        print_table([columns[key] for key in _TEXT_COLUMNS], rows)
    for row in plan.rows:
        if not row.chosen:
            complain(f"stays: {row.kind.value} {row.label} ({row.reason}): {why_not(row)}")
    for kept in plan.kept:
        complain(f"stays: {kept.kind.value} {kept.name}: {kept.why}")
    for advice in plan.advice:
        complain(f"look at: {advice.kind.value} {advice.name}: {advice.reason}")
    for note in plan.notes:
        complain(note)


def _ask(info: EngineInfo, plan: Plan) -> None:
    """One question on a terminal; the number of objects where some are somebody else's."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        complain("--yes is needed where nobody can be asked; --dry-run shows the plan")
        raise click.exceptions.Exit(USAGE)
    _print_plan(plan)
    count, others = len(plan.chosen), plan.chosen_of_others
    if lost := len(plan.losses):
        complain(f"nothing brings back {lost} of these")
    if perhaps := len(plan.perhaps_losses):
        complain(f"{perhaps} of these may be in a registry, which did not say so")
    question = f"Remove {count} objects on {harmless(info.name)}, {plan_summary(plan)}?"
    if others:
        names = sorted({row.owner for row in others if row.owner})
        complain(f"{len(others)} of these are not yours, but {', '.join(names)}'s")
        agreed = click.prompt(f"{question} Type {count} to agree", default="", err=True)
        if agreed.strip() == str(count):
            return
    elif click.confirm(question, err=True):
        return
    complain("nothing was removed")
    raise click.exceptions.Exit(FAILED)


def _execute(session: Session, plan: Plan, planner: Planner | None) -> CleanReport:
    shown = sys.stderr.isatty()

    def progress(step: CleanProgress) -> None:
        if shown and step.result is None:
            words = f"{step.done + 1} of {step.total}: {step.row.kind.value} {step.row.label}"
            click.echo(f"\r\x1b[K{harmless(words)}", nl=False, err=True)

    with _cancelled_by_signals() as cancellation:
        report = session.clean(plan, progress, cancellation, planner)
    if shown:
        click.echo("\r\x1b[K", nl=False, err=True)
    return report


@contextmanager
def _cancelled_by_signals() -> Iterator[Cancellation]:
    """Ctrl-C and SIGTERM end it between two objects, so that what was done is told."""
    cancellation = Cancellation()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: cancellation.cancel()) for number in numbers}
    try:
        yield cancellation
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(info: EngineInfo, report: CleanReport, as_json: bool) -> None:
    if as_json:
        print_json(info, **clean_content(report))
    else:
        lines = []
        for result in report.results:
            row = result.row
            size = f" {decimal_bytes(result.bytes)}" if result.fate is Fate.REMOVED else ""
            why = f": {result.reason}" if result.reason else ""
            lines.append(f"{result.fate.value} {row.kind.value} {row.label}{size}{why}")
        write_lines([*map(harmless, lines), harmless(report_summary(report))])
    if report.complete:
        return
    removed = bool(report.of(Fate.REMOVED))
    raise click.exceptions.Exit(NO_ENGINE if report.lost and not removed else PARTLY)
