"""`dstui doctor`."""

import shutil
import sys
from contextlib import suppress

import click

from dstui.background import Cancellation
from dstui.cli.complete import container_names, image_names
from dstui.cli.exits import FAILED, complain, unwound_when_terminated
from dstui.cli.invocation import Invocation, colored, pass_invocation, write_lines
from dstui.domain.engine import EngineInfo, EngineUnreachableError
from dstui.domain.selftest.compute_rules import WHAT_IT_TAKES
from dstui.domain.selftest.step import Status, Step, StepResult, Target, Verdict
from dstui.render.selftest import (
    doctor_content,
    running_line,
    skipped_lines,
    step_lines,
    verdict_cell,
)
from dstui.render.text import styled
from dstui.session import Session

_CANCELLED = 130
_CLEANING_S = 15.0
_ERASE_LINE = "\r\x1b[K"


@click.command("doctor")
@click.option(
    "--container",
    metavar="NAME",
    help="Test the GPUs of this container.",
    shell_complete=container_names,
)
@click.option(
    "--image",
    metavar="REF",
    help="Test what this image does with the GPUs.",
    shell_complete=image_names,
)
@click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md.")
@click.option("--strict", is_flag=True, help="Exit with 1 for a warning as well.")
@click.option("--yes", is_flag=True, help="Compute for a second even on GPUs that are in use.")
@pass_invocation
def doctor(
    invocation: Invocation,
    container: str | None,
    image: str | None,
    as_json: bool,
    strict: bool,
    yes: bool,
) -> None:
    """Tell whether GPUs work, and if not, whether host, engine, container or image is at fault.

    Without a GPU the engine itself is checked all the same.
    """
    if container and image:
        raise click.UsageError("--container and --image are two things")
    with unwound_when_terminated(), invocation.session() as session:
        info = _opened(session, needed=bool(container or image))
        target = session.self_test_target(container, image)
        live = _Live(quiet=as_json)
        allowed = _may_use_memory(session, target, yes)
        run = session.background.submit(
            session.self_test, target, live.show, live.cancellation, allowed
        )
        try:
            report = run.result()
        except BaseException:
            live.cancellation.cancel()
            with suppress(TimeoutError):
                run.result(_CLEANING_S)
            live.end()
            if isinstance(sys.exception(), KeyboardInterrupt):
                raise click.exceptions.Exit(_CANCELLED) from None
            raise
        live.end()
    if as_json:
        from dstui.cli.json_output import print_json

        print_json(info, **doctor_content(report.verdict, report.results))
    else:
        cell = verdict_cell(report.verdict, target, report.results)
        write_lines([styled(cell.text, cell.role, colored())])
    bad = report.verdict not in _well(target)
    if bad or (strict and any(r.status is Status.WARN for _, r in report.results)):
        raise click.exceptions.Exit(FAILED)


def _well(target: Target) -> tuple[Verdict, ...]:
    """The verdicts that are no failure: to have no GPU is one for what should use it."""
    works = (Verdict.GOOD, Verdict.WARNINGS)
    return works if target.kind else (*works, Verdict.NO_GPU)


def _opened(session: Session, needed: bool) -> EngineInfo | None:
    """The engine; one that does not answer is itself what the test tells, without a target."""
    try:
        return session.open()
    except EngineUnreachableError:
        if needed:
            raise
        return None


def _may_use_memory(session: Session, target: Target, yes: bool) -> bool:
    busy = () if yes else session.busy_gpus(target)
    if not busy:
        return True
    for line in busy:
        complain(f"in use: {line}")
    if sys.stdin.isatty() and sys.stderr.isatty():
        return click.confirm(
            f"Compute on it for a second, with {WHAT_IT_TAKES}?", default=False, err=True
        )
    complain("no memory of it is taken; --yes allows it")
    return False


class _Live:
    """Prints each step as it ends, and on a terminal the one that is running."""

    def __init__(self, quiet: bool) -> None:
        self.cancellation = Cancellation()
        self._quiet = quiet
        self._terminal = sys.stdout.isatty() and not quiet
        self._color = colored()
        self._skipped: list[tuple[Step, StepResult]] = []

    def show(self, step: Step, result: StepResult | None) -> None:
        """Called on the thread of the test."""
        if self._quiet:
            return
        if result is not None:
            self._erase()
            self._print(step, result)
        elif self._terminal:
            sys.stdout.write(running_line(step, shutil.get_terminal_size().columns - 1))
            sys.stdout.flush()

    def _print(self, step: Step, result: StepResult) -> None:
        """Steps that are skipped for one reason share a line."""
        before = self._skipped[-1] if self._skipped else None
        if before and (step.layer, result.status, result.evidence) != (
            before[0].layer,
            before[1].status,
            before[1].evidence,
        ):
            self._print_skipped()
        if result.status is Status.SKIP:
            self._skipped.append((step, result))
        else:
            write_lines(step_lines(step, result, self._color))

    def _print_skipped(self) -> None:
        if self._skipped:
            write_lines(skipped_lines(self._skipped, self._color))
            self._skipped = []

    def end(self) -> None:
        """Print what is kept, and wipe the running step away."""
        self._erase()
        if not self._quiet:
            self._print_skipped()

    def _erase(self) -> None:
        if self._terminal:
            sys.stdout.write(_ERASE_LINE)
            sys.stdout.flush()
