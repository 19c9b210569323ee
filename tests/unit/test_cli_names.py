"""`dstui name`, which needs no engine, and what the commands of images make of bad names."""

import json
import re
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dstui.cli.root import cli
from tests import needs

GCP = ("name", "--registry", "gcp", "--project", "my-project", "--repo", "images")


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, prog_name="dstui")


def answer(*args: str, code: int = 0):
    result = run(*args)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_a_name_for_a_script() -> None:
    result = run(*GCP, "--image", "train", "--tag", "1.0")
    assert result.exit_code == 0
    assert result.stdout == "us-docker.pkg.dev/my-project/images/train:1.0\n"
    assert result.stderr == ""


def test_the_tree_of_a_directory_is_the_tag(tmp_path: Path) -> None:
    git = [needs.program("git"), "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], check=True)
    asked = (*GCP, "--image", "train", "--from-git", str(tmp_path), "--json")
    told = answer(*asked)
    assert re.fullmatch(r".*/images/train:[0-9a-f]{12}", told["reference"])
    assert (told["schema"], told["engine"]) == (1, None)
    assert answer(*asked, "--tag-by", "commit")["reference"] != told["reference"]
    assert answer(*asked, "--tag-by", "semver")["reference"].endswith(":0.1.0")


def test_warnings_stand_beside_the_name() -> None:
    result = run("name", "--registry", "ghcr", "--owner", "OctoLab", "--image", "train")
    assert result.stdout == "ghcr.io/octolab/train\n"
    first, second = result.stderr.splitlines()
    assert first == "dstui: warning: OctoLab is written octolab: names have no capital letters"
    assert "`latest`" in second


def test_the_date_is_today() -> None:
    told = answer(*GCP, "--image", "a", "--tag-by", "date", "--json")
    tag = told["reference"].rpartition(":")[2]
    assert abs((datetime.strptime(tag, "%Y.%m.%d") - datetime.now()).days) <= 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("name",), "name a --registry, or a reference with --check"),
        (("name", "--registry", "acr", "--project", "x"), "has no --project: it has --registry-"),
        ((*GCP, "--image", "a b"), "-> a-b"),
        (GCP, "--image: missing"),
        ((*GCP, "--image", "a", "--tag", "2.5.1+cu124"), "--tag: `+` cannot stand in a tag"),
        ((*GCP, "--image", "a", "--tag", "1", "--tag-by", "date"), "either --tag or a strategy"),
        ((*GCP, "--image", "a", "--tag-by", "digest"), "needs --of IMAGE"),
        ((*GCP, "--image", "a", "--tag-by", "date", "--from-git", "."), "does not ask git"),
        (("push", "a b"), "a space cannot stand in a reference"),
        (("tag", "a", "B"), "perhaps b"),
    ],
)
def test_what_is_wrong_is_said_with_exit_code_2(args: tuple[str, ...], words: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_a_directory_without_git_is_a_failure_in_plain_words(tmp_path: Path) -> None:
    needs.program("git")
    result = run(*GCP, "--image", "a", "--from-git", str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr == f"dstui: {tmp_path} is not in a git repository\n"


def test_check_takes_a_reference_apart() -> None:
    told = answer("name", "--check", "quay.io/lab/app:1", "--json")
    assert told["valid"] is True
    assert (told["domain"], told["path"], told["tag"], told["digest"]) == (
        "quay.io",
        "lab/app",
        "1",
        None,
    )
    assert (told["familiar"], told["error"], told["warnings"]) == ("quay.io/lab/app:1", None, [])
    lines = run("name", "--check", "python:3.12").stdout.splitlines()
    assert [line.split() for line in lines][:3] == [
        ["registry", "docker.io"],
        ["repository", "library/python"],
        ["tag", "3.12"],
    ]


def test_check_points_at_what_is_wrong() -> None:
    told = answer("name", "--check", "train:2.5.1+cu124", "--json", code=1)
    assert told["valid"] is False
    assert (told["position"], told["suggestion"]) == (11, "train:2.5.1-cu124")
    assert told["domain"] is None
    result = run("name", "--check", "train:2.5.1+cu124")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "dstui: `+` cannot stand in a tag: 2.5.1+cu124 -> 2.5.1-cu124",
        "  train:2.5.1+cu124",
        "             ^",
        "  perhaps train:2.5.1-cu124",
    ]
    assert run("name", "--check", "").exit_code == 1
    assert "\x1b" not in run("name", "--check", "a\x1b[31mb").output
