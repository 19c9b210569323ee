"""Rules about what a container may do to its host."""

import re
from collections.abc import Callable, Iterator

from dstui.domain.audit.evidence import ContainerEvidence, ContainerSettings
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.image_config import is_root
from dstui.domain.audit.rule import Hit, Rule
from dstui.domain.audit.secret_words import in_setting

_ENGINE_SOCKET = re.compile(
    r".*/(?:docker|podman|containerd|crio|buildkitd)\.sock|(?:/var)?/run(?:/podman|/containerd)?/?"
)
_SYSTEM = re.compile(
    r"/|/(?:boot|dev|etc|lib|lib64|proc|root|sys|usr|var|var/lib|var/lib/docker)/?"
)
_HARMLESS = re.compile(
    r"/dev/(?:shm|null|zero|u?random)|/etc/(?:localtime|timezone|hostname|hosts)"
)
_STRONG = {
    "ALL": Severity.HIGH,
    "SYS_ADMIN": Severity.HIGH,
    "SYS_MODULE": Severity.HIGH,
    "SYS_RAWIO": Severity.HIGH,
    "DAC_READ_SEARCH": Severity.HIGH,
    "BPF": Severity.HIGH,
    "SYS_BOOT": Severity.MEDIUM,
    "SYS_TIME": Severity.MEDIUM,
    "NET_ADMIN": Severity.MEDIUM,
    "SYS_PTRACE": Severity.LOW,
    "IPC_LOCK": Severity.INFO,
    "SYS_NICE": Severity.INFO,
    "SYS_RESOURCE": Severity.LOW,
}
"""Of capabilities that the default set lacks; any other that is added counts as low."""
_USUAL_DEVICE = re.compile(
    r"/dev/(?:nvidia\S*|dri\S*|kfd|dxg|infiniband\S*|fuse|net/tun|snd\S*|video\d+)"
)


def _privileged(found: ContainerEvidence) -> Iterator[Hit]:
    if found.container.privileged:
        yield Hit("HostConfig.Privileged is true")


def _engine_socket(found: ContainerEvidence) -> Iterator[Hit]:
    for mount in found.container.mounts:
        if mount.type == "bind" and _ENGINE_SOCKET.fullmatch(mount.source):
            yield Hit(f"{mount.source} is mounted at {mount.destination}", mount.source)


def _system_directory(found: ContainerEvidence) -> Iterator[Hit]:
    for mount in found.container.mounts:
        system = mount.type == "bind" and _SYSTEM.fullmatch(mount.source)
        if system and not _HARMLESS.fullmatch(mount.source):
            how = "read-only" if mount.read_only else "writable"
            severity = Severity.MEDIUM if mount.read_only else Severity.HIGH
            words = f"{mount.source} of the host is mounted at {mount.destination}, {how}"
            yield Hit(words, mount.source, severity)


def _shared_propagation(found: ContainerEvidence) -> Iterator[Hit]:
    for destination, how in found.settings.propagation.items():
        if how in ("shared", "rshared"):
            yield Hit(f"{destination} is mounted {how}", destination)


def _host(
    mode: Callable[[ContainerSettings], str], name: str
) -> Callable[[ContainerEvidence], Iterator[Hit]]:
    def find(found: ContainerEvidence) -> Iterator[Hit]:
        if mode(found.settings) == "host":
            yield Hit(f"--{name}=host")

    return find


def _host_network(found: ContainerEvidence) -> Iterator[Hit]:
    if found.container.network_mode == "host":
        yield Hit("--network=host")


def _capabilities(found: ContainerEvidence) -> Iterator[Hit]:
    for name in found.settings.cap_add:
        yield Hit(f"--cap-add {name}", name, _STRONG.get(name, Severity.LOW))


def _unconfined(found: ContainerEvidence) -> Iterator[Hit]:
    for option in found.container.security_options:
        kind, _, value = option.replace("=", ":", 1).partition(":")
        if (kind in ("seccomp", "apparmor") and value == "unconfined") or option in (
            "label=disable",
            "label:disable",
        ):
            yield Hit(f"--security-opt {option}", kind)


def _devices(found: ContainerEvidence) -> Iterator[Hit]:
    for path in found.settings.devices:
        if path.startswith("/dev/") and not _USUAL_DEVICE.fullmatch(path):
            yield Hit(f"--device {path}", path)


def _new_privileges(found: ContainerEvidence) -> Iterator[Hit]:
    options = found.container.security_options
    if not any(option.startswith("no-new-privileges") for option in options):
        yield Hit("no --security-opt no-new-privileges")


def _root_writes_host(found: ContainerEvidence) -> Iterator[Hit]:
    """Files that root makes in a mounted home cannot be removed by the home's owner."""
    user = found.container.user
    if user is None or not is_root(user) or found.settings.userns_mode not in ("", "host"):
        return
    for mount in found.container.mounts:
        if mount.type != "bind" or mount.read_only:
            continue
        if not _ENGINE_SOCKET.fullmatch(mount.source) and not _SYSTEM.fullmatch(mount.source):
            yield Hit(f"root may write {mount.source} of the host", mount.source)


