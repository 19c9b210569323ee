"""`dstui ps`, `images`, `gpus`, `volumes`, `networks`."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from dstui.cli.exits import complain, failure_line
from dstui.cli.invocation import Invocation, pass_invocation, write_lines
from dstui.cli.tables import print_table
from dstui.domain.engine import EngineInfo, EngineUnreachableError
from dstui.domain.filter import FilterError
from dstui.domain.kind import Kind
from dstui.domain.used_by import by_image, by_network, by_volume
from dstui.render import containers, gpus, images, json_contract, networks, rows, volumes
from dstui.render.column import Column, RowT
from dstui.render.table import Sort, arrange, matching, sort_by
from dstui.session import Session

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked of a list."""

    json: bool
    filter: str
    sort: str
    reverse: bool
    trunc: bool
    sizes: bool = False


def _list_options(sort: str) -> Callable[[CommandT], CommandT]:
    """The options that all lists share; `sort` is the column that orders them by default."""

    def decorate(command: CommandT) -> CommandT:
        for option in (
            click.option("--no-trunc", is_flag=True, help="Show every column and text whole."),
            click.option("--reverse", is_flag=True, help="Turn the order around."),
            click.option("--sort", default=sort, metavar="COLUMN", show_default=True),
            click.option(
                "-f",
                "--filter",
                "filters",
                multiple=True,
                metavar="FILTER",
                help="text, /regex/, field:value, field:>10, !not; as in the UI.",
            ),
            click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md."),
        ):
            command = option(command)
        return command

    return decorate


_sizes_option = click.option(
    "--sizes", is_flag=True, help="Ask the engine for sizes on disk: slow, up to minutes."
)


def _wish(
    as_json: bool,
    filters: tuple[str, ...],
    sort: str,
    reverse: bool,
    no_trunc: bool,
    sizes: bool = False,
) -> Wish:
    return Wish(as_json, " ".join(filters), sort, reverse, not no_trunc, sizes)


@click.command("ps")
@click.option("--running", is_flag=True, help="Leave out what is stopped.")
@_sizes_option
@_list_options(sort="status")
@pass_invocation
def ps(invocation: Invocation, /, running: bool, **asked: Any) -> None:
    """List the containers with what they use."""
    wish = _wish(**asked)
    columns = _chosen(invocation, "containers", containers.COLUMNS, wish)
    with invocation.connected() as (session, info):
        reporting = session.background.submit(session.sample_gpus) if wish.json else None
        session.read_list(Kind.CONTAINER, inspected=True)
        session.sample()
        if wish.sizes:
            session.measure_disk()
        report = reporting.result() if reporting else None
        store, labels = session.store, session.config.owner_labels
        found = _arranged(
            rows.container_rows(store, labels, time.time()),
            containers.COLUMNS,
            wish,
            (lambda row: row.container.alive) if running else None,
        )
        if not wish.json:
            _print_table(columns, found, wish)
            return
        written = store.disk_use.writable_bytes if store.disk_use else {}
        _print_json(
            info,
            containers=[
                json_contract.container_object(row, report, written.get(row.container.id))
                for row in found
            ],
        )


@click.command("images")
@_sizes_option
@_list_options(sort="size")
@pass_invocation
def images_command(invocation: Invocation, /, **asked: Any) -> None:
    """List the images, who uses them and what they share."""
    wish = _wish(**asked)
    columns = _chosen(invocation, "images", images.COLUMNS, wish)
    with invocation.connected() as (session, info):
        session.read_list(Kind.CONTAINER)
        session.read_list(Kind.IMAGE, inspected=wish.json)
        if wish.sizes:
            session.measure_disk()
        found = _arranged(rows.image_rows(session.store, time.time()), images.COLUMNS, wish)
        if not wish.json:
            _print_table(columns, found, wish)
            return
        users = by_image(session.store.containers())
        objects = [json_contract.image_object(r, users.get(r.image.id, ())) for r in found]
        _print_json(info, images=objects)


@click.command("volumes")
@_sizes_option
@_list_options(sort="name")
@pass_invocation
def volumes_command(invocation: Invocation, /, **asked: Any) -> None:
    """List the volumes and who mounts them."""
    wish = _wish(**asked)
    columns = _chosen(invocation, "volumes", volumes.COLUMNS, wish)
    with invocation.connected() as (session, info):
        session.read_list(Kind.CONTAINER)
        session.read_list(Kind.VOLUME)
        if wish.sizes:
            session.measure_disk()
        found = _arranged(rows.volume_rows(session.store, time.time()), volumes.COLUMNS, wish)
        if not wish.json:
            _print_table(columns, found, wish)
            return
        users = by_volume(session.store.containers())
        objects = [json_contract.volume_object(r, users.get(r.volume.name, ())) for r in found]
        _print_json(info, volumes=objects)


