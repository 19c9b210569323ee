"""`dstui audit` and `dstui show` where no engine is needed, and on the simulated one."""

import json
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from dstui.cli.root import cli
from tests.waiting import PATIENCE_S


def run(*args: str):
    return CliRunner().invoke(cli, args, prog_name="dstui")


def test_one_says_what_to_check_and_in_which_form():
    assert "--all" in run("audit").stderr
    assert run("audit").exit_code == run("audit", "x", "--all").exit_code == 2
    assert run("audit", "x", "--json", "--sarif").exit_code == 2
    assert run("audit", "x", "--fail-on", "maybe").exit_code == 2


def test_without_an_engine_it_is_exit_code_3():
    for command in ("audit", "show"):
        result = run("--host", "unix:///nowhere/docker.sock", command, "x")
        assert (result.exit_code, result.stdout) == (3, "")


def test_everything_of_a_simulated_engine_can_be_checked():
    result = run("--demo", "3", "audit", "--all", "--json", "--fail-on", "never")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    targets = {target["target"] for target in answer["targets"]}
    assert len(targets) > 3
    assert {finding["target"] for finding in answer["findings"]} <= targets


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_terminating_unwinds_what_was_begun(number):
    program = (
        "import signal; from dstui.cli.exits import unwound_when_terminated as unwound\n"
        "with unwound():\n"
        "    try: print('begun', flush=True); signal.pause()\n"
        "    finally: print('removed', flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(number)
    assert process.communicate(timeout=PATIENCE_S)[0] == "removed\n"
    assert process.returncode == 128 + number
