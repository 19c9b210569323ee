"""An image's history as rows: the size of each step, its share, and the Dockerfile instruction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dstui.domain.image import HistoryEntry
from dstui.domain.text import clean
from dstui.render.column import Cell, Column, Role
from dstui.render.units import decimal_bytes, percent

BAR_WIDTH = 12
_EIGHTHS = " ▏▎▍▌▋▊▉"

_SHELL = re.compile(r"(?:/usr)?/bin/\w*sh (?:-o \w+ |-\w+ )*?-\w*c ")
_NOP = re.compile(r"#\(nop\)\s*")
_BUILD_ARGS = re.compile(r"\|(\d+) ")
_SETTING = re.compile(r"(?<!\S)[A-Za-z_]\w*=")
_METADATA = frozenset(
    {"ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD"}
    | {"SHELL", "STOPSIGNAL", "USER", "VOLUME"}
)
"""Instructions that never make a layer. A `RUN` or `WORKDIR` of size 0 may make one."""
_INSTRUCTIONS = _METADATA | {"ADD", "COPY", "FROM", "RUN", "WORKDIR"}


@dataclass(frozen=True, slots=True)
class Instruction:
    """A step in the words of a Dockerfile; `build_args` are the ones that a `RUN` could see."""

    keyword: str
    arguments: str
    build_args: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.keyword} {self.arguments}".strip()


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One step. `number` counts from the base up, `share` is of the whole image (0 to 1).

    `empty` is a step that only sets metadata. The API does not say which steps made a layer: a
    step of size 0 that could have made one counts as one.
    """

    number: int
    entry: HistoryEntry
    instruction: Instruction
    share: float
    empty: bool


def layer_rows(history: Sequence[HistoryEntry]) -> tuple[LayerRow, ...]:
    """The steps, newest first, as the engine tells them."""
    total = sum(entry.size_bytes for entry in history)
    rows = []
    for place, entry in enumerate(history):
        instruction = read_instruction(entry.created_by)
        rows.append(
            LayerRow(
                number=len(history) - place,
                entry=entry,
                instruction=instruction,
                share=entry.size_bytes / total if total else 0.0,
                empty=entry.size_bytes == 0 and instruction.keyword in _METADATA,
            )
        )
    return tuple(rows)


def read_instruction(created_by: str) -> Instruction:
    """The instruction behind `created_by`, from the classic builder, BuildKit or another."""
    text = clean(created_by.removesuffix("# buildkit")).strip()
    keyword, _, rest = text.partition(" ")
    if keyword not in _INSTRUCTIONS:
        keyword, rest = "", text
    if nop := _NOP.search(rest):
        return read_instruction(rest[nop.end() :])
    if keyword not in ("", "RUN"):
        return Instruction(keyword, rest.strip())
    arguments, build_args = _split_build_args(rest.strip())
    shell = _SHELL.match(arguments)
    if not keyword and not shell and not build_args:
        return Instruction("", text)
    return Instruction("RUN", arguments[shell.end() if shell else 0 :].strip(), build_args)


def _split_build_args(text: str) -> tuple[str, tuple[str, ...]]:
    """Take `|2 A=1 B=two words /bin/sh -c …` apart; values may hold spaces, names may not."""
    counted = _BUILD_ARGS.match(text)
    if counted is None:
        return text, ()
    count, rest = int(counted[1]), text[counted.end() :]
    shell = _SHELL.search(rest)
    if shell is None:  # nothing marks where the last value ends: take each for one word
        words = rest.split(" ")
        return " ".join(words[count:]), tuple(words[:count])
    settings = rest[: shell.start()]
    starts = [found.start() for found in _SETTING.finditer(settings)][:count]
    ends = pairwise([*starts, len(settings)])
    args = tuple(settings[start:end].strip() for start, end in ends)
    return rest[shell.start() :], args


def bar(share: float, width: int = BAR_WIDTH) -> str:
    """A bar of eighth blocks; anything above nothing shows at least a sliver."""
    eighths = round(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, part = divmod(min(eighths, width * 8), 8)
    return "█" * full + (_EIGHTHS[part] if part else "")


LAYER_COLUMNS: tuple[Column[LayerRow], ...] = (
    Column(
        "number",
        "#",
        cell=lambda row: Cell(str(row.number), Role.MUTED),
        sort=lambda row: row.number,
        min_width=2,
        max_width=4,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "size",
        "SIZE",
        cell=lambda row: Cell(
            decimal_bytes(row.entry.size_bytes), Role.NUMBER if row.entry.size_bytes else Role.MUTED
        ),
        sort=lambda row: row.entry.size_bytes,
        min_width=7,
        max_width=8,
        right=True,
        descending=True,
        searched=False,
    ),
    Column(
        "share",
        "SHARE",
        cell=lambda row: Cell(percent(100 * row.share) if row.share else ""),
        sort=lambda row: row.share,
        min_width=6,
        max_width=6,
        priority=2,
        right=True,
        descending=True,
        searched=False,
        help="Of the sum of all layers of this image",
    ),
    Column(
        "bar",
        "",
        cell=lambda row: Cell(bar(row.share), Role.ACCENT),
        sort=lambda row: row.share,
        min_width=BAR_WIDTH,
        max_width=BAR_WIDTH,
        priority=1,
        descending=True,
        searched=False,
    ),
    Column(
        "instruction",
        "INSTRUCTION",
        cell=lambda row: Cell(str(row.instruction), Role.MUTED if row.empty else Role.NORMAL),
        sort=lambda row: str(row.instruction),
        min_width=20,
        max_width=2000,
        flexible=True,
    ),
)
