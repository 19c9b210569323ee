"""Strategies for tags: what a tag says of what is in an image."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dstui.domain.mended import mended_tag

DIRTY = "-dirty"
HASH_DIGITS = 12
"""How much of a hash a tag shows: enough to tell all images of a project apart."""

_SEMVER = re.compile(
    r"v?(?P<major>0|[1-9]\d{0,17})\.(?P<minor>0|[1-9]\d{0,17})\.(?P<patch>0|[1-9]\d{0,17})"
    r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


class TagBy(StrEnum):
    """The strategies; the values are the words of the command line."""

    TREE = "tree"
    """The content of a directory under git: the same source, the same tag, whoever commits it."""
    COMMIT = "commit"
    DESCRIBE = "describe"
    """The last git tag and the way from it, as `git describe` writes it."""
    SEMVER = "semver"
    """The version after the last one that git has a tag for."""
    DATE = "date"
    DIGEST = "digest"
    """The id of the image: the digest of its content."""


class Bump(StrEnum):
    """Which number of a version grows."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


class NoTagError(Exception):
    """There is nothing that the tag could be made of; in plain words."""


@dataclass(frozen=True, slots=True)
class GitState:
    """What git says of a directory."""

    tree: str | None
    """The hash of its content in the last commit; `None` when it is not in there."""
    working_tree: str
    """The hash of its content as it is now, without what git ignores."""
    commit: str
    description: str
    """`git describe --tags --always`."""
    version_tags: tuple[str, ...] = ()
    """The git tags that the commit has in its past."""
    tags_here: tuple[str, ...] = ()
    """The git tags of the commit itself."""

    @property
    def dirty(self) -> bool:
        """Whether the directory differs from the last commit."""
        return self.tree != self.working_tree


def git_tag(strategy: TagBy, state: GitState, bump: Bump = Bump.PATCH) -> str:
    """The tag by one of the strategies that git knows the answer to. Raises `NoTagError`."""
    dirty = DIRTY if state.dirty else ""
    match strategy:
        case TagBy.TREE:
            return state.working_tree[:HASH_DIGITS] + dirty
        case TagBy.COMMIT:
            return state.commit[:HASH_DIGITS] + dirty
        case TagBy.DESCRIBE:
            return mended_tag(state.description) + dirty
        case TagBy.SEMVER:
            here = None if state.dirty else newest_version(state.tags_here)
            return here or next_version(state.version_tags, bump)
    raise NoTagError(f"git knows no {strategy.value}")


def next_version(tags: Iterable[str], bump: Bump = Bump.PATCH) -> str:
    """The version after the newest of these tags; `0.1.0` when none is a version.

    A pre-release is followed by its release whatever grows: `2.0.0-rc.1` -> `2.0.0`.
    """
    newest = newest_version(tags)
    if newest is None:
        return "0.1.0"
    major, minor, patch, released, _ = _version_key(newest)
    if not released:
        return f"{major}.{minor}.{patch}"
    match bump:
        case Bump.MAJOR:
            return f"{major + 1}.0.0"
        case Bump.MINOR:
            return f"{major}.{minor + 1}.0"
        case Bump.PATCH:
            return f"{major}.{minor}.{patch + 1}"


def newest_version(tags: Iterable[str]) -> str | None:
    """The newest semantic version among tags, without the `v` and the build metadata."""
    versions = [tag for tag in tags if _SEMVER.fullmatch(tag)]
    newest = max(versions, key=_version_key, default=None)
    return newest and newest.removeprefix("v").partition("+")[0]


def date_tag(moment: datetime) -> str:
    """`2026.05.01`: sorts by age, and reads as a version."""
    return f"{moment:%Y.%m.%d}"


def digest_tag(digest: str) -> str:
    """The first digits of an image's id."""
    return digest.partition(":")[2][:HASH_DIGITS] or digest[:HASH_DIGITS]


def _version_key(version: str) -> tuple[int, int, int, bool, tuple[tuple[int, int, str], ...]]:
    """Orders versions as semver.org says: a pre-release comes before its release."""
    found = _SEMVER.fullmatch(version)
    assert found is not None
    parts = (found["pre"] or "").split(".")
    pre = tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
    return int(found["major"]), int(found["minor"]), int(found["patch"]), not found["pre"], pre
