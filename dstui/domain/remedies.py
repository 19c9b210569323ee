"""Known refusals of an engine: what each means, and what to do."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remedy:
    """A cause in plain words and a fix, either of them empty where there is nothing to say."""

    cause: str = ""
    fix: str = ""


_GPU_TOOLKIT = (
    "install nvidia-container-toolkit, run `sudo nvidia-ctk runtime configure --runtime=docker` "
    "and restart the engine"
)

# The first that matches wins, so the GPU's come before the general ones that quote them.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        r'could not select device driver "(?:nvidia)?" with capabilities: \[\[.*gpu',
        "the engine has no NVIDIA container toolkit",
        _GPU_TOOLKIT,
    ),
    (
        r'could not select device driver "cdi"|unresolvable CDI devices',
        "the engine does not know the CDI device that the container asks for",
        "run `sudo nvidia-ctk cdi generate --output=/var/run/cdi/nvidia.yaml`, and see that CDI "
        "is on in the engine (features.cdi, by default since 28.2)",
    ),
    (
        r"(?:unknown or invalid runtime name|unknown runtime specified):? (?P<what>\S+)",
        "the engine has no runtime named {what}",
        "add it to the engine's daemon.json and restart the engine; for nvidia: " + _GPU_TOOLKIT,
    ),
    (
        r"driver/library version mismatch",
        "the NVIDIA driver was upgraded while the old kernel module is still loaded",
        "reboot, or end all GPU programs and reload the nvidia modules",
    ),
    (
        r"nvml error: driver not loaded|libnvidia-ml\.so",
        "the host's NVIDIA driver is not loaded, or the engine cannot see it",
        "run `nvidia-smi` on the host: it must work there first",
    ),
    (
        r"device error:.*unknown device",
        "a GPU that the container asks for does not exist any more",
        "compare its GPU ids with `nvidia-smi -L` and create it anew",
    ),
    (
        r"unsatisfied condition: cuda\s*>=\s*(?P<what>[\d.]+)",
        "the image needs CUDA {what}, more than the host's driver offers",
        "update the driver or use an older image",
    ),
    (
        r"(?:gathering device information|adding custom device).*\"(?P<what>/dev/[^\"]+)\"",
        "the host has no device {what}",
        "check its driver; for a GPU run `nvidia-smi` on the host",
    ),
    (
        r"name \"?/?(?P<what>[^\" ]+)\"? is already in use",
        "another container is named {what}",
        "choose another name, or remove or rename that container",
    ),
    (
        r"port is already allocated|address already in use",
        "another container or a program of the host uses the port",
        "stop what uses it (`ss -ltnp` tells), or create the container with another port",
    ),
    (
        r"exec: \"(?P<what>[^\"]+)\": (?:executable file not found|stat .*no such file)",
        "the image has no command {what}",
        "check the command and the image's PATH",
    ),
    (
        r"exec: \"(?P<what>[^\"]+)\": permission denied",
        "{what} is not executable in the image",
        "set its execute bit (chmod +x) in the image",
    ),
    (
        r"exec format error",
        "the program is built for another kind of CPU",
        "use an image for this host's architecture",
    ),
    (
        r"bind source path does not exist: (?P<what>\S+)",
        "the host has no {what}",
        "create the folder, or correct the mount",
    ),
    (
        r"no space left on device",
        "the engine's disk is full",
        "remove what is not needed any more: unused images come first",
    ),
    (
        r"cannot remove a running container|container .* is running",
        "it is running",
        "stop it first, or remove it by force",
    ),
    (r"container .* is paused", "it is paused", "unpause it first"),
    (
        r"is not running|can only kill running containers",
        "it is not running",
        "",
    ),
    (
        r"removal of container .* is already in progress",
        "the engine is removing it",
        "",
    ),
    (
        r"image is (?:being )?used by running container (?P<what>\w+)",
        "the running container {what} uses the image",
        "stop and remove that container first",
    ),
    (
        r"image is (?:being )?used by stopped container (?P<what>\w+)",
        "the stopped container {what} uses the image",
        "remove that container first, or remove the image by force",
    ),
    (
        r"image used by (?P<what>\w+): image is in use",
        "the container {what} uses the image",
        "remove that container first",
    ),
    (
        r"has dependent child images|image has dependent|is being used by other images",
        "other images are built on it",
        "remove those first",
    ),
    (
        r"must be forced.*referenced in multiple repositories|multiple tags|must force",
        "it has several references",
        "remove it by force: this removes all its references",
    ),
    (
        r"volume is (?:in use|being used)",
        "a container uses the volume, even if it is stopped",
        "remove that container first",
    ),
    (
        r"has active endpoints|network is being used|associated containers",
        "containers are connected to the network",
        "stop them or disconnect them first",
    ),
    (
        r"pre-defined network|default network .* cannot be removed",
        "it is one of the engine's own networks",
        "",
    ),
    (
        r"invalid container name",
        "the engine does not take this name",
        "use letters, digits, `_`, `.` and `-`, with a letter or a digit first",
    ),
    (r"invalid signal", "there is no such signal", "`kill -l` lists them"),
    (
        r"permission denied|operation not permitted",
        "the engine may not do this",
        "see the engine's log; a security module (AppArmor, SELinux) may forbid it",
    ),
)

_PATTERNS = tuple((re.compile(p, re.IGNORECASE | re.DOTALL), c, f) for p, c, f in _KNOWN)


def remedy(message: str) -> Remedy | None:
    """What is known of a refusal in these words; `None` for one that is not known."""
    for pattern, cause, fix in _PATTERNS:
        if found := pattern.search(message):
            given = {name: text or "" for name, text in found.groupdict().items()}
            return Remedy(cause.format(**given), fix.format(**given))
    return None
