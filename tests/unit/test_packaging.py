"""The built wheel, installed where nothing else of ours is, is a working dstui."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import dstui

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target)]
    _run(*build, str(ROOT))
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the wheel in it; the libraries are borrowed from this one."""
    home = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "venv", "--without-pip", str(home))
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    _run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home


def test_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(path.relative_to(ROOT)) for path in (ROOT / "dstui").rglob("*") if _ours(path)}
    wanted |= {f"dstui/{path.relative_to(ROOT)}" for path in (ROOT / "themes").glob("*.toml")}
    assert not wanted - packed


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    packed = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert packed == {"dstui", f"dstui-{dstui.__version__}.dist-info"}


def test_installed_command_runs_from_its_own_files(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "bin" / "dstui"), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert answer.returncode == 0, answer.stderr
    assert dstui.__version__ in answer.stdout
    where = "import dstui; print(dstui.__file__)"
    python = str(installed / "bin" / "python")
    assert str(installed) in subprocess.check_output([python, "-c", where], text=True, cwd=tmp_path)


def _ours(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _run(*command: str) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
