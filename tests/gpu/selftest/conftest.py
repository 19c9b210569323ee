"""CUDA and NVIDIA's hook of our own: a stub library, and an engine that runs a fake hook."""

import io
import os
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from runpy import run_path

import docker
import pytest

from dstui.domain.engine import Endpoint
from dstui.engine.client import Engine
from dstui.engine.connect import connect
from tests import needs
from tests.busybox import build_context
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[3]
SOURCE = Path(__file__).parents[1] / "stub" / "cuda.c"
BARE_IMAGE = "dstui-selftest/bare:1"
LAB_IMAGE = "dstui-selftest/lab:1"
"""Its `python3` answers the probes by rote, as a Python with PyTorch would."""
_HOOK = """#!/bin/sh
cat >/dev/null
if [ -s {says} ]; then cat {says} >&2; exit 1; fi
"""
_LIBRARIES = ("/usr", "/lib", "/lib64")


class Cuda:
    """The stub library: `cuda.set("cuInit=999")` replaces the scenario."""

    def __init__(self, home: Path, library: Path) -> None:
        self.library = library
        self.home = home
        self.scenario = home / "scenario"
        self.set()

    def set(self, *lines: str) -> None:
        """From the next call on, answer so."""
        new = self.scenario.with_suffix(".new")
        new.write_text("\n".join(lines) + "\n")
        new.rename(self.scenario)


@pytest.fixture(scope="session", params=(10, 11, 12, 13), ids=lambda cuda: f"CUDA-{cuda}")
def every_cuda_library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The stub with the symbols of a CUDA, one after the other."""
    return build_stub(tmp_path_factory.mktemp("cuda"), request.param)


@pytest.fixture(scope="session")
def cuda_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stub, compiled."""
    return build_stub(tmp_path_factory.mktemp("cuda"), 13)


def build_stub(home: Path, cuda: int) -> Path:
    """Compile the stub as the library of a CUDA release."""
    library = home / "libcuda.so.1"
    command = [needs.program("gcc"), "-shared", "-fPIC", "-O1", "-Wl,-soname,libcuda.so.1"]
    command += [f"-DCUDA={cuda}"]
    built = subprocess.run(
        [*command, "-o", str(library), str(SOURCE)], capture_output=True, text=True, check=False
    )
    if built.returncode:
        needs.unavailable(f"gcc cannot build the stub of CUDA: {built.stderr}")
    return library


@pytest.fixture
def cuda(cuda_library: Path, tmp_path: Path) -> Iterator[Cuda]:
    """The stub, answering well."""
    made = Cuda(tmp_path, cuda_library)
    yield made
    made.set()  # lets go of a call that hangs


class Hook:
    """NVIDIA's hook as the private engine has it: `hook.fails("nvidia-container-cli: …")`."""

    def __init__(self, home: Path) -> None:
        self._says = home / "says"
        self.works()
        program = home / "nvidia-container-runtime-hook"
        program.write_text(_HOOK.format(says=self._says))
        program.chmod(0o755)

    def works(self) -> None:
        """Every container gets its GPUs."""
        self._says.write_text("")

    def fails(self, words: str) -> None:
        """No container does, and this is why."""
        self._says.write_text(words + "\n")


class HookedEngine:
    """A private engine whose `--gpus` is served by the fake hook."""

    def __init__(self, host: str, hook: Hook) -> None:
        self.host = host
        self.hook = hook
        self.api = docker.APIClient(base_url=host, version="auto", timeout=PATIENCE_S)
        self._made: list[str] = []

    def connect(self) -> Engine:
        return connect((Endpoint(self.host, source="the tests"),))

    def create(
        self,
        command: Sequence[str] = ("sleep", "1000"),
        gpus: bool = True,
        binds: Sequence[str] = (),
        environment: Sequence[str] = (),
        image: str = BARE_IMAGE,
    ) -> str:
        """A container that was granted all GPUs; its id."""
        every = docker.types.DeviceRequest(count=-1, capabilities=[["gpu"]])
        host = self.api.create_host_config(
            binds=list(binds),
            device_requests=[every] if gpus else [],
            network_mode="none",
        )
        answer = self.api.create_container(
            image, list(command), host_config=host, environment=list(environment)
        )
        self._made.append(answer["Id"])
        return str(answer["Id"])

    def run(self, **options) -> str:
        """The same, running."""
        identifier = self.create(**options)
        self.api.start(identifier)
        return identifier

    def execute(self, container: str, command: str) -> None:
        """Run a shell command in a container."""
        made = self.api.exec_create(container, ["sh", "-c", command])
        self.api.exec_start(made["Id"])

    def remove_later(self, identifier: str) -> None:
        """A container that the test made by itself."""
        self._made.append(identifier)

    def clean_up(self) -> None:
        """Remove what the test made, and see that dstui left nothing."""
        self.hook.works()
        for identifier in self._made:
            self.api.remove_container(identifier, force=True, v=True)
        self._made = []
        left = [row["Names"] for row in self.api.containers(all=True)]
        assert not left, f"containers were left behind: {left}"