@click.command("networks")
@_list_options(sort="name")
@pass_invocation
def networks_command(invocation: Invocation, /, **asked: Any) -> None:
    """List the networks and who is attached to them."""
    wish = _wish(**asked)
    columns = _chosen(invocation, "networks", networks.COLUMNS, wish)
    with invocation.connected() as (session, info):
        session.read_list(Kind.CONTAINER)
        session.read_list(Kind.NETWORK)
        found = _arranged(rows.network_rows(session.store, time.time()), networks.COLUMNS, wish)
        if not wish.json:
            _print_table(columns, found, wish)
            return
        users = by_network(session.store.containers())
        objects = [json_contract.network_object(r, users.get(r.network.name, ())) for r in found]
        _print_json(info, networks=objects)


@click.command("gpus")
@_list_options(sort="index")
@pass_invocation
def gpus_command(invocation: Invocation, /, **asked: Any) -> None:
    """List the GPUs and what computes on them. Works without an engine."""
    wish = _wish(**asked)
    columns = _chosen(invocation, "gpus", gpus.COLUMNS, wish)
    with invocation.session() as session:
        info = _containers_if_possible(session)
        report = session.sample_gpus()
        found = _arranged(rows.gpu_rows(session.store, time.time()), gpus.COLUMNS, wish)
        shown = {row.gpu.id for row in found}
        labels = session.config.owner_labels
        every = [row for _, row in rows.gpu_process_rows(session.store, labels)]
        processes = [row for row in every if row.gpu.id in shown]
        if wish.json:
            objects = [
                json_contract.gpu_object(row.gpu, [p for p in processes if p.gpu is row.gpu])
                for row in found
            ]
            driver = json_contract.driver_object(report)
            _print_json(info, driver=driver, reason=report.reason, gpus=objects)
        elif not report.gpus:
            write_lines([gpus.empty_reason(report)])
        else:
            _print_table(columns, found, wish)
            if processes:
                write_lines([""])
                _print_table(gpus.PROCESS_COLUMNS, processes, wish)


def _containers_if_possible(session: Session) -> EngineInfo | None:
    """The engine names the containers; without one the GPUs are still worth showing."""
    try:
        info = session.open()
    except EngineUnreachableError as error:
        for failure in error.failures:
            complain(f"containers are not known: {failure_line(failure)}")
        return None
    session.read_list(Kind.CONTAINER)
    return info


def _chosen(
    invocation: Invocation, section: str, columns: Sequence[Column[RowT]], wish: Wish
) -> list[Column[RowT]]:
    """The columns to show; a filter or sort that makes no sense ends here, before any engine."""
    try:
        matching(wish.filter, columns)
    except FilterError as error:
        message = f"{error.message}\n  {wish.filter}\n  {' ' * error.position}^"
        raise click.BadParameter(message, param_hint="--filter") from None
    by_key = {column.key: column for column in columns}
    if wish.sort not in by_key:
        known = ", ".join(by_key)
        raise click.BadParameter(f"{wish.sort!r} is none of {known}", param_hint="--sort")
    chosen = invocation.config.columns.get(section)
    if chosen:
        return [by_key[key] for key in chosen if key in by_key]
    return [column for column in columns if column.shown]


def _arranged(
    found: Iterable[tuple[str, RowT]],
    columns: Sequence[Column[RowT]],
    wish: Wish,
    also: Callable[[RowT], bool] | None = None,
) -> list[RowT]:
    matches = matching(wish.filter, columns)
    order = sort_by(next(column for column in columns if column.key == wish.sort))
    sort = Sort(order.key, order.reverse != wish.reverse)
    keep = matches if also is None else (lambda row: also(row) and matches(row))
    return [line.row for line in arrange(found, columns, sort, keep) if line.row is not None]


def _print_table(columns: Sequence[Column[RowT]], found: Sequence[RowT], wish: Wish) -> None:
    print_table(columns, found, wish.trunc)


def _print_json(info: EngineInfo | None, **content: Any) -> None:
    whole = json_contract.document(info, **content)
    write_lines([json.dumps(whole, ensure_ascii=False, indent=2)])
