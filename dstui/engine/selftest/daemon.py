"""The engine itself: where it runs, its disk, its control groups, what it gives by default."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from dstui.domain.engine import EngineError
from dstui.domain.kind import Kind
from dstui.domain.quantity import decimal_bytes, scaled
from dstui.domain.selftest.step import StepResult, failed, passed, skipped, warned
from dstui.engine.client import Engine
from dstui.engine.convert.read import Json, mapping, rows, text, whole
from dstui.engine.throwaway import throwaway

Check = Callable[[threading.Event], StepResult]

_SLOW_STORAGE = ("vfs", "devicemapper", "aufs")
_ROTATES = ("local", "journald", "none", "syslog", "splunk", "gelf", "fluentd")
"""Log drivers that do not fill the engine's disk without end."""
_LOW_SHARE, _LOW_BYTES = 0.10, 20_000_000_000
_SMALL_SHM = 64 * 1024 * 1024
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class DaemonChecks:
    """The steps that need no GPU."""

    def __init__(self, engine: Engine, may_create: bool = True) -> None:
        self._engine = engine
        self._may_create = may_create

    def checks(self) -> Mapping[str, Check]:
        """A check for each step."""
        return {
            "engine.reachable": self._reachable,
            "engine.kind": self._kind,
            "engine.storage": self._storage,
            "engine.disk": self._disk,
            "engine.cgroup": self._cgroup,
            "engine.logs": self._logs,
            "engine.shm": self._shm,
            "engine.contexts": self._contexts,
        }

    def _reachable(self, stop: threading.Event) -> StepResult:
        self._engine.ping()
        info = self._engine.info
        return passed(f"{info.product} {info.version}, API {info.api_version}, at {info.host}")

    def _kind(self, stop: threading.Event) -> StepResult:
        info = self._engine.info
        where = "this machine" if is_here(self._engine) else "another machine or a VM"
        kind = ", rootless" if info.rootless else ""
        evidence = f"{where}{kind}: {info.operating_system or info.name}"
        if "Docker Desktop" in info.operating_system:
            return warned(
                evidence,
                "Docker Desktop runs the engine in a VM, which sees a GPU only on Windows (WSL 2)",
                "use the distribution's engine for GPUs on Linux",
            )
        return passed(evidence)

    def _storage(self, stop: threading.Event) -> StepResult:
        driver = self._engine.info.storage_driver
        if driver in _SLOW_STORAGE:
            return warned(
                driver,
                "it copies whole layers or is no longer maintained: slow, and large images take "
                "their size again and again",
                "move to overlay2 on ext4 or xfs",
            )
        return passed(driver) if driver else skipped("the engine does not tell")

    def _disk(self, stop: threading.Event) -> StepResult:
        path = self._engine.info.data_root
        if not path or not is_here(self._engine):
            return skipped("the engine's disk is not on this machine")
        try:
            disk = os.statvfs(path)
        except OSError as error:
            return skipped(f"{path}: {error.strerror}")
        free, total = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        evidence = f"{decimal_bytes(free)} of {decimal_bytes(total)} free at {path}"
        if free < _LOW_BYTES / 20:
            return failed(evidence, "the engine's disk is full", _CLEAN)
        if free < _LOW_BYTES and free < total * _LOW_SHARE:
            return warned(evidence, "a large image or a log can fill the rest", _CLEAN)
        return passed(evidence)

    def _cgroup(self, stop: threading.Event) -> StepResult:
        info = self._engine.info
        if not info.cgroup_version:
            return skipped("the engine does not tell")
        evidence = f"version {info.cgroup_version}, driver {info.cgroup_driver or 'unknown'}"
        if info.cgroup_driver == "none":
            return warned(
                evidence,
                "a rootless engine without delegated control groups sets no limits",
                "delegate them with systemd (Delegate=yes) and use cgroup version 2",
            )
        return passed(evidence)

    def _logs(self, stop: threading.Event) -> StepResult:
        log = mapping(self._defaults.get("LogConfig"))
        driver, options = text(log.get("Type")), mapping(log.get("Config"))
        if not driver:
            return skipped(_NO_DEFAULTS)
        if driver in _ROTATES:
            return passed(f"driver {driver}")
        if size := text(options.get("max-size")):
            return passed(f"driver {driver}, max-size {size}")
        return warned(
            f"driver {driver} without max-size",
            "the log of a container grows until the disk is full",
            'in daemon.json: "log-driver": "local", or "log-opts": {"max-size": "50m", '
            '"max-file": "3"}; it applies to new containers',
        )

    def _shm(self, stop: threading.Event) -> StepResult:
        size = whole(self._defaults.get("ShmSize"))
        if not size:
            return skipped(_NO_DEFAULTS)
        evidence = scaled(size, 1024, _UNITS, digits=3)
        if size <= _SMALL_SHM:
            return passed(
                f"{evidence}, the usual: PyTorch's DataLoader and NCCL need more, by --shm-size "
                "or --ipc=host",
            )
        return passed(evidence)

    def _contexts(self, stop: threading.Event) -> StepResult:
        current = self._engine.info.context or self._engine.endpoint.source
        names = _contexts()
        known = f"; known: {', '.join(names)}" if names else ""
        variable = os.environ.get("DOCKER_HOST")
        if variable and self._engine.info.context is None and names:
            return passed(f"DOCKER_HOST overrides all contexts{known}")
        return passed(f"{current}{known}")

    @cached_property
    def _defaults(self) -> Json:
        """What the engine gives a container by itself: told by one that is never started, or by
        the daemon's configuration.
        """
        images = rows(self._engine.rest.get("/images/json")) if self._may_create else []
        if images:
            try:
                with throwaway(self._engine, text(images[0].get("Id")), "selftest") as name:
                    return mapping(self._engine.inspect(Kind.CONTAINER, name).get("HostConfig"))
            except EngineError:
                pass
        return _configured() if is_here(self._engine) else {}


_CLEAN = "remove what is not needed: unused images, stopped containers, the build cache"
_NO_DEFAULTS = "there is no image to tell it by"


def is_here(engine: Engine) -> bool:
    """Whether the engine shares this machine's kernel; a VM of Docker Desktop does not."""
    release = os.uname().release
    return engine.endpoint.local and engine.info.kernel in ("", release)


def _configured() -> Json:
    """The log driver as the daemon's configuration names it."""
    try:
        told = mapping(json.loads(Path("/etc/docker/daemon.json").read_text()))
    except (OSError, ValueError):
        return {}
    driver = text(told.get("log-driver")) or "json-file"
    return {"LogConfig": {"Type": driver, "Config": mapping(told.get("log-opts"))}}


def _contexts() -> list[str]:
    """The names of the contexts that the docker command line knows."""
    home = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    names = []
    for file in sorted(home.glob("contexts/meta/*/meta.json")):
        try:
            names.append(text(mapping(json.loads(file.read_text())).get("Name")))
        except (OSError, ValueError):
            continue
    return [name for name in names if name]
