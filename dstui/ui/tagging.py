"""What a strategy makes of a tag, as the naming dialog asks: at once, or when git has answered."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dstui.domain.image import Image
from dstui.domain.tags import Bump, GitState, NoTagError, TagBy, date_tag, digest_tag, git_tag
from dstui.gittags import GitError, git_state

TYPED = "typed"
STRATEGIES: tuple[tuple[str, str], ...] = (
    (TYPED, "as typed"),
    (TagBy.TREE, "git tree"),
    (TagBy.COMMIT, "git commit"),
    (TagBy.DESCRIBE, "git describe"),
    (TagBy.SEMVER, "next version"),
    (TagBy.DATE, "date"),
    (TagBy.DIGEST, "image id"),
)
MEANINGS = {
    TYPED: "",
    TagBy.TREE: "the content of a directory: same files, same tag",
    TagBy.COMMIT: "the last commit",
    TagBy.DESCRIBE: "the last git tag, and how far it is from there",
    TagBy.SEMVER: "the version after the newest one that git has a tag for",
    TagBy.DATE: "today",
    TagBy.DIGEST: "the digest of the image itself",
}
BUMPS: tuple[tuple[str, str], ...] = (
    (Bump.PATCH, "patch: a fix"),
    (Bump.MINOR, "minor: something new"),
    (Bump.MAJOR, "major: something else"),
)
_GIT = frozenset({TagBy.TREE, TagBy.COMMIT, TagBy.DESCRIBE, TagBy.SEMVER})

GitAnswer = GitState | GitError
"""What git says of a directory, or why it says nothing."""


def asks_git(strategy: str) -> bool:
    """Whether the strategy needs a directory."""
    return strategy in _GIT


def ask_git(directory: str) -> GitAnswer:
    """Blocks for some tenths of a second."""
    try:
        return git_state(Path(directory.strip() or ".").expanduser())
    except GitError as error:
        return error
    except (OSError, RuntimeError, ValueError) as error:
        return GitError(f"this is no directory: {error}")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, or why there is none; neither while git has not answered."""

    text: str = ""
    problem: str = ""
    awaited: bool = False

    @property
    def usable(self) -> bool:
        """Whether it is known and right, as far as its making goes."""
        return not (self.problem or self.awaited)


def make_tag(strategy: str, typed: str, image: Image, answer: GitAnswer | None, bump: str) -> Tag:
    """The tag by this strategy; `answer` is what git said of the directory, if it has."""
    if strategy == TYPED:
        return Tag(typed.strip())
    if strategy == TagBy.DATE:
        return Tag(date_tag(datetime.now().astimezone()))
    if strategy == TagBy.DIGEST:
        return Tag(digest_tag(image.id))
    if answer is None:
        return Tag(awaited=True)
    if isinstance(answer, GitError):
        return Tag(problem=str(answer))
    try:
        return Tag(git_tag(TagBy(strategy), answer, Bump(bump)))
    except NoTagError as error:
        return Tag(problem=str(error))
