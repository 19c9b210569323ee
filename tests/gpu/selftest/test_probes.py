"""The probe of CUDA against the libraries of several releases, each with its own symbols."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dstui.engine.selftest.exec import Answer, answers
from dstui.engine.selftest.probes import program
from tests.waiting import PATIENCE_S


def run_probe(library: Path, scenario: Path, *arguments: str) -> list[Answer]:
    """What the probe tells with this libcuda."""
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": str(library.parent),
        "DSTUI_TEST_SCENARIO": str(scenario),
    }
    command = [sys.executable, "-c", program("cuda"), str(int(PATIENCE_S)), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as probe:
        assert probe.stdout is not None
        output = probe.stdout.read()  # before its input is closed, which would end it
    assert probe.returncode == 0
    return list(answers(output))


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    made = tmp_path / "scenario"
    made.write_text("count=2\n")
    return made


def test_a_healthy_card_passes_with_every_release(every_cuda_library: Path, scenario: Path) -> None:
    told = run_probe(every_cuda_library, scenario, "memory")
    assert not [answer for answer in told if "code" in answer]
    assert [answer["same"] for answer in told if "memory" in answer] == [True, True]
    assert told[-1] == {"done": True}


def test_a_code_is_told_with_the_call_of_it(every_cuda_library: Path, scenario: Path) -> None:
    scenario.write_text("cuCtxSynchronize=700\n")
    told = run_probe(every_cuda_library, scenario, "memory")
    assert {"call": "cuCtxSynchronize", "code": 700} in told
