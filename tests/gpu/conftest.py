"""A driver of our own: the real binding over a stub of the driver's library, built with gcc."""

import ctypes
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pynvml
import pytest

from dstui.domain.changes import Change, GpusSampled
from dstui.domain.gpu import GpuReport
from dstui.domain.gpu_event import GpuEvent
from tests import needs
from tests.waiting import wait_until

SOURCE = Path(__file__).with_name("stub") / "nvml.c"


class Driver:
    """What the stub answers: `driver.set("gpus=2", "0.lost=1")` replaces the whole scenario."""

    def __init__(self, home: Path, library: Path) -> None:
        self.library = library
        self.scenario = home / "scenario"
        self._calls = home / "calls"
        self._told = 0
        self.set("gpus=1")

    def set(self, *lines: str) -> None:
        """From the next call on, answer so. Whole at once: the other side reads at any time."""
        new = self.scenario.with_suffix(".new")
        new.write_text("\n".join((*lines, f"calls={self._calls}")) + "\n")
        new.rename(self.scenario)

    def calls(self) -> list[str]:
        """The calls since this was last asked."""
        made = self._calls.read_text().split() if self._calls.exists() else []
        fresh = made[self._told :]
        self._told = len(made)
        return fresh


class Reports:
    """Takes what a sampler announces."""

    def __init__(self) -> None:
        self.all: list[GpuReport] = []
        self.events: list[GpuEvent] = []

    def __call__(self, change: Change) -> None:
        assert isinstance(change, GpusSampled)
        self.all.append(change.report)

    def wait_for(self, wanted: Callable[[GpuReport], object]) -> GpuReport:
        """The first report from now on that is wanted."""
        seen = 0

        def found() -> GpuReport | None:
            nonlocal seen
            fresh = self.all[seen:]
            seen += len(fresh)
            return next((report for report in fresh if wanted(report)), None)

        report = wait_until(found, "a report")
        assert report is not None
        return report


@pytest.fixture(scope="session")
def build_stub(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compiles the stub, `build_stub("OLD_DRIVER")`, once for each set of definitions."""
    built: dict[tuple[str, ...], Path] = {}

    def build(*definitions: str) -> Path:
        if definitions not in built:
            library = tmp_path_factory.mktemp("stub") / "libnvidia-ml.so.1"
            flags = ["-shared", "-fPIC", "-O1", "-pthread", f"-Wl,-soname,{library.name}"]
            flags += [f"-D{name}" for name in definitions]
            command = [needs.program("gcc"), *flags, "-o", str(library), str(SOURCE)]
            compiled = subprocess.run(command, capture_output=True, text=True, check=False)
            if compiled.returncode:
                needs.unavailable(f"gcc cannot build the stub driver: {compiled.stderr}")
            built[definitions] = library
        return built[definitions]

    return build


@pytest.fixture
def driver(
    build_stub: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Driver]:
    """A driver that new processes find, and that the binding of this process speaks to."""
    library = build_stub()
    made = Driver(tmp_path, library)
    monkeypatch.setenv("DSTUI_TEST_SCENARIO", str(made.scenario))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(library.parent))
    monkeypatch.setattr(pynvml, "nvmlLib", ctypes.CDLL(str(library)))
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    yield made
    made.set("gpus=0")  # lets go of a call that hangs


@pytest.fixture
def old_driver(
    build_stub: Callable[..., Path], driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> Driver:
    """A driver from before R510: without the newer forms of the calls."""
    library = build_stub("OLD_DRIVER")
    monkeypatch.setattr(pynvml, "nvmlLib", ctypes.CDLL(str(library)))
    return driver