@pytest.fixture(scope="session")
def hooked_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HookedEngine]:
    script = run_path(str(ROOT / "scripts" / "private_engine.py"))
    if reason := script["_why_not"]():
        needs.unavailable(reason)
    home = tmp_path_factory.mktemp("hook")
    hook = Hook(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{home}:{os.environ['PATH']}")  # of the daemon: there it looks
        context = script["private_engine"]()
        environment = context.__enter__()
    try:
        engine = HookedEngine(environment["DSTUI_TEST_HOST"], hook)
        _build_images(engine.api)
        yield engine
        engine.api.close()
    finally:
        context.__exit__(None, None, None)


@pytest.fixture
def hooked(hooked_session: HookedEngine) -> Iterator[HookedEngine]:
    """The private engine, with no container on it before and after."""
    yield hooked_session
    hooked_session.clean_up()


_PYTHON_BY_ROTE = r"""#!/bin/sh
says() { printf 'dstui:%s\n' "$1"; }
case $2 in
*GPU_VARIABLES*) says '{"python": "3.12.1", "modules": ["torch"], "shm": [67108864, 67108864],
  "memlock": null, "nofile": 1048576, "environment": {}, "nodes": []}' | tr -d '\n'; echo;;
*SECONDS_OF_LAUNCHES*)
  if [ -e /miscomputes ]; then right=false; else right=true; fi
  says '{"init": 0}'
  says '{"computed": 0, "exact": '$right', "same": true, "taken": 9, "free": 9, "total": 18}'
  says '{"done": true}';;
*cuInit*)
  says '{"libraries": ["/usr/lib/libcuda.so.570.86.15"]}'
  if [ -e /broken ]; then says '{"call": "cuInit", "code": 999}'; exit; fi
  says '{"init": 0}'; says '{"version": 12080}'; says '{"count": 1}'
  says '{"device": 0, "name": "By rote", "capability": "9.0"}'
  case $4 in memory) says '{"memory": 0, "same": true, "free": 1, "total": 2}';; esac;;
*FRAMEWORK*|*XLA_PYTHON*)
  if [ -e /cpu-only ]; then says '{"error": "RuntimeError: Torch not compiled with CUDA enabled"}'
  else says '{"version": "2.8.0", "cuda": "12.8", "devices": 1, "exact": true}'; fi;;
esac
"""


def _build_images(api: docker.APIClient) -> None:
    for tag, extra in ((BARE_IMAGE, {}), (LAB_IMAGE, {"bin/python3": _PYTHON_BY_ROTE})):
        context = with_files(build_context(needs.program("busybox")), extra)
        for line in api.build(fileobj=context, custom_context=True, tag=tag, rm=True, decode=True):
            assert "error" not in line, line["error"]


def with_files(context: io.BytesIO, files: dict[str, str]) -> io.BytesIO:
    """A build context with further programs in it."""
    with tarfile.open(fileobj=context, mode="a") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"rootfs/{name}")
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content.encode()))
    context.seek(0)
    return context


@pytest.fixture
def python_binds(cuda: Cuda) -> list[str]:
    """This machine's Python and the stub of CUDA, for a container's `binds`."""
    directories = dict.fromkeys([*_LIBRARIES, sys.base_prefix])
    binds = [
        f"{os.path.realpath(path)}:{path}:ro"
        for path in directories
        if Path(path).exists() and (path in _LIBRARIES or not path.startswith("/usr"))
    ]
    return [*binds, f"{cuda.library.parent}:/stub:ro", f"{cuda.home}:/scenario:ro"]


@pytest.fixture
def python_environment() -> list[str]:
    """What makes that Python and that stub be found."""
    python = Path(sys.base_prefix) / "bin"
    libraries = sysconfig.get_config_var("LIBDIR")
    return [
        f"PATH={python}:/usr/bin:/bin",
        f"LD_LIBRARY_PATH=/stub:{libraries}",
        "DSTUI_TEST_SCENARIO=/scenario/scenario",
    ]
