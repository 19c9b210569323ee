"""Which images can serve a debug shell, and which of them first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from dstui.domain.reference import Reference, check

KNOWN_TOOLS = ("netshoot", "busybox", "toolbox", "alpine", "toybox", "debian", "ubuntu", "fedora")
"""Names of images that are made to look around with, or are little more than a shell."""

_SHELL_PROGRAM = re.compile(r"(?:.*/)?(?:ba|da|a|z|k|fi)?sh")
_RUN_BY_A_SHELL = re.compile(r"(?:RUN )?(?:\|\d+ .*?)?(?:/usr)?/bin/\w*sh (?!-c #\(nop\))")


class Evidence(IntEnum):
    """Why an image is thought to have a shell, the best first."""

    TOOLS = 0
    STARTS_ONE = 1
    BUILT_WITH_ONE = 2
    NONE = 3

    @property
    def words(self) -> str:
        """For a person who chooses."""
        return _WORDS[self]


_WORDS = {
    Evidence.TOOLS: "small, with tools",
    Evidence.STARTS_ONE: "starts a shell",
    Evidence.BUILT_WITH_ONE: "was built with a shell",
    Evidence.NONE: "may have no shell",
}


@dataclass(frozen=True, slots=True)
class DebugImage:
    """An image of the engine by its reference."""

    reference: str
    size_bytes: int
    evidence: Evidence


def shell_evidence(reference: str, program: Sequence[str], steps: Iterable[str]) -> Evidence:
    """What speaks for a shell: the name, the program it starts, the steps that built it.

    `program` is entrypoint and command; `steps` are the `CreatedBy` of its history.
    """
    named = check(reference)
    if isinstance(named, Reference) and named.path.rpartition("/")[2] in KNOWN_TOOLS:
        return Evidence.TOOLS
    if program and _SHELL_PROGRAM.fullmatch(program[0]):
        return Evidence.STARTS_ONE
    if any(_RUN_BY_A_SHELL.match(step) for step in steps):
        return Evidence.BUILT_WITH_ONE
    return Evidence.NONE


def best_first(images: Iterable[DebugImage]) -> tuple[DebugImage, ...]:
    """In the order in which to offer them: by evidence, then the smallest."""
    return tuple(sorted(images, key=lambda i: (i.evidence, i.size_bytes, i.reference)))
