"""The check at the end of a run: what a command leaves on the machine is found and named."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "traceless.py"


def run(code: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPT), sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_file_is_found() -> None:
    name = f"{tempfile.gettempdir()}/dstui-left-{os.getpid()}"
    try:
        done = run(f"open({name!r}, 'w').close()")
    finally:
        Path(name).unlink()
    assert done.returncode == 1
    assert f"left behind: {name}" in done.stderr


def test_a_process_is_found_whoever_its_parent_is_now() -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen("
        "[sys.executable, '-c', 'import signal; signal.pause()'], stdin=subprocess.DEVNULL,"
        "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True).pid)"
    )
    done = run(code)
    pid = int(done.stdout)
    os.kill(pid, signal.SIGKILL)
    assert f"left behind: process {pid} " in done.stderr


@pytest.mark.parametrize("code", [0, 3])
def test_the_commands_own_status_counts_first(code: int) -> None:
    assert run(f"import sys; sys.exit({code})").returncode in (code, 1)
