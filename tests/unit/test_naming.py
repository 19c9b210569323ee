"""Tag strategies, and what git is asked for them."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dstui.domain.reference import parse
from dstui.domain.tags import (
    Bump,
    GitState,
    NoTagError,
    TagBy,
    date_tag,
    digest_tag,
    git_tag,
    newest_version,
    next_version,
)
from dstui.gittags import GitError, git_state
from tests import needs

TREE, OTHER, COMMIT = "a" * 40, "b" * 40, "c" * 40


def state(dirty: bool = False, **others: object) -> GitState:
    working_tree = OTHER if dirty else TREE
    return GitState(TREE, working_tree, COMMIT, "v1.2-3-gabc", **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("strategy", "clean", "dirty"),
    [
        (TagBy.TREE, "a" * 12, "b" * 12 + "-dirty"),
        (TagBy.COMMIT, "c" * 12, "c" * 12 + "-dirty"),
        (TagBy.DESCRIBE, "v1.2-3-gabc", "v1.2-3-gabc-dirty"),
        (TagBy.SEMVER, "0.1.0", "0.1.0"),
    ],
)
def test_tags_from_git(strategy: TagBy, clean: str, dirty: str) -> None:
    assert git_tag(strategy, state()) == clean
    assert git_tag(strategy, state(dirty=True)) == dirty


def test_a_git_tag_with_a_slash_becomes_a_valid_tag() -> None:
    described = GitState(TREE, TREE, COMMIT, "v1.0/rc1")
    assert git_tag(TagBy.DESCRIBE, described) == "v1.0-rc1"


def test_the_version_of_the_commit_itself_wins_unless_something_changed() -> None:
    here = {"version_tags": ("v1.0.0", "v1.1.0"), "tags_here": ("v1.1.0", "nightly")}
    assert git_tag(TagBy.SEMVER, state(**here)) == "1.1.0"
    assert git_tag(TagBy.SEMVER, state(dirty=True, **here)) == "1.1.1"


@pytest.mark.parametrize("strategy", [TagBy.DATE, TagBy.DIGEST])
def test_git_is_not_asked_for_what_it_cannot_know(strategy: TagBy) -> None:
    with pytest.raises(NoTagError):
        git_tag(strategy, state())


@pytest.mark.parametrize(
    ("tags", "bump", "version"),
    [
        ([], Bump.PATCH, "0.1.0"),
        (["main", "v1", "1.2"], Bump.PATCH, "0.1.0"),
        (["v1.9.0", "v1.10.0"], Bump.PATCH, "1.10.1"),
        (["v1.9.0", "v1.10.0"], Bump.MINOR, "1.11.0"),
        (["v1.9.0", "1.10.3"], Bump.MAJOR, "2.0.0"),
        (["2.0.0-rc.1", "1.9.9"], Bump.PATCH, "2.0.0"),
        (["2.0.0-rc.1", "2.0.0"], Bump.PATCH, "2.0.1"),
        (["1.2.3+build.5"], Bump.PATCH, "1.2.4"),
        (["01.2.3"], Bump.PATCH, "0.1.0"),
    ],
)
def test_the_next_version(tags: list[str], bump: Bump, version: str) -> None:
    assert next_version(tags, bump) == version


def test_versions_are_ordered_as_semver_says() -> None:
    order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
             "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"]  # fmt: skip
    for count in range(1, len(order) + 1):
        assert newest_version(reversed(order[:count])) == order[count - 1]


def test_date_and_digest() -> None:
    assert date_tag(datetime(2026, 5, 1, tzinfo=UTC)) == "2026.05.01"
    assert digest_tag("sha256:" + "0123456789abcdef" * 4) == "0123456789ab"


# Git itself


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    needs.program("git")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "a")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@b.c")
    root = tmp_path / "repository"
    (root / "app").mkdir(parents=True)
    (root / "app" / "main.py").write_text("print(1)\n")
    (root / "README").write_text("hello\n")
    (root / ".gitignore").write_text("*.pyc\n")
    git(root, "init", "-q")
    commit(root, "first")
    return root


def git(root: Path, *command: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *command], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def everything(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_tree_of_a_directory_survives_an_amend_and_changes_elsewhere(repository: Path) -> None:
    before = git_state(repository / "app")
    assert before.tree == before.working_tree == git(repository, "rev-parse", "HEAD:app")
    assert not before.dirty
    (repository / "README").write_text("other\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "--amend", "-m", "changed")
    after = git_state(repository / "app")
    assert after.commit != before.commit
    assert after.tree == before.tree
    assert git_state(repository).tree == git(repository, "rev-parse", "HEAD^{tree}")


def test_the_working_tree_has_the_hash_that_its_commit_will_have(repository: Path) -> None:
    (repository / "app" / "main.py").write_text("print(2)\n")
    (repository / "app" / "new.py").write_text("print(3)\n")
    (repository / "app" / "cache.pyc").write_text("ignored")
    state = git_state(repository / "app")
    assert state.dirty
    assert git_tag(TagBy.TREE, state).endswith("-dirty")
    commit(repository, "second")
    assert git_state(repository / "app").tree == state.working_tree


def test_asking_changes_nothing(repository: Path) -> None:
    (repository / "app" / "main.py").write_text("print(2)\n")
    (repository / "app" / "new.py").write_text("print(3)\n")
    before = everything(repository)
    git_state(repository / "app")
    git_state(repository)
    assert everything(repository) == before


def test_versions_and_description(repository: Path) -> None:
    git(repository, "tag", "v0.3.0")
    state = git_state(repository)
    assert state.description == "v0.3.0"
    assert git_tag(TagBy.SEMVER, state) == "0.3.0"
    (repository / "README").write_text("more\n")
    commit(repository, "second")
    state = git_state(repository)
    assert git_tag(TagBy.SEMVER, state, Bump.MINOR) == "0.4.0"
    assert parse(f"a:{git_tag(TagBy.DESCRIBE, state)}").tag.startswith("v0.3.0-1-g")


def test_an_untracked_directory_is_new_but_has_a_hash(repository: Path) -> None:
    (repository / "fresh").mkdir()
    (repository / "fresh" / "file").write_text("x")
    state = git_state(repository / "fresh")
    assert state.tree is None
    assert state.dirty
    assert len(state.working_tree) == 40


def test_a_hook_s_variables_do_not_lead_elsewhere(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert git_state(repository).tree


def test_says_in_plain_words_why_git_has_no_answer(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(path: Path) -> str:
        with pytest.raises(GitError) as caught:
            git_state(path)
        return str(caught.value)

    empty = tmp_path / "empty"
    empty.mkdir()
    assert refusal(empty) == f"{empty} is not in a git repository"
    assert refusal(tmp_path / "nothing") == f"{tmp_path}/nothing does not exist"
    assert refusal(repository / "README").endswith("README is not a directory")
    git(empty, "init", "-q")
    assert refusal(empty) == f"the git repository of {empty} has no commit yet"
    (repository / "hollow").mkdir()
    assert "hollow" in refusal(repository / "hollow")
    monkeypatch.setenv("PATH", "")
    assert refusal(repository) == "git is not installed"
