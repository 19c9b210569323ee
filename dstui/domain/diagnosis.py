"""What the messages of engines, drivers and frameworks about GPUs mean, and what to do."""

import re
from dataclasses import dataclass
from functools import cache

from dstui.domain.data import rows
from dstui.domain.remedies import Remedy, remedy


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A known message: where it arises, its cause and its fix."""

    where: str
    cause: str
    fix: str


def diagnose(message: str) -> Diagnosis | None:
    """What is known of a message about a GPU; the first entry of the table that matches."""
    for pattern, diagnosis in _table():
        if _compiled(pattern).search(message):
            return diagnosis
    return None


def remedy_of(message: str) -> Remedy:
    """Cause and fix of an engine's refusal, both empty for one that is not known.

    What NVIDIA's hooks say quotes refusals of a general kind, so their own table comes first.
    """
    about_gpus = _HOOK_WORDS.search(message) is not None
    known = diagnose(message) if about_gpus else None
    if known is None and (general := remedy(message)) is not None:
        return general
    known = known or diagnose(message)
    return Remedy(known.cause, known.fix) if known else Remedy()


_HOOK_WORDS = re.compile(r"nvidia-container|bpf_prog_query|device rules")


@cache
def _table() -> tuple[tuple[str, Diagnosis], ...]:
    return tuple(
        (row["pattern"], Diagnosis(row["where"], row["cause"], row["fix"]))
        for row in rows("gpu_errors")
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
