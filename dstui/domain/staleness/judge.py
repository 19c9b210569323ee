"""All objects of an engine against all rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dstui.domain.container import Container
from dstui.domain.kind import Kind
from dstui.domain.owner import DEFAULT_LABELS, Owner, owner_of
from dstui.domain.staleness.container_rules import judge_container, too_large
from dstui.domain.staleness.facts import CleanupFacts
from dstui.domain.staleness.image_rules import judge_image, newest_of_repositories
from dstui.domain.staleness.keep import protection
from dstui.domain.staleness.other_rules import judge_network, judge_record, judge_volume
from dstui.domain.staleness.thresholds import Thresholds
from dstui.domain.staleness.verdict import Kept, Key, Rule, Stale, Verdict
from dstui.domain.used_by import UsedBy, by_image, by_network, by_volume


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is stale, what stays and why, and what is worth a look."""

    stale: tuple[Stale, ...]
    kept: tuple[Kept, ...]
    advice: tuple[Stale, ...]
    users: Mapping[Key, tuple[Container, ...]]
    """Which containers use an object that is stale."""


def judge(
    facts: CleanupFacts, thresholds: Thresholds, owner_labels: Iterable[str] = DEFAULT_LABELS
) -> Judgement:
    """A verdict on each object. An image, volume or network goes only if all its users go."""
    return _Court(facts, thresholds, tuple(owner_labels)).judgement()


class _Court:
    def __init__(
        self, facts: CleanupFacts, thresholds: Thresholds, owner_labels: tuple[str, ...]
    ) -> None:
        self._facts = facts
        self._thresholds = thresholds
        self._labels = owner_labels
        self._owners = {found.id: owner_of(found, owner_labels) for found in facts.containers}
        self._going: set[str] = set()
        self._users: dict[Key, tuple[Container, ...]] = {}

    def judgement(self) -> Judgement:
        containers = [self._container(found) for found in self._facts.containers]
        self._going = {
            verdict.id
            for verdict in containers
            if isinstance(verdict, Stale) and verdict.rule is not Rule.IDLE
        }
        verdicts = [
            *containers,
            *self._without_parents_of_kept(list(self._images())),
            *self._volumes(),
            *self._networks(),
            *self._records(),
        ]
        stale = tuple(verdict for verdict in verdicts if isinstance(verdict, Stale))
        gone = {verdict.id for verdict in stale if verdict.kind is Kind.CONTAINER}
        return Judgement(
            stale,
            tuple(verdict for verdict in verdicts if isinstance(verdict, Kept)),
            tuple(self._advice(gone)),
            {found.key: self._users[found.key] for found in stale if found.key in self._users},
        )

    def _container(self, container: Container) -> Verdict:
        owner = self._owners[container.id]
        verdict = judge_container(container, self._facts, self._thresholds, owner)
        return self._protected(verdict, container.labels)

    def _advice(self, gone: set[str]) -> Iterable[Stale]:
        for container in self._facts.containers:
            if container.id not in gone:
                owner = self._owners[container.id]
                yield from too_large(container, self._facts, self._thresholds, owner)

    def _images(self) -> Iterable[Verdict]:
        used, newest = by_image(self._facts.containers), newest_of_repositories(self._facts)
        for image in self._facts.images:
            users = self._used(Kind.IMAGE, image.id, used, image.id)
            owner = self._owner(image.labels, users)
            verdict = judge_image(
                image, self._facts, self._thresholds, users, self._goes, newest, owner
            )
            yield self._protected(verdict, image.labels, image.references)

    def _volumes(self) -> Iterable[Verdict]:
        used = by_volume(self._facts.containers)
        for volume in self._facts.volumes:
            users = self._used(Kind.VOLUME, volume.name, used, volume.name)
            owner = self._owner(volume.labels, users)
            verdict = judge_volume(volume, self._facts, self._thresholds, users, self._goes, owner)
            yield self._protected(verdict, volume.labels)

    def _networks(self) -> Iterable[Verdict]:
        used = by_network(self._facts.containers)
        for network in self._facts.networks:
            users = self._used(Kind.NETWORK, network.id, used, network.name)
            owner = self._owner(network.labels, users)
            verdict = judge_network(
                network, self._facts, self._thresholds, users, self._goes, owner
            )
            yield self._protected(verdict, network.labels)

    def _records(self) -> Iterable[Verdict]:
        """A record stays if one that was made from it does: the engine holds it for that one."""
        records = {record.id: record for record in self._facts.build_cache}
        verdicts = {
            identifier: self._protected(judge_record(record, self._facts, self._thresholds), {})
            for identifier, record in records.items()
        }
        waiting = [name for name, verdict in verdicts.items() if isinstance(verdict, Kept)]
        while waiting:
            for parent in records[waiting.pop()].parents:
                verdict = verdicts.get(parent)
                if isinstance(verdict, Stale):
                    why = "another record that stays is made from it"
                    verdicts[parent] = Kept(Kind.BUILD_CACHE, parent, verdict.name, why)
                    waiting.append(parent)
        return verdicts.values()

    def _without_parents_of_kept(self, verdicts: list[Verdict]) -> Iterable[Verdict]:
        """The engine keeps an image that the classic builder built one that stays on."""
        needed: dict[str, str] = {}
        for verdict in verdicts:
            if isinstance(verdict, Kept):
                ancestor = self._facts.lineage.parents.get(verdict.id)
                while ancestor and ancestor not in needed:
                    needed[ancestor] = verdict.name
                    ancestor = self._facts.lineage.parents.get(ancestor)
        for verdict in verdicts:
            if isinstance(verdict, Stale) and verdict.id in needed:
                why = f"{needed[verdict.id]} is built on it"
                yield Kept(Kind.IMAGE, verdict.id, verdict.name, why)
            else:
                yield verdict

    def _goes(self, container: Container) -> bool:
        return container.id in self._going

    def _used(self, kind: Kind, identifier: str, used: UsedBy, by: str) -> tuple[Container, ...]:
        users = used.get(by, ())
        if users:
            self._users[(kind, identifier)] = users
        return users

    def _owner(self, labels: Mapping[str, str], users: Iterable[Container]) -> Owner | None:
        for label in self._labels:
            if value := labels.get(label, "").strip():
                return Owner(value, f"label {label}")
        for user in users:
            if owner := self._owners[user.id]:
                return Owner(owner.name, f"{user.name} uses it: {owner.evidence}")
        return None

    def _protected(
        self, verdict: Verdict, labels: Mapping[str, str], names: tuple[str, ...] = ()
    ) -> Verdict:
        if isinstance(verdict, Kept):
            return verdict
        owner = verdict.owner.name if verdict.owner else None
        why = protection(
            names or (verdict.name,), labels, owner, self._thresholds.keep, self._facts.now
        )
        if why is None:
            return verdict
        return Kept(verdict.kind, verdict.id, verdict.name, why, True, verdict.rule)
