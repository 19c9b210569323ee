"""What was chosen stays chosen, on its own engine."""

import os
import stat
from pathlib import Path

from dstui.choices import DEBUG_IMAGE, Choices


def test_a_choice_is_for_one_engine_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "state" / "choices.json"
    assert Choices(path).last(DEBUG_IMAGE, "A") == ""
    assert Choices(path).remember(DEBUG_IMAGE, "A", "busybox") == ""
    assert Choices(path).remember(DEBUG_IMAGE, "B", "debian") == ""
    assert Choices(path).remember(DEBUG_IMAGE, "A", "alpine") == ""
    assert Choices(path).last(DEBUG_IMAGE, "A") == "alpine"
    assert Choices(path).last(DEBUG_IMAGE, "B") == "debian"
    assert Choices(path).last(DEBUG_IMAGE, "C") == ""
    assert Choices(path).last("something-else", "A") == ""


def test_an_engine_without_an_id_is_not_taken_for_another(tmp_path: Path) -> None:
    choices = Choices(tmp_path / "choices.json")
    assert choices.remember(DEBUG_IMAGE, "", "busybox") == ""
    assert choices.last(DEBUG_IMAGE, "") == ""


def test_a_file_that_makes_no_sense_is_no_choice(tmp_path: Path) -> None:
    path = tmp_path / "choices.json"
    deep = "[" * 100_000
    for content in ("", "{", "[]", deep, '{"debug-image": "A"}', '{"debug-image": {"A": 1}}'):
        path.write_text(content)
        assert Choices(path).last(DEBUG_IMAGE, "A") == ""
        assert Choices(path).remember(DEBUG_IMAGE, "A", "busybox") == ""
        assert Choices(path).last(DEBUG_IMAGE, "A") == "busybox"


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "choices.json"
    before = os.umask(0)
    try:
        Choices(path).remember(DEBUG_IMAGE, "A", "busybox")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_cannot_be_remembered_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    problem = Choices(blocked / "choices.json").remember(DEBUG_IMAGE, "A", "busybox")
    assert str(blocked) in problem
