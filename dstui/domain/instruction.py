"""The steps of an image's history in the words of a Dockerfile."""

import re
from dataclasses import dataclass
from itertools import pairwise

from dstui.domain.text import clean

_SHELL = re.compile(r"(?:/usr)?/bin/\w*sh (?:-o \w+ |-\w+ )*?-\w*c ")
_NOP = re.compile(r"#\(nop\)\s*")
_BUILD_ARGS = re.compile(r"\|(\d+) ")
_SETTING = re.compile(r"(?<!\S)[A-Za-z_]\w*=")
METADATA = frozenset(
    {"ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD"}
    | {"SHELL", "STOPSIGNAL", "USER", "VOLUME"}
)
"""Instructions that never make a layer. A `RUN` or `WORKDIR` of size 0 may make one."""
_INSTRUCTIONS = METADATA | {"ADD", "COPY", "FROM", "RUN", "WORKDIR"}


@dataclass(frozen=True, slots=True)
class Instruction:
    """A step in the words of a Dockerfile; `build_args` are the ones that a `RUN` could see."""

    keyword: str
    arguments: str
    build_args: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.keyword} {self.arguments}".strip()


def read_instruction(created_by: str) -> Instruction:
    """The instruction behind `created_by`, from the classic builder, BuildKit or another."""
    text = clean(created_by, len(created_by) + 1).removesuffix("# buildkit").strip()
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
