"""`dstui gpus`: the GPUs, who holds them, and which are free."""

import re
import sys
import time
from collections.abc import Callable
from typing import Any

import click

from dstui.cli.exits import complain, failure_line
from dstui.cli.invocation import Invocation, pass_invocation, write_lines
from dstui.cli.listing import Wish, arranged, chosen, list_options, print_json, show_table, wish_of
from dstui.domain.engine import EngineInfo, EngineUnreachableError
from dstui.domain.gpu import Gpu, GpuReport
from dstui.domain.gpu_free import (
    device_argument,
    free_gpus,
    free_memory,
    shared_gpus,
    shell_argument,
    why_not_free,
)
from dstui.domain.kind import Kind
from dstui.render import gpu_holders, gpus, gpus_json, rows
from dstui.render.gpu_holders import Holding
from dstui.render.gpu_processes import PROCESS_COLUMNS
from dstui.render.units import binary_bytes
from dstui.session import Session

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
_CLEAR = "\x1b[H\x1b[J"
_LOOK_EVERY_S = 0.1


class _Size(click.ParamType[int]):
    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        if isinstance(value, int):
            return value
        if not (found := _SIZE.fullmatch(str(value).strip())):
            self.fail(f"{value!r} is no size such as 20GiB, 20GB or 512MiB", param, ctx)
        base = 1024 if found[3] else 1000
        return int(float(found[1]) * base ** " KMGT".index(found[2].upper() or " "))


@click.command("gpus")
@click.option("--watch", is_flag=True, help="Show them anew each second; with --json a line each.")
@click.option(
    "--by",
    type=click.Choice([str(by) for by in Holding]),
    help="Show who holds GPUs: the containers, or their owners.",
)
@click.option("--free", is_flag=True, help="Only the free ones, as the argument of `--gpus`.")
@click.option(
    "--memory",
    type=_Size(),
    default=0,
    metavar="SIZE",
    help="With --free: only those with so much free memory, such as 20GiB.",
)
@click.option(
    "--count", type=click.IntRange(1), metavar="N", help="With --free: N of them, or none."
)
@click.option(
    "--shared",
    is_flag=True,
    help="With --free: after the free ones also those with so much memory that others use.",
)
@list_options(sort="index")
@pass_invocation
def gpus_command(
    invocation: Invocation,
    /,
    watch: bool,
    by: str | None,
    free: bool,
    memory: int,
    shared: bool,
    count: int | None,
    **asked: Any,
) -> None:
    """List the GPUs and what computes on them. Works without an engine.

    \b
    docker run --gpus "$(dstui gpus --free --count 1)" ...
    """
    if (memory or count or shared) and not free:
        raise click.UsageError("--memory, --shared and --count go with --free")
    if free and (by or watch):
        raise click.UsageError("--free goes with neither --by nor --watch")
    wish = wish_of(**asked)
    show = _table(invocation, wish, watch) if by is None else _holders(Holding(by), wish, watch)
    with invocation.session() as session:
        info = _engine(session)
        if free:
            _print_free(session.sample_gpus(), info, wish, memory, count, shared)
        elif watch:
            _watch(session, info, wish, show)
        else:
            if info is not None:
                session.read_list(Kind.CONTAINER)
            session.sample_gpus()
            show(session, info)


Show = Callable[[Session, EngineInfo | None], None]


def _engine(session: Session) -> EngineInfo | None:
    """The engine names the containers; without one the GPUs are still worth showing."""
    try:
        return session.open()
    except EngineUnreachableError as error:
        for failure in error.failures:
            complain(f"containers are not known: {failure_line(failure)}")
        return None


