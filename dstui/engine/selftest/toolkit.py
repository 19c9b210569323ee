"""NVIDIA's container toolkit as the engine has it: runtimes, CDI, versions, known risks."""

import shutil
import subprocess
import threading
import tomllib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from dstui.domain.cuda_compat import version
from dstui.domain.selftest.step import StepResult, failed, passed, skipped, warned
from dstui.domain.text import clean
from dstui.engine.client import Engine
from dstui.engine.convert.read import Json, mapping, rows, text, texts
from dstui.engine.selftest.daemon import is_here

Check = Callable[[threading.Event], StepResult]

_PROGRAMS = ("nvidia-ctk", "nvidia-container-runtime", "nvidia-container-cli")
_HOOK = "nvidia-container-runtime-hook"
_CDI_DIRECTORIES = ("etc/cdi", "var/run/cdi")
_CONFIG = "etc/nvidia-container-runtime/config.toml"
_GPU = "nvidia.com/gpu"
_VERSION_LIMIT_S = 5.0
_INSTALL = (
    "install nvidia-container-toolkit, run `sudo nvidia-ctk runtime configure --runtime=docker` "
    "and restart the engine"
)
_REGENERATE = (
    "sudo systemctl restart nvidia-cdi-refresh, or "
    "sudo nvidia-ctk cdi generate --output=/var/run/cdi/nvidia.yaml"
)


class ToolkitChecks:
    """Looks at the engine's answers, and at this machine's files where the engine is on it."""

    def __init__(self, engine: Engine, root: Path = Path("/")) -> None:
        self._engine = engine
        self._root = root
        self._here = is_here(engine)

    def checks(self) -> Mapping[str, Check]:
        """A check for each step."""
        return {
            "engine.runtimes": self._runtimes,
            "engine.cdi": self._cdi,
            "engine.toolkit": self._toolkit,
            "engine.reload": self._reload,
        }

    @cached_property
    def _info(self) -> Json:
        return mapping(self._engine.rest.get("/info"))

    @property
    def _has_runtime(self) -> bool:
        return "nvidia" in mapping(self._info.get("Runtimes"))

    @cached_property
    def _discovered(self) -> tuple[str, ...]:
        """The CDI devices that the engine tells of (API 1.50)."""
        devices = map(mapping, rows(self._info.get("DiscoveredDevices")))
        names = (text(device.get("ID")) for device in devices)
        return tuple(name for name in names if name.startswith(_GPU))

    def _runtimes(self, stop: threading.Event) -> StepResult:
        default = text(self._info.get("DefaultRuntime"))
        if self._has_runtime:
            return passed(f"nvidia is registered; the default is {default or 'runc'}")
        if self._discovered:
            return passed(f"by CDI: {len(self._discovered)} devices")
        if self._here and shutil.which(_HOOK):
            return passed(f"{_HOOK} is there, which is enough for --gpus")
        if not self._here:
            return skipped("the engine tells of no NVIDIA runtime and no CDI device")
        return warned(
            "neither the runtime nvidia nor a CDI device nor NVIDIA's hook",
            "the engine has no NVIDIA container toolkit",
            _INSTALL,
        )

    def _cdi(self, stop: threading.Event) -> StepResult:
        directories = texts(self._info.get("CDISpecDirs"))
        specs = self._specs() if self._here else ()
        if not directories:
            return skipped(
                "this engine tells of no CDI directory: it is older than 25, or CDI is off"
            )
        if self._discovered:
            return self._aged(specs) or passed(", ".join(self._discovered))
        if not specs:
            return skipped(f"no specification in {', '.join(directories)}: GPUs come by the hook")
        return self._aged(specs) or passed(", ".join(map(str, specs)))

    def _specs(self) -> tuple[Path, ...]:
        found = (self._root / directory for directory in _CDI_DIRECTORIES)
        files = (file for directory in found for file in directory.glob("*"))
        return tuple(file for file in files if "nvidia" in file.name and file.is_file())

    def _aged(self, specs: tuple[Path, ...]) -> StepResult | None:
        """A specification names the driver's files: one from before the driver names old ones."""
        driver = self._loaded_driver()
        for spec in specs:
            try:
                words = spec.read_text(errors="replace")
            except OSError:
                continue
            if driver and ".so." in words and driver not in words:
                return failed(
                    f"{spec} names no file of driver {driver}",
                    "the CDI specification is older than the driver",
                    _REGENERATE,
                )
        return None

    def _loaded_driver(self) -> str:
        try:
            return clean((self._root / "sys/module/nvidia/version").read_text().strip())
        except OSError:
            return ""

    def _toolkit(self, stop: threading.Event) -> StepResult:
        if not self._here:
            return skipped("the engine is on another machine")
        found = {name: words for name in _PROGRAMS if (words := _version_of(name))}
        settings = self._settings()
        cli = mapping(settings.get("nvidia-container-cli"))
        evidence = ", ".join(f"{name} {words}" for name, words in found.items())
        if not found:
            return warned("none of its programs is on the PATH", "no container toolkit", _INSTALL)
        if cli.get("no-cgroups") is True and not self._engine.info.rootless:
            return failed(
                f"{evidence}; no-cgroups = true in {_CONFIG}",
                "no-cgroups is for rootless engines: here containers get no right to the device "
                "nodes, and NVML answers 999 in them",
                "sudo nvidia-ctk config --set nvidia-container-cli.no-cgroups=false --in-place",
            )
        if cli.get("no-cgroups") is not True and self._engine.info.rootless:
            return warned(
                evidence,
                "a rootless engine may not change the device control group",
                "sudo nvidia-ctk config --set nvidia-container-cli.no-cgroups --in-place, or CDI",
            )
        loader = text(cli.get("ldconfig")).removeprefix("@")
        if loader and not (self._root / loader.lstrip("/")).exists():
            return failed(
                f"{evidence}; ldconfig = {loader} is not there",
                f"the path of ldconfig in {_CONFIG} is wrong for this distribution",
                'set ldconfig = "@/sbin/ldconfig" or "@/sbin/ldconfig.real" to the one that exists',
            )
        mode = text(mapping(settings.get("nvidia-container-runtime")).get("mode"))
        return passed(evidence + (f", mode {mode}" if mode else ""))

    def _settings(self) -> Json:
        try:
            return tomllib.loads((self._root / _CONFIG).read_text())
        except (OSError, ValueError):
            return {}

    def _reload(self, stop: threading.Event) -> StepResult:
        driver = self._engine.info.cgroup_driver
        if driver != "systemd":
            return passed(f"control groups by {driver or 'unknown'}: daemon-reload changes nothing")
        if self._discovered:
            return passed("devices come by CDI, which survives it")
        return warned(
            "control groups by systemd, GPUs by NVIDIA's hook",
            "`systemctl daemon-reload` takes the GPUs from running containers: NVML answers "
            "Unknown Error in them",
            "use CDI (engine 28.2 or later with nvidia-ctk cdi generate), or cgroupfs",
        )


def _version_of(program: str) -> str:
    """The version that a program tells, or nothing."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        ran = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=_VERSION_LIMIT_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "does not run"
    words = next((word for word in ran.stdout.split() if version(word)), "")
    return clean(words) or "of unknown version"
