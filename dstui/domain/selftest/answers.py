"""What a probe answers, and what is said when it did not get to its answer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dstui.domain.cuda_result import cuda_error
from dstui.domain.foreign_json import ForeignJsonError, read_json
from dstui.domain.selftest.step import Layer, StepResult, failed
from dstui.domain.text import clean

Answer = dict[str, Any]

_MARK = "dstui:"
_LAST_WORDS = 2000
_HOST_CODES = (802,)
"""Results of CUDA that are the host's fault, wherever they are seen."""


class Ran(NamedTuple):
    """A command that has ended."""

    exit_code: int | None
    output: str
    """Standard output and standard error, as they came."""

    @property
    def last_words(self) -> str:
        """The end of the output, as one line."""
        return clean(self.output.strip()[-_LAST_WORDS:])


def answers(output: str) -> Iterator[Answer]:
    """The lines of JSON that a probe wrote, among whatever libraries write."""
    for line in output.splitlines():
        if line.startswith(_MARK):
            try:
                told = read_json(line.removeprefix(_MARK))
            except ForeignJsonError:
                continue
            if isinstance(told, dict):
                yield told


def one(answers: Sequence[Answer], key: str) -> Answer:
    """The first answer that has a key; empty without one."""
    return next((answer for answer in answers if key in answer), {})


def stopped_short(ran: Ran) -> StepResult:
    """The probe ended without its answer: it crashed, or was ended by its limit."""
    how = f"exit code {ran.exit_code}" if ran.exit_code is not None else "no exit code"
    if ran.exit_code == 142:  # 128 + SIGALRM
        return failed("it hangs: ended by its time limit", "a call into the driver does not return")
    return failed(f"the probe ended with {how}: {ran.last_words or 'no output'}")


def by_code(told: Answer, ran: Ran, granted: bool, tells: Answer) -> StepResult:
    """What the code of a call of CUDA means, as far as the surroundings tell."""
    code = told.get("code")
    if not isinstance(code, int):
        return stopped_short(ran)
    evidence = f"{clean(str(told.get('call')))} answers {cuda_error(code)}"
    blames = Layer.HOST if code in _HOST_CODES else None
    hidden = mapping_of(tells, "environment").get("CUDA_VISIBLE_DEVICES")
    if code == 100 and hidden is not None:
        return failed(
            f"{evidence}; CUDA_VISIBLE_DEVICES={clean(str(hidden))}",
            "the variable hides the GPUs: inside a container they are counted from 0 again",
            "unset CUDA_VISIBLE_DEVICES, or count from 0",
        )
    if code == 100 and not granted:
        return failed(evidence, "the container was given no GPU", "create it with --gpus")
    return failed(evidence, blames=blames)


def mapping_of(answer: Answer, key: str) -> Mapping[str, Any]:
    """An object within an answer."""
    found = answer.get(key)
    return found if isinstance(found, dict) else {}
