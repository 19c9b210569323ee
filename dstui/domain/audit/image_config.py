"""Rules about an image's config: what a container made from it starts with."""

import re
from collections.abc import Iterator

from dstui.domain.audit.evidence import ImageEvidence
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rule import Hit, Rule

_OFFICIAL_LABELS = ("source", "revision", "version")
_SYSTEM_DIRECTORIES = re.compile(r"/(?:dev|proc|sys)(?:/.*)?")
_BASE = "org.opencontainers.image.base."
_FEWEST_TOO_MANY_LAYERS = 100


def is_root(user: str) -> bool:
    """Whether a configured user is root; none configured is."""
    return user.partition(":")[0] in ("", "root", "0")


def _root(found: ImageEvidence) -> Iterator[Hit]:
    user = found.image.user
    if user is not None and is_root(user):
        yield Hit(f"User is {user}" if user else "no User is set")


def _latest(found: ImageEvidence) -> Iterator[Hit]:
    references = found.image.references
    if references and all(reference.endswith(":latest") for reference in references):
        yield Hit(f"{references[0]} is its only kind of name", references[0])


def _dangling(found: ImageEvidence) -> Iterator[Hit]:
    if found.image.dangling and not found.image.digests:
        yield Hit("no reference and no digest names it")


def _never_pushed(found: ImageEvidence) -> Iterator[Hit]:
    if not found.image.references:
        return
    if not found.image.digests:
        yield Hit("it has no digest of a registry")
    elif found.registry is not None and found.registry.has is False:
        yield Hit(found.registry.why)


def _base_unpinned(found: ImageEvidence) -> Iterator[Hit]:
    name = found.image.labels.get(f"{_BASE}name", "")
    if name and "@" not in name and not found.image.labels.get(f"{_BASE}digest"):
        yield Hit(f"built from {name}, without a digest", name)


def _no_healthcheck(found: ImageEvidence) -> Iterator[Hit]:
    if found.image.exposed_ports and not found.settings.healthcheck:
        yield Hit(f"it serves {', '.join(found.image.exposed_ports)} and has no HEALTHCHECK")


def _low_ports(found: ImageEvidence) -> Iterator[Hit]:
    for port in found.image.exposed_ports:
        number = port.partition("/")[0]
        if number.isdecimal() and int(number) < 1024 and int(number) not in (22, 80, 443):
            yield Hit(f"EXPOSE {port}", port)


def _system_volumes(found: ImageEvidence) -> Iterator[Hit]:
    for volume in found.settings.volumes:
        if _SYSTEM_DIRECTORIES.fullmatch(volume):
            yield Hit(f"VOLUME {volume}", volume)


def _shell_form(found: ImageEvidence) -> Iterator[Hit]:
    for name, words in (("ENTRYPOINT", found.image.entrypoint), ("CMD", found.image.command)):
        if words and len(words) == 3 and words[0] in ("/bin/sh", "sh") and words[1] == "-c":
            yield Hit(f"{name} is run by a shell: {words[2]}", name)


def _many_layers(found: ImageEvidence) -> Iterator[Hit]:
    if len(found.image.layers) >= _FEWEST_TOO_MANY_LAYERS:
        yield Hit(f"{len(found.image.layers)} layers")


def _no_origin(found: ImageEvidence) -> Iterator[Hit]:
    names = [f"org.opencontainers.image.{name}" for name in _OFFICIAL_LABELS]
    if not any(name in found.image.labels for name in names):
        yield Hit(f"none of the labels {', '.join(names)}")


RULES: tuple[Rule[ImageEvidence], ...] = (
    Rule(
        "image-root",
        Severity.LOW,
        "runs as root",
        "what breaks out of its program has every right in the container, and writes files into "
        "mounted directories as root",
        "add a user and `USER name` to the Dockerfile, or run it with --user $(id -u)",
        _root,
        ("CIS 4.1", "CIS-DI-0001", "DL3002"),
    ),
    Rule(
        "image-latest",
        Severity.LOW,
        "tagged latest",
        "the tag names another image after the next build or pull: nobody can tell what ran",
        "tag it with a version, a date or a git tree hash",
        _latest,
        ("DKL-DI-0006", "DL3007"),
    ),
    Rule(
        "image-dangling",
        Severity.INFO,
        "no name",
        "nothing says what it is for",
        "tag it, or remove it",
        _dangling,
    ),
    Rule(
        "image-only-here",
        Severity.INFO,
        "in no registry",
        "it exists on this engine alone, and no digest pins it",
        "push it, and use the digest that the registry gives",
        _never_pushed,
    ),
    Rule(
        "base-unpinned",
        Severity.INFO,
        "base image without a digest",
        "the same Dockerfile gives another image tomorrow",
        "write FROM name:tag@sha256:… in the Dockerfile",
        _base_unpinned,
        ("DL3006",),
    ),
    Rule(
        "no-healthcheck",
        Severity.INFO,
        "a server without a health check",
        "a server that hangs looks as healthy as one that answers",
        "add a HEALTHCHECK that asks the server",
        _no_healthcheck,
        ("CIS 4.6", "CIS-DI-0006", "DL3057"),
    ),
    Rule(
        "low-port",
        Severity.INFO,
        "a privileged port",
        "only root, or a process with a capability for it, can listen below 1024",
        "listen on a port from 1024 up and publish it as you like: -p 53:5353",
        _low_ports,
        ("CIS 5.8",),
    ),
    Rule(
        "system-volume",
        Severity.HIGH,
        "a volume over a system directory",
        "it hides what the kernel puts there, and programs fail in odd ways",
        "take the VOLUME out of the Dockerfile",
        _system_volumes,
        ("DKL-DI-0002",),
    ),
    Rule(
        "shell-form",
        Severity.INFO,
        "started through a shell",
        "the shell is process 1 and passes no signal on: a stop waits for its time-out, then kills",
        'use the exec form: ["program", "argument"]',
        _shell_form,
        ("DL3025",),
    ),
    Rule(
        "many-layers",
        Severity.LOW,
        "very many layers",
        "engines stop at 127, and each one costs at every start",
        "join RUN steps that belong together",
        _many_layers,
        ("DL3059",),
    ),
    Rule(
        "no-origin",
        Severity.INFO,
        "nothing says where it comes from",
        "whoever finds a fault in it cannot find its source",
        "build it with --label org.opencontainers.image.source=… and …revision=…",
        _no_origin,
        ("DL3049",),
    ),
)
