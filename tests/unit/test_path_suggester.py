"""Completing a path as it is typed."""

from pathlib import Path

from dstui.ui.path_suggester import completed


def test_the_first_name_that_goes_on_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "train.tar").touch()
    (tmp_path / "training").mkdir()
    assert completed(f"{tmp_path}/tr") == f"{tmp_path}/train.tar"
    assert completed(f"{tmp_path}/traini") == f"{tmp_path}/training/"
    assert completed(f"{tmp_path}/tr", directories_only=True) == f"{tmp_path}/training/"


def test_the_home_stays_as_it_was_written(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "images").mkdir()
    assert completed("~/im") == "~/images/"


def test_nothing_is_suggested_where_nothing_fits(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2Jb").touch()
    for text in ("", "a", f"{tmp_path}/", f"{tmp_path}/x", f"{tmp_path}/a", "/nowhere/a", "~no/a"):
        assert completed(text) is None
