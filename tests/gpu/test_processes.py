"""What `/proc` tells of a process."""

from pathlib import Path

import pytest

from dstui.gpu.processes import ProcessTable

ID = "c3" * 32


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    return tmp_path


def add(proc: Path, pid: int, *, started: int = 500, cmdline: str = "python\0train.py\0") -> None:
    home = proc / str(pid)
    home.mkdir(exist_ok=True)
    fields = " ".join(["S", *["0"] * 18, str(started), "0"])
    (home / "stat").write_text(f"{pid} (a ) name) {fields}\n")
    (home / "cmdline").write_text(cmdline)
    (home / "comm").write_text("kworker\n")
    (home / "status").write_text("Name:\tx\nUid:\t0\t0\t0\t0\n")
    (home / "cgroup").write_text(f"0::/docker/{ID}\n")


def test_a_process_with_its_user_command_and_container(proc: Path) -> None:
    add(proc, 7)
    process = ProcessTable(proc).look_up({7})[7]
    assert (process.user, process.command) == ("root", "python train.py")
    assert process.container_ids == (ID,)


def test_a_kernel_thread_is_named_in_brackets(proc: Path) -> None:
    add(proc, 7, cmdline="")
    assert ProcessTable(proc).look_up({7})[7].command == "[kworker]"


def test_a_hostile_command_is_made_harmless(proc: Path) -> None:
    add(proc, 7, cmdline="py\x1b[31mthon\n\0" + "x" * 10_000)
    command = ProcessTable(proc).look_up({7})[7].command
    assert command is not None
    assert command.startswith("python")
    assert len(command) <= 512


def test_a_pid_that_is_used_again_is_another_process(proc: Path) -> None:
    table = ProcessTable(proc)
    add(proc, 7)
    table.look_up({7})
    add(proc, 7, started=900, cmdline="other\0")
    assert table.look_up({7})[7].command == "other"


def test_the_same_process_is_read_once(proc: Path) -> None:
    table = ProcessTable(proc)
    add(proc, 7)
    table.look_up({7})
    (proc / "7" / "cmdline").write_text("not read again")
    assert table.look_up({7})[7].command == "python train.py"


def test_one_that_ended_is_missing(proc: Path) -> None:
    assert ProcessTable(proc).look_up({7}) == {}


def test_a_user_without_a_name_is_shown_by_number(proc: Path) -> None:
    add(proc, 7)
    (proc / "7" / "status").write_text("Name:\tx\nUid:\t4000001\t0\t0\t0\n")
    assert ProcessTable(proc).look_up({7})[7].user == "4000001"
