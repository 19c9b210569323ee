"""Images: dangling, superseded by a newer one of their repository, or used by nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime

from dstui.domain.action import short_id
from dstui.domain.container import Container
from dstui.domain.image import Image
from dstui.domain.kind import Kind
from dstui.domain.owner import Owner
from dstui.domain.staleness.facts import CleanupFacts
from dstui.domain.staleness.thresholds import DAY_S, Thresholds
from dstui.domain.staleness.verdict import Kept, Rule, Stale, Verdict
from dstui.domain.staleness.words import age_s, ago, listed

Newest = Mapping[str, Image]
"""The newest image that has a tag in each repository."""


def image_name(image: Image) -> str:
    """Its first reference, or its short id."""
    return image.references[0] if image.references else short_id(image.id)


def newest_of_repositories(facts: CleanupFacts) -> Newest:
    """By repository, going by the date of the build."""
    newest: dict[str, Image] = {}
    for image in facts.images:
        for repository in {_repository(name) for name in image.references}:
            best = newest.get(repository)
            if best is None or _when(image) > _when(best):
                newest[repository] = image
    return newest


def judge_image(
    image: Image,
    facts: CleanupFacts,
    thresholds: Thresholds,
    users: tuple[Container, ...],
    goes: Callable[[Container], bool],
    newest: Newest,
    owner: Owner | None,
) -> Verdict:
    """Whether it is stale; `goes` tells of a container that it is going to be removed."""
    name = image_name(image)
    staying = [user.name for user in users if not goes(user)]
    if staying:
        return Kept(Kind.IMAGE, image.id, name, f"used by container {listed(staying)}")
    built, arrived = image.created, facts.tagged.get(image.id)
    # a fresh pull of an old build is no old image
    age = age_s(max(filter(None, (built, arrived)), default=None), facts.now)
    rule, days, words = _rule(image, thresholds, newest)
    words = _used_words(users) if not words else f"{words}, {_used_words(users)}"
    when = f"built {ago(age_s(built, facts.now))}"
    if arrived is not None and (built is None or arrived > built):
        when += f", last pulled or tagged {ago(age_s(arrived, facts.now))}"
    if age is None:
        return Kept(Kind.IMAGE, image.id, name, f"{words}, but its age is not known")
    if age < days * DAY_S:
        return Kept(Kind.IMAGE, image.id, name, f"{words}, {when}; stale after {days:g} days")
    return Stale(Kind.IMAGE, image.id, name, rule, f"{words}, {when}", age, owner)


def _rule(image: Image, thresholds: Thresholds, newest: Newest) -> tuple[Rule, float, str]:
    if by := _superseded_by(image, newest):
        words = f"superseded by {image_name(by)}"
        return Rule.SUPERSEDED, thresholds.superseded_days, words
    if image.dangling:
        return Rule.DANGLING, thresholds.dangling_days, "no reference points to it"
    return Rule.UNUSED_IMAGE, thresholds.image_days, ""


def _superseded_by(image: Image, newest: Newest) -> Image | None:
    """The newer image, where every repository that this one is of has one.

    An untagged rebuild is known by the repository of its digests.
    """
    names = image.references or image.digests
    found = [newest.get(_repository(name)) for name in names]
    if not found or any(other is None or _when(other) <= _when(image) for other in found):
        return None
    return found[0]


def _used_words(users: tuple[Container, ...]) -> str:
    if not users:
        return "no container uses it"
    return f"used only by {listed([user.name for user in users])}, stale too"


def _repository(reference: str) -> str:
    name = reference.partition("@")[0]
    path, _, last = name.rpartition("/")
    return f"{path}/{last.partition(':')[0]}".lstrip("/")


def _when(image: Image) -> float:
    created: datetime | None = image.created
    return created.timestamp() if created else 0.0