def _table(invocation: Invocation, wish: Wish, stream: bool) -> Show:
    """The GPUs, and below them the processes."""
    columns = chosen(invocation, "gpus", gpus.COLUMNS, wish)

    def show(session: Session, info: EngineInfo | None) -> None:
        report, now, config = session.store.gpu_report, time.time(), session.config
        labels, idle_after_s = config.owner_labels, 60 * config.gpu_idle_minutes
        every = rows.gpu_rows(session.store, now, labels, idle_after_s)
        found = arranged(every, gpus.COLUMNS, wish, parts_of=gpus.instances_of)
        shown = {row.gpu.id for row in found}
        all_processes = rows.gpu_process_rows(session.store, labels, now, idle_after_s)
        processes = [row for _, row in all_processes if row.gpu.id in shown]
        if wish.json:
            content = gpus_json.gpus_content(report, found, processes)
            print_json(info, **content, compact=stream)
        elif report is None or not report.gpus:
            write_lines([gpus.empty_reason(report)])
        else:
            show_table(columns, found, wish)
            if report.unjoined:
                complain(unjoined_text(report))
            if processes:
                write_lines([""])
                whole = [row for row in processes if row.gpu.instance is None]
                show_table(PROCESS_COLUMNS, whole, wish)

    return show


def _holders(by: Holding, wish: Wish, stream: bool) -> Show:
    """Who holds them."""
    columns = gpu_holders.COLUMNS[by]

    def show(session: Session, info: EngineInfo | None) -> None:
        report, now, config = session.store.gpu_report, time.time(), session.config
        idle_after_s = 60 * config.gpu_idle_minutes
        every = rows.gpu_holder_rows(session.store, config.owner_labels, by, now, idle_after_s)
        found = [row for _, row in every]
        if wish.json:
            content = gpus_json.holders_content(report, found)
            print_json(info, **content, compact=stream)
        elif report is None or not report.gpus:
            write_lines([gpus.empty_reason(report)])
        else:
            if report.unjoined:
                complain(unjoined_text(report))
            show_table(columns, found, wish)

    return show


def unjoined_text(report: GpuReport) -> str:
    """Whose GPUs these are, or why containers are not told."""
    if report.elsewhere:
        return f"these are not the engine's GPUs: {report.unjoined}"
    return f"containers are not known: {report.unjoined}"


def _watch(session: Session, info: EngineInfo | None, wish: Wish, show: Show) -> None:
    """Show each report until it is interrupted."""
    if info is not None:
        session.read_list(Kind.CONTAINER)
    session.watch_gpus()
    store, shown = session.store, None
    while True:
        if store.gpu_report is not shown:
            shown = store.gpu_report
            if sys.stdout.isatty() and not wish.json:
                write_lines([_CLEAR])
            show(session, info)
        time.sleep(_LOOK_EVERY_S)


def _print_free(
    report: GpuReport,
    info: EngineInfo | None,
    wish: Wish,
    memory: int,
    count: int | None,
    shared: bool,
) -> None:
    """The free ones, in the form that a shell or a script can hand on; exit code 1 for none."""
    used = shared_gpus(report, memory) if shared else ()
    found = (*free_gpus(report, memory), *used)
    enough = bool(found) and len(found) >= (count or 1)
    taken = found[:count] if enough else ()
    if wish.json:
        print_json(info, **gpus_json.free_content(report, taken, [gpu.id for gpu in used]))
    elif taken:
        # For `$(…)` the quotes that the engine's client needs; for a person to paste, also those
        # that a shell takes away.
        write_lines([shell_argument(taken) if sys.stdout.isatty() else device_argument(taken)])
    for gpu in taken:
        if gpu in used:
            room = binary_bytes(free_memory(gpu))
            complain(f"shared: GPU {gpu.index} has {room} free; {why_not_free(gpu)}")
    if not taken:
        complain(_why_none(report, found, memory, count))
        raise SystemExit(1)


def _why_none(report: GpuReport, found: tuple[Gpu, ...], memory: int, count: int | None) -> str:
    if not report.gpus:
        return gpus.empty_reason(report)
    if report.elsewhere:
        return f"the GPUs of the engine's machine are not read from here: {report.unjoined}"
    if found:
        return f"only {len(found)} of the {count} GPUs are free"
    units = [(gpu, one) for gpu in report.gpus for one in (gpu.instances or (gpu,))]
    reasons = [
        f"GPU {gpu.index}: {why_not_free(one) or f'has no {memory / 2**30:g} GiB free'}"
        for gpu, one in units
    ]
    return f"no GPU is free: {'; '.join(reasons)}"
