"""Rows of a plan from what was found stale."""

from dataclasses import replace

from dstui.domain.cleanup.plan import Recovery, Row
from dstui.domain.cleanup.pulling import image_recovery
from dstui.domain.kind import Kind
from dstui.domain.lineage import along
from dstui.domain.quantity import decimal_bytes
from dstui.domain.seen import Seen, seen
from dstui.domain.staleness.facts import CleanupFacts
from dstui.domain.staleness.judge import Judgement
from dstui.domain.staleness.verdict import Rule, Stale

_ROOT = ("root", "0")


class Candidates:
    """Makes the rows; `me` are the names that the user goes by."""

    def __init__(self, facts: CleanupFacts, me: frozenset[str]) -> None:
        self._facts = facts
        self._me = me
        self._containers = {found.id: found for found in facts.containers}
        self._images = {found.id: found for found in facts.images}
        self._volumes = {found.name: found for found in facts.volumes}
        self._networks = {found.id: found for found in facts.networks}
        self._records = {found.id: found for found in facts.build_cache}

    def rows(self, judgement: Judgement) -> tuple[Row, ...]:
        """A row for each stale object; not ticked are volumes, running containers and what is
        somebody else's.
        """
        images = {stale.id for stale in judgement.stale if stale.kind is Kind.IMAGE}
        return tuple(self._row(stale, judgement, images) for stale in judgement.stale)

    def size(self, kind: Kind, identifier: str) -> int | None:
        """The bytes of anything but an image, `None` if not known."""
        match kind:
            case Kind.CONTAINER:
                writable = self._facts.disk.writable_bytes.get(identifier)
                log = self._facts.log_bytes.get(identifier, 0)
                return None if writable is None else writable + log
            case Kind.VOLUME:
                return self._facts.disk.volume_bytes.get(identifier)
            case Kind.BUILD_CACHE:
                record = self._records[identifier]
                return 0 if record.shared else record.size_bytes
        return 0

    def _row(self, stale: Stale, judgement: Judgement, images: set[str]) -> Row:
        others = self._somebody_elses(stale)
        users = judgement.users.get(stale.key, ())
        idle = stale.rule is Rule.IDLE
        recovery, words = self._recovery(stale)
        parents = self._facts.lineage.goes_along(stale.id, images) if stale.id in images else ()
        return Row(
            stale.kind,
            stale.id,
            stale.name,
            stale.rule,
            stale.reason + along(parents),
            self._seen(stale),
            owner=stale.owner.name if stale.owner else None,
            owner_evidence=stale.owner.evidence if stale.owner else "",
            others=others,
            age_s=stale.age_s,
            ticked=not others and not idle and stale.kind is not Kind.VOLUME,
            needs_force=idle,
            after=tuple((Kind.CONTAINER, user.id) for user in users),
            parents=parents,
            recovery=recovery,
            recovery_words=words,
        )

    def _somebody_elses(self, stale: Stale) -> bool:
        """Running as root names nobody: that is the default."""
        owner = stale.owner
        if owner is None or owner.name in self._me:
            return False
        return not (owner.name in _ROOT and owner.evidence.endswith("runs as this user"))

    def _seen(self, stale: Stale) -> Seen:
        match stale.kind:
            case Kind.CONTAINER:
                return seen(self._containers[stale.id])
            case Kind.IMAGE:
                tagged = self._facts.tagged.get(stale.id)
                return replace(seen(self._images[stale.id]), tagged=tagged, inspected=True)
            case Kind.VOLUME:
                return seen(self._volumes[stale.id])
            case Kind.NETWORK:
                return seen(self._networks[stale.id])
            case _:
                record = self._records[stale.id]
                return Seen(created=record.created, last_used=record.last_used)

    def _recovery(self, stale: Stale) -> tuple[Recovery, str]:
        match stale.kind:
            case Kind.CONTAINER:
                return _container_recovery(self._facts.disk.writable_bytes.get(stale.id))
            case Kind.IMAGE:
                return image_recovery(self._images[stale.id].digests)
            case Kind.VOLUME:
                return Recovery.LOST, "its data is lost: export it first"
            case Kind.NETWORK:
                return Recovery.REMAKE, "docker network create makes it again"
        return Recovery.REMAKE, "the next build makes it again"


def _container_recovery(writable: int | None) -> tuple[Recovery, str]:
    if writable == 0:
        return Recovery.REMAKE, "nothing was written in it: docker run makes it again"
    size = "of unknown size" if writable is None else f"({decimal_bytes(writable)})"
    words = f"its writable layer {size} is lost: docker commit or docker export it first"
    return Recovery.LOST, words