def _secrets(found: ContainerEvidence) -> Iterator[Hit]:
    of_image = set(found.image.environment) if found.image else set()
    for name, value in found.container.environment:
        if (name, value) not in of_image and (secret := in_setting(name, value)):
            yield Hit(f"{name}: {secret.what}, {secret.masked}", name)


RULES: tuple[Rule[ContainerEvidence], ...] = (
    Rule(
        "privileged",
        Severity.HIGH,
        "privileged",
        "root in it is root on the host: every device, every capability, no confinement; a GPU "
        "needs none of that",
        "give only what it needs: --gpus, --device, --cap-add",
        _privileged,
        ("CIS 5.5",),
    ),
    Rule(
        "engine-socket",
        Severity.FATAL,
        "the engine's socket inside",
        "whoever runs code in it can start a container that owns the host, read-only mount or not",
        "take the mount away, or put a proxy before it that allows only what is needed",
        _engine_socket,
        ("CIS 5.32",),
    ),
    Rule(
        "system-directory",
        Severity.HIGH,
        "a system directory of the host inside",
        "what is written there changes the host, what is read there may be a secret of it",
        "mount only the directory that it needs, and :ro if it only reads",
        _system_directory,
        ("CIS 5.6",),
    ),
    Rule(
        "shared-propagation",
        Severity.MEDIUM,
        "mounts that spread to the host",
        "what it mounts there appears on the host and stays when it ends",
        "mount it :rprivate",
        _shared_propagation,
        ("CIS 5.20",),
    ),
    Rule(
        "host-pid",
        Severity.HIGH,
        "the host's processes in sight",
        "it can signal and, as root, read the memory of every process of the host",
        "drop --pid=host; use --pid=container:NAME to look into one other container",
        _host(lambda settings: settings.pid_mode, "pid"),
        ("CIS 5.16",),
    ),
    Rule(
        "host-network",
        Severity.MEDIUM,
        "the host's network",
        "it reaches services that listen on the host's loopback, and every port that it opens is "
        "open on the host",
        "publish the ports that it needs with -p; multi-node training may need it",
        _host_network,
        ("CIS 5.10",),
    ),
    Rule(
        "host-ipc",
        Severity.LOW,
        "the host's shared memory",
        "it can read and write what other programs of the host share in memory",
        "use --shm-size=16g: it serves NCCL and DataLoader workers as well",
        _host(lambda settings: settings.ipc_mode, "ipc"),
        ("CIS 5.17",),
    ),
    Rule(
        "host-uts",
        Severity.MEDIUM,
        "the host's name",
        "root in it can rename the host",
        "drop --uts=host, and use --hostname",
        _host(lambda settings: settings.uts_mode, "uts"),
        ("CIS 5.21",),
    ),
    Rule(
        "host-userns",
        Severity.LOW,
        "exempt from user namespaces",
        "the engine maps root away, and this container is exempt",
        "drop --userns=host",
        _host(lambda settings: settings.userns_mode, "userns"),
        ("CIS 5.31",),
    ),
    Rule(
        "added-capability",
        Severity.LOW,
        "an added capability",
        "the strong ones are root on the host by another name",
        "drop it, or say in the compose file why it is needed",
        _capabilities,
        ("CIS 5.4",),
    ),
    Rule(
        "unconfined",
        Severity.MEDIUM,
        "confinement switched off",
        "system calls and files that the default profile keeps from it are open",
        "drop the option; for a debugger --cap-add SYS_PTRACE is enough",
        _unconfined,
        ("CIS 5.2", "CIS 5.3", "CIS 5.22"),
    ),
    Rule(
        "host-device",
        Severity.LOW,
        "a device of the host inside",
        "it talks to the hardware as the host does",
        "drop --device, or give it :r",
        _devices,
        ("CIS 5.18",),
    ),
    Rule(
        "new-privileges",
        Severity.INFO,
        "setuid programs may raise its rights",
        "a fault in one of them makes any user of the container root in it",
        "run it with --security-opt no-new-privileges",
        _new_privileges,
        ("CIS 5.26",),
    ),
    Rule(
        "root-writes-host",
        Severity.LOW,
        "root writes into the host's directories",
        "the files that it makes belong to root: their owner cannot change or remove them",
        "run it with --user $(id -u):$(id -g)",
        _root_writes_host,
        ("CIS 4.1",),
    ),
    Rule(
        "secret-in-container-env",
        Severity.MEDIUM,
        "a secret in its environment",
        "everyone who may ask the engine reads it with `docker inspect`",
        "mount it as a file (--mount, compose secrets), or use a short-lived token",
        _secrets,
        ("CIS 4.10",),
    ),
)
