"""`dstui df`."""

import re
from collections.abc import Callable

import click

from dstui.cli.exits import FAILED, complain
from dstui.cli.invocation import Invocation, pass_invocation, write_lines
from dstui.cli.json_output import print_json
from dstui.cli.tables import print_table
from dstui.domain.engine import DataRootUse
from dstui.domain.quantity import parse_quantity
from dstui.render.cleanup_json import disk_content
from dstui.render.disk import COLUMNS, disk_rows, root_words
from dstui.render.units import decimal_bytes

_SIZE = re.compile(r"\d+(?:\.\d+)?\s*(?:[kmgtp]i?b?|b)?", re.IGNORECASE)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_TEXT_COLUMNS = ("kind", "count", "bytes", "back", "note")


class Size:
    """So many bytes, or so great a share."""

    def __init__(self, text: str, count: int = 0, share: float | None = None) -> None:
        self.text = text
        self._count = count
        self._share = share

    def of(self, whole: int) -> int:
        """In bytes."""
        return self._count if self._share is None else int(self._share * whole)


def read_size(shares: bool = False) -> Callable[..., Size | None]:
    """Reads an option: a number of bytes, such as `50GB`; with `shares` also `10%` of the whole."""

    def read(context: click.Context, parameter: click.Parameter, text: str | None) -> Size | None:
        if text is None:
            return None
        share = _SHARE.fullmatch(text.strip()) if shares else None
        if share and float(share[1]) <= 100:
            return Size(text, share=float(share[1]) / 100)
        count = parse_quantity(text) if _SIZE.fullmatch(text.strip()) else None
        if count is None:
            like = "50GB or 10%" if shares else "50GB"
            raise click.BadParameter(f"{text!r} is no size: write {like}")
        return Size(text, count=int(count))

    return read


@click.command("df")
@click.option("--json", "as_json", is_flag=True, help="One object; see docs/json.md.")
@click.option(
    "--fail-under-free",
    callback=read_size(shares=True),
    metavar="SIZE",
    help="Exit with 1 when the engine's disk has less free than this: 10% or 50GB.",
)
@pass_invocation
def df(invocation: Invocation, as_json: bool, fail_under_free: Size | None) -> None:
    """What fills the engine's disk, shared layers once, and what of it could come back."""
    with invocation.connected() as (session, info):
        report = session.disk_usage_report()
    if as_json:
        print_json(info, **disk_content(report))
    else:
        print_table(
            [column for column in COLUMNS if column.key in _TEXT_COLUMNS], disk_rows(report)
        )
        if report.data_root:
            write_lines(["", root_words(report.data_root)])
        for note in report.notes:
            complain(note)
    if fail_under_free and not _enough(report.data_root, fail_under_free):
        raise click.exceptions.Exit(FAILED)


def _enough(root: DataRootUse | None, wanted: Size) -> bool:
    """A disk that cannot be seen is no proof of anything: that fails too."""
    if root is None:
        complain("the engine's disk cannot be seen from here: whether it is full is not known")
        return False
    least = wanted.of(root.total_bytes)
    if root.free_bytes >= least:
        return True
    complain(
        f"{root.path} has {decimal_bytes(root.free_bytes)} free of "
        f"{decimal_bytes(root.total_bytes)}, less than {wanted.text}"
    )
    return False
