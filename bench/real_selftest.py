"""`python -m bench.real_selftest [PYTHON]`: the self-test's host steps and probes on a real GPU.

To be run by hand on a machine with an NVIDIA GPU; no engine is needed, as the probes are run by a
Python of the machine (`PYTHON`, with PyTorch or another framework if there is one). Ends with 1
when a step fails, with 2 when there is no GPU.
"""

import subprocess
import sys
import threading
import time

from dstui.domain.selftest.answers import Answer, Ran, answers, one
from dstui.domain.selftest.compute_rules import computed, speeds
from dstui.domain.selftest.step import Status, StepResult
from dstui.domain.selftest.steps import HOST
from dstui.engine.selftest import inside_rules as rules
from dstui.gpu.selftest.host import HostChecks
from dstui.probes import program

_LIMIT_S = 120
_NEVER = threading.Event()


def main() -> int:
    """Run all and tell."""
    python = sys.argv[1] if len(sys.argv) > 1 else sys.executable
    host = HostChecks()
    statuses = []
    for step in HOST:
        began = time.monotonic()
        result = host.checks()[step.id](_NEVER)
        statuses.append(_tell(step.id, result, time.monotonic() - began))
        if step.id == "host.hardware" and result.status is Status.SKIP:
            return 2
    tells = one(_probe(python, "surroundings")[0], "python")
    began = time.monotonic()
    cuda = _probe(python, "cuda", "memory")
    seconds = time.monotonic() - began
    statuses += [
        _tell("cuda.init", rules.started(*cuda, True, tells), seconds),
        _tell("cuda.library", rules.which_library(cuda[0], host.facts.driver), 0.0),
        _tell("cuda.devices", rules.devices(*cuda, True, tells), 0.0),
        _tell("cuda.memory", rules.memory(*cuda, True, tells), 0.0),
    ]
    began = time.monotonic()
    told = _probe(python, "compute")
    statuses.append(_tell("cuda.compute", computed(*told, True, tells), time.monotonic() - began))
    statuses.append(_tell("cuda.speed", speeds(told[0]), 0.0))
    for module in tells.get("modules", ()):
        began = time.monotonic()
        told = _probe(python, "framework", module)
        result = rules.framework(module, *told)
        statuses.append(_tell(f"framework.{module}", result, time.monotonic() - began))
    return 1 if Status.FAIL in statuses else 0


def _probe(python: str, name: str, *arguments: str) -> tuple[list[Answer], Ran]:
    words = [python, "-c", program(name), str(_LIMIT_S), *arguments]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read().decode(errors="replace")
    return list(answers(output)), Ran(process.returncode, output)


def _tell(step: str, result: StepResult, seconds: float) -> Status:
    why = f" | {result.cause} | {result.fix}" if result.cause else ""
    print(f"{result.status.value:8} {step:22} {seconds:7.3f} s  {result.evidence}{why}")
    return result.status


if __name__ == "__main__":
    sys.exit(main())
