"""Which Python of a container runs the probes, on a real engine: prefixes that are off the PATH."""

import os
import sys
import threading
from pathlib import Path

import pytest

from dstui.domain.cuda_compat import Machine
from dstui.domain.kind import Kind
from dstui.domain.selftest.step import Status, Target
from dstui.engine.selftest.inside import InsideChecks
from tests.gpu.selftest.conftest import LAB_IMAGE

NEVER = threading.Event()
PREFIX = "/opt/labs own/env"
"""Nothing of it is on the PATH, where the image has another Python."""
SPACELESS = "/opt/lab-env"
SLEEPS = "import time; time.sleep(1000)"


@pytest.fixture
def prefix(tmp_path) -> Path:
    """A virtual environment of this machine's Python, with a CuPy that only it has."""
    home = tmp_path / "env"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    cupy = home / "lib" / version / "site-packages" / "cupy"
    cupy.mkdir(parents=True)
    (cupy / "__init__.py").touch()
    (home / "bin").mkdir()
    real = Path(os.path.realpath(sys.executable))
    (home / "bin" / "python").symlink_to(real)
    (home / "bin" / "python3").symlink_to("python")
    (home / "pyvenv.cfg").write_text(f"home = {real.parent}\n")
    return home


@pytest.fixture
def looked_into(hooked, prefix, python_binds, python_environment):
    """Runs a container of an image whose PATH has another Python, and tells what was found."""

    def look(*command: str, at: str = SPACELESS, variables: tuple[str, ...] = ()):
        others = [one for one in python_environment if not one.startswith("PATH=")]
        container = hooked.run(
            image=LAB_IMAGE,
            command=command,
            # The image's own /bin stays: there is the Python that is on the PATH.
            binds=[bind for bind in python_binds if not bind.endswith(":/bin:ro")]
            + [f"{prefix}:{at}:ro"],
            environment=["PATH=/bin", *others, *variables],
        )
        checks = InsideChecks(
            hooked.connect(), Target(Kind.CONTAINER, container, "lab"), lambda: Machine()
        )
        result = checks.checks()["inside.start"](NEVER)
        checks.close()
        assert result.status is Status.PASS, result
        return result.evidence, checks._tells["modules"]

    return look


def test_the_python_of_the_main_process_comes_before_the_path(looked_into):
    evidence, modules = looked_into(f"{SPACELESS}/bin/python", "-c", SLEEPS)
    assert f"({SPACELESS}/bin/python, by its main process)" in evidence
    assert modules == ["cupy"]


def test_the_python_that_an_init_process_started_is_found(looked_into):
    script = f"$P/bin/python -c '{SLEEPS}' & wait"
    evidence, modules = looked_into("sh", "-c", script, variables=(f"P={SPACELESS}",))
    assert f"({SPACELESS}/bin/python, by a process in it)" in evidence
    assert modules == ["cupy"]


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_a_prefix_that_the_entrypoint_activated_is_found(looked_into, variable):
    script = f"export {variable}='{PREFIX}'; exec sleep 1000"
    evidence, modules = looked_into("sh", "-c", script, at=PREFIX)
    assert f"({PREFIX}/bin/python, by {variable} of its main process)" in evidence
    assert modules == ["cupy"]


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_a_prefix_of_the_settings_is_found(looked_into, variable):
    evidence, modules = looked_into("sleep", "1000", variables=(f"{variable}={SPACELESS}",))
    assert f"({SPACELESS}/bin/python, by {variable} of its" in evidence
    assert modules == ["cupy"]


def test_a_path_that_the_entrypoint_set_is_found(looked_into):
    evidence, modules = looked_into("sh", "-c", f"export PATH={SPACELESS}/bin:$PATH; exec sleep 99")
    assert f"({SPACELESS}/bin/python3, by the PATH of its main process)" in evidence
    assert modules == ["cupy"]


def test_a_prefix_that_is_gone_falls_back_to_the_path(looked_into):
    evidence, modules = looked_into("sleep", "1000", variables=("VIRTUAL_ENV=/opt/gone",))
    assert "(python3, by the PATH)" in evidence
    assert modules == ["torch"]
