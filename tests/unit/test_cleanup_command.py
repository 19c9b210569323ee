"""`dstui df` and `dstui clean`, over the demo engine."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S, wait_until

DSTUI = Path(sys.executable).with_name("dstui")


def dstui(*args: str, code: int = 0, **options) -> subprocess.CompletedProcess[str]:
    command = [DSTUI, "--demo", *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, **options)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_df_tells_all_kinds():
    found = json.loads(dstui("df", "--json").stdout)
    assert [kind["kind"] for kind in found["kinds"]] == [
        "images",
        "containers",
        "volumes",
        "build-cache",
        "logs",
    ]
    images = found["kinds"][0]
    assert 0 < images["reclaimable_bytes"] < images["bytes"]
    assert found["data_root"] is None


def test_a_disk_that_cannot_be_seen_is_not_taken_for_empty():
    assert "is not known" in dstui("df", "--fail-under-free", "10%", code=1).stderr


@pytest.mark.parametrize(
    "args",
    [
        ("df", "--fail-under-free", "much"),
        ("clean", "--free", "10%"),
        ("clean", "--older-than", "long"),
        ("clean", "--kind", "trees"),
        ("clean", "--plan", "plan.json", "--free", "1GB"),
        ("clean", "--plan", "/dev/null", "--yes"),
        ("clean", "--older-than", "0s"),
    ],
)
def test_a_wrong_command_line_is_one_line(args):
    assert dstui(*args, code=2, stdin=subprocess.DEVNULL).stdout == ""


def test_a_dry_run_says_what_goes_and_what_stays():
    found = json.loads(dstui("clean", "--dry-run", "--older-than", "0s", "--json").stdout)
    assert found["total_bytes"] == sum(row["bytes"] or 0 for row in found["plan"])
    assert all(not row["others"] for row in found["plan"])
    assert any("volumes go only when" in row["reason"] for row in found["skipped"])
    assert all(row["reason"] for row in (*found["plan"], *found["skipped"]))


def test_it_removes_and_ends_with_one_line_for_mail():
    done = dstui("clean", "--older-than", "0s", "--kind", "images,build-cache", "--yes")
    assert done.stdout.splitlines()[-1].startswith("removed ")
    assert ", freed " in done.stdout.splitlines()[-1]


def test_kinds_and_goal():
    found = json.loads(
        dstui("clean", "--dry-run", "--kind", "images", "--free", "300MB", "--json").stdout
    )
    assert {row["kind"] for row in found["plan"]} == {"image"}
    assert found["total_bytes"] >= 300_000_000


def test_read_only_refuses():
    command = [DSTUI, "--demo", "--read-only", "clean", "--yes"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stdout) == (5, "")


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("y\n", 0)])
def test_it_asks_once_on_a_terminal(answer, code):
    controller, terminal = pty.openpty()
    command = [DSTUI, "--demo", "clean", "--kind", "networks", "--older-than", "0s"]
    program = subprocess.Popen(
        command, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, close_fds=True
    )
    os.close(terminal)
    said = b""

    def asked() -> bool:
        nonlocal said
        said += os.read(controller, 65536)
        return b"[y/N]" in said

    wait_until(asked)
    os.write(controller, answer.encode())
    output, _ = program.communicate(timeout=PATIENCE_S)
    os.close(controller)
    assert program.returncode == code
    assert (b"removed 1 network" in output) is (code == 0)
