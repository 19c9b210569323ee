"""What git says of a directory, for tags. Asks only: neither the repository nor its index changes.

The hash of the working tree is made in a temporary index whose new objects go to a temporary
directory, so that not even an unreachable object is left behind. (`git describe --dirty` is not
asked: it writes the index.)
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dstui.domain.tags import GitState
from dstui.domain.text import clean

_TIMEOUT_S = 60.0
_OWN_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)
"""Set where a git hook starts us; they would make git answer for another repository."""

_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}

_MEANINGS = (
    (r"not a git repository", "{path} is not in a git repository"),
    (
        r"dubious ownership",
        "git does not trust {path}, which belongs to another user: "
        "git config --global --add safe.directory {path}",
    ),
    (r"must be run in a work tree", "{path} is a git repository without files (bare)"),
    (
        r"unknown revision|bad revision|ambiguous argument 'HEAD'|Needed a single revision",
        "the git repository of {path} has no commit yet",
    ),
    (r"permission denied", "git may not read {path}"),
)


class GitError(Exception):
    """Git has no answer; in plain words."""


def git_state(directory: str | Path) -> GitState:
    """What a tag may say of a directory. Takes some tenths of a second; raises `GitError`."""
    return _Git(Path(directory)).state()


class _Git:
    def __init__(self, directory: Path) -> None:
        self._path = directory.absolute()
        self._shown = clean(str(directory))
        if not self._path.is_dir():
            missing = "is not a directory" if self._path.exists() else "does not exist"
            raise GitError(f"{self._shown} {missing}")
        program = shutil.which("git")
        if program is None:
            raise GitError("git is not installed")
        # a repository may name programs to run: no answer of ours needs one
        self._git = [program, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
        self._git += ["-C", str(self._path)]
        inherited = {k: v for k, v in os.environ.items() if k not in _OWN_VARIABLES}
        self._environment = inherited | _QUIET

    def state(self) -> GitState:
        commit = self._line("rev-parse", "--verify", "HEAD")
        return GitState(
            tree=self._tree(),
            working_tree=self._working_tree(),
            commit=commit,
            description=self._line("describe", "--tags", "--always"),
            version_tags=self._tags("--merged"),
            tags_here=self._tags("--points-at"),
        )

    def _tree(self) -> str | None:
        """The hash of the directory in the last commit; its own, not that of the whole."""
        done = self._run("rev-parse", "--verify", "--quiet", "HEAD:./")
        return done.stdout.strip() or None

    def _working_tree(self) -> str:
        prefix = self._line("rev-parse", "--show-prefix")
        index = self._path / self._line("rev-parse", "--git-path", "index")
        objects = self._path / self._line("rev-parse", "--git-path", "objects")
        with tempfile.TemporaryDirectory(prefix="dstui-git-") as scratch:
            new_index, new_objects = Path(scratch, "index"), Path(scratch, "objects")
            new_objects.mkdir()
            if index.exists():
                shutil.copyfile(index, new_index)  # what it remembers of files saves reading them
            elsewhere = {
                "GIT_INDEX_FILE": str(new_index),
                "GIT_OBJECT_DIRECTORY": str(new_objects),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects),
            }
            self._line("add", "--all", "--", ".", extra=elsewhere)
            within = [f"--prefix={prefix}"] if prefix else []
            written = self._run("write-tree", *within, extra=elsewhere)
            if "not found" in written.stderr:
                raise GitError(f"git knows no file in {self._shown}")
            return self._answer(written)

    def _tags(self, which: str) -> tuple[str, ...]:
        return tuple(self._line("tag", "--list", which, "HEAD").splitlines())

    def _line(self, *command: str, extra: Mapping[str, str] | None = None) -> str:
        return self._answer(self._run(*command, extra=extra))

    def _run(
        self, *command: str, extra: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(
                [*self._git, *command],
                env=self._environment | dict(extra or {}),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_TIMEOUT_S,
                start_new_session=True,  # the terminal is ours: no filter may ask there
            )
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git took longer than {_TIMEOUT_S:.0f} s in {self._shown}") from error
        except OSError as error:
            raise GitError(f"git cannot run: {error.strerror}") from error

    def _answer(self, done: "subprocess.CompletedProcess[str]") -> str:
        if done.returncode == 0:
            return done.stdout.strip()
        for pattern, meaning in _MEANINGS:
            if re.search(pattern, done.stderr, re.IGNORECASE):
                raise GitError(meaning.format(path=self._shown))
        said = clean(done.stderr.strip().removeprefix("fatal: "), 300)
        raise GitError(f"git: {said or f'it ended with status {done.returncode}'}")
