"""`dstui doctor` on the simulated engine, and where none answers."""

import json

import pytest
from click.testing import CliRunner

from dstui.cli.root import cli
from dstui.domain.selftest.step import SelfTestReport, failed, passed, skipped, warned
from dstui.domain.selftest.steps import steps_for
from dstui.session import Session


@pytest.fixture
def run():
    """Runs a command in this process."""
    return lambda *args: CliRunner().invoke(cli, args, prog_name="dstui")


@pytest.fixture
def scripted(monkeypatch):
    """A self-test whose results are told by id; the rest passes."""
    results = {}

    def self_test(self, target, report, cancellation=None, may_use_memory=True):
        results["allowed"] = may_use_memory
        found = []
        for step in steps_for(target):
            report(step, None)
            found.append((step, results.get(step.id, passed("fine"))))
            report(*found[-1])
        return SelfTestReport(target, tuple(found))

    monkeypatch.setattr(Session, "self_test", self_test)
    monkeypatch.setattr(Session, "busy_gpus", lambda self, target: ())
    return results


def test_a_good_machine_is_exit_code_0(run, scripted):
    result = run("--demo", "3", "doctor")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "All good"
    assert "pass     host      Kernel module" in result.stdout


def test_a_failure_is_exit_code_1_with_cause_fix_and_command(run, scripted):
    scripted["engine.grant"] = failed("no hook", "none is installed", "install it")
    result = run("--demo", "3", "doctor")
    assert result.exit_code == 1
    for words in (
        "fail     engine",
        "cause:  none is installed",
        "fix:    install it",
        "docker run",
    ):
        assert words in result.stdout
    assert result.stdout.splitlines()[-1].startswith("The fault is in the engine")


def test_a_warning_counts_only_when_it_is_strict(run, scripted):
    scripted["engine.logs"] = warned("no max-size", "it grows")
    assert run("--demo", "3", "doctor").exit_code == 0
    assert run("--demo", "3", "doctor", "--strict").exit_code == 1


def test_steps_that_are_skipped_for_one_reason_share_a_line(run, scripted):
    scripted |= {f"host.{name}": skipped("no NVIDIA GPU here") for name in ("link", "mode", "xid")}
    lines = run("--demo", "3", "doctor").stdout.splitlines()
    assert sum("no NVIDIA GPU here" in line for line in lines) == 2  # throttling is between them


def test_the_json_is_one_object(run, scripted):
    scripted["host.count"] = failed("GPU 3: GPU is lost")
    result = run("--demo", "3", "doctor", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert (answer["schema"], answer["verdict"]) == (1, "host")
    assert answer["engine"]["product"] == "Docker"
    assert next(s for s in answer["steps"] if s["status"] == "fail")["id"] == "host.count"


def test_memory_of_a_busy_gpu_is_not_taken_unasked(run, scripted, monkeypatch):
    busy = ("GPU 0 H100, 71GiB held by 1 process",)
    monkeypatch.setattr(Session, "busy_gpus", lambda self, target: busy)
    result = run("--demo", "3", "doctor")
    assert scripted["allowed"] is False
    assert "in use: GPU 0 H100" in result.stderr
    assert run("--demo", "3", "doctor", "--yes").exit_code == 0
    assert scripted["allowed"] is True


def test_a_container_and_an_image_are_two_things(run):
    assert run("doctor", "--container", "a", "--image", "b").exit_code == 2


def test_without_an_engine_that_is_told_as_a_failed_step(run):
    result = run("--host", "unix:///nowhere/docker.sock", "doctor", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["engine"] is None
    steps = {step["id"]: step for step in answer["steps"]}
    assert answer["verdict"] in ("engine", "host")
    assert steps["engine.reachable"]["status"] in ("fail", "not-run")
    assert run("--host", "unix:///nowhere/docker.sock", "doctor", "--image", "x").exit_code == 3


def test_a_name_that_is_not_there_is_said(run):
    result = run("--demo", "3", "doctor", "--container", "nobody")
    assert result.exit_code == 1
    assert "nobody" in result.stderr


def test_the_simulated_machine_is_good(run):
    result = run("--demo", "3", "doctor", "--strict")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.splitlines()[-1] == "All good"
