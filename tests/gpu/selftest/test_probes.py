"""The probe of CUDA against the libraries of several releases, each with its own symbols."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dstui.domain.selftest.answers import Answer, Ran, answers
from dstui.domain.selftest.compute_rules import computed
from dstui.domain.selftest.step import Status
from dstui.probes import program
from tests.waiting import PATIENCE_S


def run_probe(library: Path, scenario: Path, *arguments: str, name: str = "cuda") -> list[Answer]:
    """What a probe tells with this libcuda."""
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": str(library.parent),
        "DSTUI_TEST_SCENARIO": str(scenario),
    }
    command = [sys.executable, "-c", program(name), str(int(PATIENCE_S)), *arguments]
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


# Computing


def test_what_a_healthy_card_computes_is_exact_with_every_release(
    every_cuda_library: Path, scenario: Path
) -> None:
    told = run_probe(every_cuda_library, scenario, name="compute")
    found = [answer for answer in told if "computed" in answer]
    assert [(one["computed"], one["exact"], one["same"]) for one in found] == [
        (0, True, True),
        (1, True, True),
    ]
    assert [answer["peers"] for answer in told if "peers" in answer] == [[0, 1]]
    assert computed(told, Ran(0, "")).status is Status.PASS
    assert told[-1] == {"done": True}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("miscompute=1", "GPU 0 computes wrong results"),
        ("corrupt=1", "GPU 0 computes wrong results"),
        ("cuLaunchKernel=719", "cuLaunchKernel answers"),
        ("cuModuleLoadData=218", "cuModuleLoadData answers"),
        ("count=0", "CUDA sees no GPU"),
    ],
)
def test_what_a_card_does_wrong_is_told(
    cuda_library: Path, scenario: Path, line: str, words: str
) -> None:
    scenario.write_text(f"{line}\n")
    told = run_probe(cuda_library, scenario, name="compute")
    result = computed(told, Ran(0, ""))
    assert words in result.evidence
    assert result.status is (Status.SKIP if line == "count=0" else Status.FAIL)


def test_each_way_is_measured(cuda_library: Path, scenario: Path) -> None:
    scenario.write_text("slow=20\n")
    (told,) = [a for a in run_probe(cuda_library, scenario, name="compute") if "speed" in a]
    assert 0 < told["to_card"] < 28 * 2**20 / 0.020
    assert told["within"] > told["to_card"]
    assert told["fp32"] > 0
    assert told["link"] == {"address": "ffff:00:00.0"}


def test_only_the_gpus_that_are_named_are_computed_on(cuda_library: Path, scenario: Path) -> None:
    told = run_probe(cuda_library, scenario, "GPU-1", name="compute")
    assert [answer["computed"] for answer in told if "computed" in answer] == [0]
