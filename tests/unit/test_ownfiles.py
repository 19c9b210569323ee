"""The person's own files: what lies at their place never holds anything up."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dstui.actionlog import ActionLog
from dstui.choices import Choices
from dstui.config import Config, load
from dstui.domain.action import Action, Outcome, Verb
from dstui.domain.engine import EngineInfo
from dstui.domain.kind import Kind
from dstui.engine.endpoints import candidates
from dstui.engine.index.cache import IndexCache
from dstui.ownfiles import LARGEST, append, make_folder, read_file, replace
from dstui.permissions import Permissions
from tests.waiting import returns

INFO = EngineInfo("E", "box", "Docker", "27.0", "1.46", "unix:///x")
OUTCOME = Outcome(Action(Verb.STOP, Kind.CONTAINER, "ab", "train"), ok=True)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def endless(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


OBSTACLES = [fifo, directory, device]


@pytest.fixture(params=OBSTACLES, ids=lambda obstacle: obstacle.__name__)
def obstacle(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "obstacle"
    request.param(path)
    return path


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


# What lies at the place of a file


@pytest.mark.parametrize("deed", [read_file, lambda path: append(path, b"x")])
def test_what_is_no_file_is_an_error(obstacle: Path, deed: Callable[[Path], object]) -> None:
    with pytest.raises(OSError, match="it is"):
        returns(lambda: deed(obstacle))


def test_a_file_without_end_is_an_error(tmp_path: Path) -> None:
    endless(tmp_path / "f")
    with pytest.raises(OSError, match="larger than 1 MiB"):
        returns(lambda: read_file(tmp_path / "f"))


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * LARGEST)
    assert len(read_file(tmp_path / "f")) == LARGEST


def test_a_config_that_is_no_file_is_a_problem(obstacle: Path) -> None:
    config, [problem] = returns(lambda: load(obstacle, {}))
    assert config == Config()
    assert "cannot be read: it is" in problem.message


def test_a_config_without_end_is_a_problem(tmp_path: Path) -> None:
    endless(tmp_path / "config.toml")
    config, [problem] = returns(lambda: load(tmp_path / "config.toml", {}))
    assert config == Config()
    assert "larger than 1 MiB" in problem.message


def test_a_config_of_nobodys_home_is_a_problem() -> None:
    _, [problem] = load(environ={"DSTUI_CONFIG": "~nobody-of-that-name/config.toml"})
    assert "there is no such file" in problem.message


def test_an_action_is_not_stopped_by_its_log(obstacle: Path) -> None:
    log = ActionLog(obstacle)
    returns(lambda: log.write(INFO, OUTCOME))
    assert log.error is not None and "it is" in log.error


def test_what_was_said_once_is_forgotten_where_no_file_can_be(obstacle: Path) -> None:
    assert returns(lambda: Choices(obstacle).last("debug-image", "E")) == ""
    assert not returns(lambda: Permissions(obstacle).given("x", "E"))
    if obstacle.is_dir():
        assert str(obstacle) in returns(lambda: Permissions(obstacle).give("x", "E"))
    else:  # it is replaced
        assert returns(lambda: Permissions(obstacle).give("x", "E")) == ""
        assert Permissions(obstacle).given("x", "E")


@pytest.mark.parametrize("make", OBSTACLES)
def test_a_cache_that_is_no_file_is_none(tmp_path: Path, make: Callable[[Path], None]) -> None:
    cache = IndexCache(tmp_path)
    make(cache._file("sha256:a"))
    assert returns(lambda: cache.read("sha256:a")) is None


def test_dockers_own_config_that_is_no_file_is_none(
    obstacle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "docker"
    folder.mkdir()
    obstacle.rename(folder / "config.json")
    for variable in ("DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    assert returns(lambda: candidates(None, None))


# Who may read them


def modes(path: Path) -> str:
    return stat.filemode(path.stat().st_mode)


def test_folders_and_files_are_their_owners_whatever_the_umask(umask: None, tmp_path: Path) -> None:
    path = tmp_path / "state" / "dstui" / "file"
    append(path, b"one\n")
    append(path, b"two\n")
    replace(path.with_name("other"), b"content")
    assert read_file(path) == b"one\ntwo\n"
    assert read_file(path.with_name("other")) == b"content"
    for folder in (path.parent, path.parent.parent):
        assert modes(folder) == "drwx------"
    for file in path.parent.iterdir():
        assert modes(file) == "-rw-------"


def test_a_log_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "crash.log"
    path.write_text("old\n")
    path.chmod(0o644)
    append(path, b"new\n")
    assert modes(path) == "-rw-------"
    assert path.read_text() == "old\nnew\n"


def test_a_crash_note_is_its_owners(
    umask: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dstui.ui.crash import crash_note

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert "details are in" in crash_note(ValueError("\udc80"))
    assert modes(tmp_path / "state" / "dstui" / "crash.log") == "-rw-------"
    assert modes(tmp_path / "state") == modes(tmp_path / "state" / "dstui") == "drwx------"


def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        make_folder(tmp_path / "file" / "folder")
