"""Tables on standard output: fitted to a terminal, whole for anything else."""

import shutil
import sys
from collections.abc import Sequence

from dstui.cli.invocation import colored, write_lines
from dstui.render import text
from dstui.render.column import Column, RowT


def print_table(columns: Sequence[Column[RowT]], rows: Sequence[RowT], fit: bool = True) -> None:
    """Print the rows under their headings; without `fit` nothing is cut."""
    width = shutil.get_terminal_size().columns if fit and sys.stdout.isatty() else None
    write_lines(text.table(columns, rows, width, colored()))
