"""What the commands that list things share: their options, and how rows become text or JSON."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from dstui.cli.invocation import Invocation, write_lines
from dstui.cli.tables import print_table
from dstui.domain.engine import EngineInfo
from dstui.domain.filter import FilterError
from dstui.render import json_contract
from dstui.render.column import Column, RowT
from dstui.render.table import Sort, arrange, matching, sort_by

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


def list_options(sort: str) -> Callable[[CommandT], CommandT]:
    """The options that all lists share; `sort` is the column that orders them by default."""

    def decorate(command: CommandT) -> CommandT:
        for option in (
            click.option(
                "--wide",
                "--no-trunc",
                "no_trunc",
                is_flag=True,
                help="Show every column and text whole, however narrow the terminal is.",
            ),
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


sizes_option = click.option(
    "--sizes", is_flag=True, help="Ask the engine for sizes on disk: slow, up to minutes."
)


def wish_of(
    as_json: bool,
    filters: tuple[str, ...],
    sort: str,
    reverse: bool,
    no_trunc: bool,
    sizes: bool = False,
) -> Wish:
    """What the options say."""
    return Wish(as_json, " ".join(filters), sort, reverse, not no_trunc, sizes)


def chosen(
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


def arranged(
    found: Iterable[tuple[str, RowT]],
    columns: Sequence[Column[RowT]],
    wish: Wish,
    also: Callable[[RowT], bool] | None = None,
    parts_of: Callable[[RowT], Iterable[tuple[str, RowT]]] | None = None,
) -> list[RowT]:
    """The rows that the filter lets through, in the order that was asked for."""
    matches = matching(wish.filter, columns)
    order = sort_by(next(column for column in columns if column.key == wish.sort))
    sort = Sort(order.key, order.reverse != wish.reverse)
    keep = matches if also is None else (lambda row: also(row) and matches(row))
    lines = arrange(found, columns, sort, keep, parts_of=parts_of)
    return [line.row for line in lines if line.row is not None]


def show_table(columns: Sequence[Column[RowT]], found: Sequence[RowT], wish: Wish) -> None:
    """Print a table."""
    print_table(columns, found, wish.trunc)


def print_json(info: EngineInfo | None, compact: bool = False, **content: Any) -> None:
    """Print the one object of `--json`; `compact` is on one line, for one of many."""
    whole = json_contract.document(info, **content)
    write_lines([json.dumps(whole, ensure_ascii=False, indent=None if compact else 2)])
