"""Whether the images of a plan could be pulled again, as far as their registries said."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dstui.domain.cleanup.plan import Plan, Recovery, Row
from dstui.domain.kind import Kind
from dstui.domain.registry_answer import RegistryAnswer

_NOT_ASKED = "not asked yet"
_SAVE_IT = "save or push it first"


def image_recovery(
    digests: Sequence[str], answer: RegistryAnswer | None = None
) -> tuple[Recovery, str]:
    """How an image is to be got back. Without its registry's `answer` a digest proves nothing."""
    if not digests:
        return Recovery.LOST, f"in no registry that is known here: {_SAVE_IT}"
    answer = answer or RegistryAnswer(None, digests[0], _NOT_ASKED)
    if answer.has:
        return Recovery.PULL, f"docker pull {answer.reference}"
    if answer.has is None:
        tried = answer.reference or digests[0]
        return Recovery.MAYBE, f"docker pull {tried}, if its registry has it ({answer.why})"
    return Recovery.LOST, f"{answer.why}: {_SAVE_IT}"


def with_answers(plan: Plan, answers: Mapping[str, RegistryAnswer]) -> Plan:
    """The plan with what registries answered, by the ids of the images."""
    return replace(plan, rows=tuple(_with_answer(row, answers) for row in plan.rows))


def _with_answer(row: Row, answers: Mapping[str, RegistryAnswer]) -> Row:
    answer = answers.get(row.id) if row.kind is Kind.IMAGE else None
    if answer is None:
        return row
    recovery, words = image_recovery((answer.reference,) if answer.reference else (), answer)
    return replace(row, recovery=recovery, recovery_words=words)
