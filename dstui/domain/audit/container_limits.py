"""Rules about what a container may use up: memory, processes, disk, shared memory."""

import re
from collections.abc import Iterator

from dstui.domain.audit.evidence import ContainerEvidence
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rule import Hit, Rule
from dstui.domain.container import State

DEFAULT_SHM_BYTES = 64 * 2**20

_FRAMEWORK_FILES = re.compile(
    r"(?:site|dist)-packages/(torch|tensorflow|jax|paddle|mxnet|cudf|vllm)(?:/version\.py|/__init__\.py|$)"
)
_FRAMEWORK_VARIABLES = {
    "PYTORCH_VERSION": "torch",
    "NVIDIA_PYTORCH_VERSION": "torch",
    "PYTORCH_BUILD_VERSION": "torch",
    "TENSORFLOW_VERSION": "tensorflow",
    "NVIDIA_TENSORFLOW_VERSION": "tensorflow",
    "VLLM_USAGE_SOURCE": "vllm",
}
_FRAMEWORK_NAMES = re.compile(
    r"(?:^|[/\s_-])(pytorch|torch|torchrun|torchserve|tensorflow|vllm|deepspeed|rapidsai|accelerate)"
    r"(?:$|[:/\s@_-])",
    re.I,
)
_INITS = re.compile(
    r"(?:^|/)(?:tini(?:-static)?|dumb-init|catatonit|docker-init|init|systemd|s6-svscan|supervisord"
    r"|runsvdir|my_init|pid1)$"
)
_MAKES_PROCESSES = re.compile(
    r"\b(?:jupyter\S*|start-notebook\S*|start-singleuser\S*|rserver|code-server|airflow|celery|ray"
    r"|sshd|cron|crond)\b"
)


def framework(found: ContainerEvidence) -> tuple[str, str] | None:
    """A framework that shares memory between processes, and how it was recognised."""
    for file in found.files.visible():
        if package := _FRAMEWORK_FILES.search(file.path):
            return package[1], f"/{file.path}"
    for name, _ in found.container.environment:
        if name in _FRAMEWORK_VARIABLES:
            return _FRAMEWORK_VARIABLES[name], f"ENV {name}"
    for text in (found.container.image, " ".join(found.settings.argv)):
        if word := _FRAMEWORK_NAMES.search(text):
            return word[1], text
    return None


def _small_shm(found: ContainerEvidence) -> Iterator[Hit]:
    limits, ipc = found.container.limits, found.settings.ipc_mode
    if limits is None or limits.shm_bytes is None or limits.shm_bytes > DEFAULT_SHM_BYTES:
        return
    if ipc == "host" or ipc.startswith("container:"):
        return
    if any(mount.destination == "/dev/shm" for mount in found.container.mounts):
        return
    if used := framework(found):
        name, how = used
        yield Hit(f"/dev/shm has {limits.shm_bytes // 2**20} MiB, and {name} is there ({how})")


def _no_memory_limit(found: ContainerEvidence) -> Iterator[Hit]:
    limits = found.container.limits
    if limits is not None and limits.memory_bytes is None:
        yield Hit("no --memory")


def _no_cpu_limit(found: ContainerEvidence) -> Iterator[Hit]:
    limits = found.container.limits
    if limits is not None and limits.cpus is None and not found.settings.cpu_shares:
        yield Hit("no --cpus and no --cpu-shares")


def _no_pids_limit(found: ContainerEvidence) -> Iterator[Hit]:
    limits = found.container.limits
    if limits is not None and limits.pids is None:
        yield Hit("no --pids-limit")


def _unlimited_logs(found: ContainerEvidence) -> Iterator[Hit]:
    settings = found.settings
    if settings.log_driver == "json-file" and "max-size" not in settings.log_options:
        yield Hit(f"log driver {settings.log_driver} without max-size")


def _no_init(found: ContainerEvidence) -> Iterator[Hit]:
    argv = found.settings.argv
    if found.settings.init or not argv or found.settings.pid_mode == "host":
        return
    if _INITS.search(argv[0]):
        return
    words = " ".join(argv)
    if server := _MAKES_PROCESSES.search(words):
        yield Hit(f"process 1 is {argv[0]}, for {server[0]}")


def _restart_loop(found: ContainerEvidence) -> Iterator[Hit]:
    container = found.container
    if container.state is State.RESTARTING and container.exit_code:
        yield Hit(f"--restart={container.restart_policy}, last exit code {container.exit_code}")


RULES: tuple[Rule[ContainerEvidence], ...] = (
    Rule(
        "small-shm",
        Severity.MEDIUM,
        "too little shared memory for a DataLoader",
        "DataLoader workers and NCCL die with a bus error once 64 MiB are full",
        "create it anew with --shm-size=16g (it costs nothing until it is used): it cannot be "
        "changed afterwards",
        _small_shm,
    ),
    Rule(
        "no-memory-limit",
        Severity.LOW,
        "no memory limit",
        "one leak takes the whole machine down for everybody on it",
        "docker update --memory 64g --memory-swap 64g NAME, also while it runs",
        _no_memory_limit,
        ("CIS 5.11",),
    ),
    Rule(
        "no-cpu-limit",
        Severity.INFO,
        "no CPU limit",
        "data loading of one job can take every core",
        "docker update --cpus 16 NAME, also while it runs",
        _no_cpu_limit,
        ("CIS 5.12",),
    ),
    Rule(
        "no-pids-limit",
        Severity.INFO,
        "no limit of processes",
        "a program that forks without end stops the machine",
        "docker update --pids-limit 4096 NAME, also while it runs",
        _no_pids_limit,
        ("CIS 5.29",),
    ),
    Rule(
        "unlimited-logs",
        Severity.LOW,
        "a log without a limit",
        "a progress bar in a loop fills the engine's disk, and every container stops",
        "create it with --log-opt max-size=50m --log-opt max-file=3, or set that in daemon.json",
        _unlimited_logs,
        ("CIS 2.13",),
    ),
    Rule(
        "no-init",
        Severity.LOW,
        "no init",
        "child processes that end stay as zombies, until no new process can be started",
        "create it with --init",
        _no_init,
    ),
    Rule(
        "restart-loop",
        Severity.MEDIUM,
        "it restarts again and again",
        "it fails at once each time, and fills the log",
        "look at its log, and use --restart=on-failure:5",
        _restart_loop,
        ("CIS 5.15",),
    ),
)
