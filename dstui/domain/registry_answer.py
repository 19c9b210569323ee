"""Whether an image could be pulled again: nothing but the answer of its registry is proof.

A digest is none. BuildKit, the containerd store and podman give digests to images that were never
pushed, and a registry may have dropped what was pulled from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dstui.domain.reference import HUB, Reference
from dstui.domain.refusals import refusal
from dstui.domain.transfer import RefusedBy

_OFFICIAL = "library/"
_DENIED = "denied"


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """What a registry said of a digest.

    `has` is `None` where that is not known. `reference` is the digest with its name, `why` says
    what stands against it, `reachable` whether the registry said anything.
    """

    has: bool | None
    reference: str = ""
    why: str = ""
    reachable: bool = True


def refused(
    reference: Reference, words: str, logged_in: bool = False, login_problem: str = ""
) -> RegistryAnswer:
    """What it means that the engine could not find a digest, in these words of its.

    Docker Hub denies an official image that it has not; elsewhere a denial may hide an image.
    """
    found = refusal(words, reference.domain, logged_in, login_problem)
    official = reference.domain == HUB and reference.path.startswith(_OFFICIAL)
    missing = found.by is RefusedBy.NAME or (official and _DENIED in words.lower())
    if missing:
        return RegistryAnswer(False, reference.familiar, f"{reference.domain} does not have it")
    reachable = found.by is not RefusedBy.NETWORK
    return RegistryAnswer(None, reference.familiar, found.cause or words, reachable)


def together(answers: Iterable[RegistryAnswer]) -> RegistryAnswer:
    """What several digests of one image come to: one that is there is enough."""
    ranked = sorted(answers, key=lambda answer: (True, None, False).index(answer.has))
    return ranked[0] if ranked else RegistryAnswer(False, why="it has no digest of a registry")
