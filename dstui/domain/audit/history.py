"""Rules about the steps by which an image was built."""

import re
from collections.abc import Callable, Iterator

from dstui.domain.audit.evidence import ImageEvidence
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rule import Hit, Rule
from dstui.domain.instruction import Instruction

Find = Callable[[ImageEvidence], Iterator[Hit]]

_UPDATE = re.compile(r"\b(?:apt-get|apt|apk|yum|dnf|microdnf|zypper)(?: -\S+)* update\b")
_INSTALL = re.compile(
    r"\b(?:apt-get|apt|yum|dnf|microdnf|zypper)\b[^&;|]*\b(?:install|upgrade|dist-upgrade|build-dep)\b"
    r"|\bapk\b[^&;|]*\b(?:add|upgrade)\b|\b(?:yum|dnf|microdnf|zypper)\b[^&;|]*\bupdate\b"
    r"|\.sh\b"
)
_UPGRADE = re.compile(
    r"\b(?:apt-get|apt)\b[^&;|]*\bdist-upgrade\b|\b(?:apt-get|apt)\b[^&;|]*\bfull-upgrade\b"
)
_SUDO = re.compile(r"(?:^|[;&|]\s*|\bthen |\bdo )sudo\s+(?!-l)\S")
_ARCHIVE = re.compile(r"\.(?:tar|tgz|tbz2?|txz|zip|gz|bz2|xz|zst)\b|https?://|git@|\.git\b", re.I)
_ADDED_FILE = re.compile(r"(?:file|multi|dir):[0-9a-f]{64} in ")
_PIPED = re.compile(r"\b(?:curl|wget)\b[^;&]*\|\s*(?:sudo )?(?:ba|z|da)?sh\b")
_OPEN_TO_ALL = re.compile(r"\bchmod\b[^;&|]*\s(?:0?777|a\+rwx|ugo\+rwx)\b")


def _in_run(form: re.Pattern[str], but_not: re.Pattern[str] | None = None) -> Find:
    """Finds the RUN steps that match, but for those that match the other form too."""

    def find(found: ImageEvidence) -> Iterator[Hit]:
        for number, step in found.steps():
            hit = form.search(step.arguments) if step.keyword == "RUN" else None
            if hit and not (but_not and but_not.search(step.arguments)):
                yield _hit(number, step, step.arguments[hit.start() :])

    return find


def _added(found: ImageEvidence) -> Iterator[Hit]:
    """`ADD` where `COPY` would do. What the first one adds is the base's root file system."""
    additions = [(number, step) for number, step in found.steps() if step.keyword == "ADD"]
    for number, step in additions:
        from_base = number == 1 or _ADDED_FILE.match(step.arguments)
        if not from_base and not _ARCHIVE.search(step.arguments):
            yield _hit(number, step, step.arguments)


def _maintainer(found: ImageEvidence) -> Iterator[Hit]:
    for number, step in found.steps():
        if step.keyword == "MAINTAINER":
            yield _hit(number, step, step.arguments)


def _hit(number: int, step: Instruction, words: str) -> Hit:
    shown = words if len(words) <= 80 else f"{words[:79]}…"
    return Hit(f"step {number}: {step.keyword} {shown}", f"step {number}")


RULES: tuple[Rule[ImageEvidence], ...] = (
    Rule(
        "update-alone",
        Severity.LOW,
        "package lists updated in a step of their own",
        "the cached step goes stale, and a later install takes old packages or fails",
        "update and install in one RUN",
        _in_run(_UPDATE, but_not=_INSTALL),
        ("CIS 4.7", "CIS-DI-0007"),
    ),
    Rule(
        "dist-upgrade",
        Severity.LOW,
        "the whole base upgraded in a step",
        "each upgraded file is in the image twice, and no build can be repeated",
        "take a newer base image",
        _in_run(_UPGRADE),
        ("DKL-DI-0003", "DL3035"),
    ),
    Rule(
        "sudo",
        Severity.LOW,
        "sudo in a build step",
        "a build is root already; sudo behaves unforeseeably there and stays in the image",
        "switch with USER",
        _in_run(_SUDO),
        ("DKL-DI-0001", "DL3004"),
    ),
    Rule(
        "piped-into-shell",
        Severity.LOW,
        "a download run unseen",
        "whoever controls the address, or the network, controls the image",
        "download a fixed version, check its checksum, then run it",
        _in_run(_PIPED),
        ("DL4006",),
    ),
    Rule(
        "open-to-all",
        Severity.LOW,
        "files made writable for everyone",
        "any process in the container can replace them; and the changed files are stored twice",
        "use COPY --chown and --chmod, and give the rights to one user",
        _in_run(_OPEN_TO_ALL),
    ),
    Rule(
        "add-for-copy",
        Severity.INFO,
        "ADD where COPY would do",
        "ADD also unpacks and downloads, which surprises",
        "use COPY",
        _added,
        ("CIS 4.9", "CIS-DI-0009", "DL3020"),
    ),
    Rule(
        "maintainer",
        Severity.INFO,
        "MAINTAINER is deprecated",
        "it is no label, so nothing finds it",
        "use LABEL org.opencontainers.image.authors=…",
        _maintainer,
        ("DL4000",),
    ),
)
