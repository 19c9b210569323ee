"""Volumes, networks and records of the build cache that nothing uses."""

from collections.abc import Callable

from dstui.domain.action import short_id
from dstui.domain.container import Container
from dstui.domain.kind import Kind
from dstui.domain.network import Network
from dstui.domain.owner import Owner
from dstui.domain.staleness.facts import BuildRecord, CleanupFacts
from dstui.domain.staleness.thresholds import DAY_S, Thresholds
from dstui.domain.staleness.verdict import Kept, Rule, Stale, Verdict
from dstui.domain.staleness.words import age_s, ago, listed
from dstui.domain.volume import Volume

Goes = Callable[[Container], bool]
"""Whether a container is going to be removed."""


def judge_volume(
    volume: Volume,
    facts: CleanupFacts,
    thresholds: Thresholds,
    users: tuple[Container, ...],
    goes: Goes,
    owner: Owner | None,
) -> Verdict:
    """Whether it is stale. The engine does not tell when a volume was last used."""
    kept = _still_used(Kind.VOLUME, volume.name, volume.name, users, goes)
    if kept is None and volume.driver not in ("local", ""):
        why = f"driver {volume.driver} may keep its data elsewhere"
        kept = Kept(Kind.VOLUME, volume.name, volume.name, why)
    what = "anonymous, " if volume.anonymous else ""
    age = age_s(volume.created, facts.now)
    reason = f"{what}{_used_words(users)}, created {ago(age)}, last use unknown"
    if kept is None and (age is None or age < thresholds.volume_days * DAY_S):
        why = f"{reason}; stale after {thresholds.volume_days:g} days"
        kept = Kept(Kind.VOLUME, volume.name, volume.name, why)
    return kept or Stale(
        Kind.VOLUME, volume.name, volume.name, Rule.UNUSED_VOLUME, reason, age, owner
    )


def judge_network(
    network: Network,
    facts: CleanupFacts,
    thresholds: Thresholds,
    users: tuple[Container, ...],
    goes: Goes,
    owner: Owner | None,
) -> Verdict:
    """Whether it is stale."""
    kept = _still_used(Kind.NETWORK, network.id, network.name, users, goes)
    if kept is None and (network.predefined or network.scope != "local"):
        why = "one of the engine's own" if network.predefined else f"a {network.scope} network"
        kept = Kept(Kind.NETWORK, network.id, network.name, why)
    age = age_s(network.created, facts.now)
    reason = f"{_used_words(users)}, created {ago(age)}"
    if kept is None and (age is None or age < thresholds.network_days * DAY_S):
        why = f"{reason}; stale after {thresholds.network_days:g} days"
        kept = Kept(Kind.NETWORK, network.id, network.name, why)
    return kept or Stale(
        Kind.NETWORK, network.id, network.name, Rule.UNUSED_NETWORK, reason, age, owner
    )


def judge_record(record: BuildRecord, facts: CleanupFacts, thresholds: Thresholds) -> Verdict:
    """Whether a record of the build cache is stale."""
    name = record.description or short_id(record.id)
    age = age_s(record.last_used or record.created, facts.now)
    reason = f"last used {ago(age)}" if record.last_used else f"not used since created {ago(age)}"
    why = ""
    if record.in_use:
        why = "in use by a build"
    elif not facts.records_removable:
        why = f"{reason}; this engine cannot remove single records of the build cache"
    elif age is None or age < thresholds.build_cache_days * DAY_S:
        why = f"{reason}; stale after {thresholds.build_cache_days:g} days"
    if why:
        return Kept(Kind.BUILD_CACHE, record.id, name, why)
    return Stale(Kind.BUILD_CACHE, record.id, name, Rule.BUILD_CACHE, reason, age)


def _still_used(
    kind: Kind, identifier: str, name: str, users: tuple[Container, ...], goes: Goes
) -> Kept | None:
    staying = [user.name for user in users if not goes(user)]
    return Kept(kind, identifier, name, f"used by {listed(staying)}") if staying else None


def _used_words(users: tuple[Container, ...]) -> str:
    if not users:
        return "no container uses it"
    return f"used only by {listed([user.name for user in users])}, stale too"
