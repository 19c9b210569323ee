"""Rules about the files of an image: rights, leftovers, servers. They need an index of them."""

import re
import stat
from collections.abc import Iterator

from dstui.domain.audit.evidence import FileFact, ImageEvidence, joined
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rule import Hit, Rule

_OF_THE_DISTRIBUTION = re.compile(
    r"su|mount|umount|passwd|chsh|chfn|chage|expiry|gpasswd|newgrp|newuidmap|newgidmap"
    r"|wall|write|bsd-write|unix_chkpwd|pam_timestamp_check|ssh-keysign|ssh-agent"
    r"|dbus-daemon-launch-helper|polkit-agent-helper-1|pkexec|sudo|sudoedit|fusermount3?|bwrap"
    r"|crontab|at|ping6?|arping|clockdiff|traceroute6\.iputils|mtr-packet|gst-ptp-helper"
    r"|utempter|[mp]?locate|chrome-sandbox|exim4|pppd|userhelper|usernetctl|ksu|staprun"
    r"|mail-(?:lock|unlock|touchlock)|dotlockfile|screen|vlock"
)
"""Names of programs that distributions ship setuid or setgid."""
_PROGRAMS = re.compile(r"(?:usr/(?:local/)?)?(?:s?bin|lib\w*|libexec)/.*")
_OPEN_ANYWAY = re.compile(r"(?:var/)?(?:tmp|lock|run/lock)(?:/.*)?|dev/.*|run/screen|var/crash")
_SSHD = re.compile(r"usr/(?:local/)?sbin/sshd")
_LEFT_OVER = re.compile(r"(?:^|/)(?:\.git|\.svn|\.vscode|\.idea|\.hg)$")
_BUILD_FILE = re.compile(r"^(?:\w+/)?(?:Dockerfile|docker-compose\.ya?ml|compose\.ya?ml)$")
_OTHERS_CODE = re.compile(r"(?:^|/)(?:site-packages|dist-packages|node_modules|pkgs|share|src)/")


def _unexpected_setuid(found: ImageEvidence) -> Iterator[Hit]:
    for file in found.files.visible():
        if _with_other_rights(file) and not _expected(file):
            bits = "setuid" if file.setuid else "setgid"
            yield Hit(f"/{file.path} is {bits} ({file.mode:o})", f"/{file.path}")


def _expected_setuid(found: ImageEvidence) -> Iterator[Hit]:
    paths = [
        f"/{file.path}"
        for file in found.files.visible()
        if _with_other_rights(file) and _expected(file)
    ]
    if paths:
        yield Hit(f"{len(paths)} programs of the distribution: {joined(paths)}")


def _capabilities(found: ImageEvidence) -> Iterator[Hit]:
    for file in found.files.visible():
        if file.capability:
            own = _OF_THE_DISTRIBUTION.fullmatch(file.name)
            yield Hit(
                f"/{file.path} carries file capabilities",
                f"/{file.path}",
                Severity.INFO if own else Severity.LOW,
            )


def _world_writable(found: ImageEvidence) -> Iterator[Hit]:
    paths = [
        f"/{file.path}"
        for file in found.files.visible()
        if file.kind == "directory"
        and file.mode & stat.S_IWOTH
        and not file.mode & stat.S_ISVTX
        and not _OPEN_ANYWAY.fullmatch(file.path)
    ]
    programs = [path for path in paths if _PROGRAMS.fullmatch(path[1:])]
    if paths:
        severity = Severity.MEDIUM if programs else Severity.LOW
        yield Hit(f"{len(paths):,} directories: {joined(programs or paths)}", severity=severity)


def _sshd(found: ImageEvidence) -> Iterator[Hit]:
    for file in found.files.visible():
        if _SSHD.fullmatch(file.path):
            yield Hit(f"/{file.path}", f"/{file.path}")
    if "22/tcp" in found.image.exposed_ports:
        yield Hit("EXPOSE 22/tcp", "22/tcp")


def _left_over(found: ImageEvidence) -> Iterator[Hit]:
    for file in found.files.visible():
        left = _LEFT_OVER.search(file.path) or (
            file.kind == "file" and _BUILD_FILE.search(file.path)
        )
        if left and not _OTHERS_CODE.search(file.path):
            yield Hit(f"/{file.path}", f"/{file.path}")


def _with_other_rights(file: FileFact) -> bool:
    return file.kind == "file" and (file.setuid or (file.setgid and bool(file.mode & 0o111)))


def _expected(file: FileFact) -> bool:
    return bool(_OF_THE_DISTRIBUTION.fullmatch(file.name)) and bool(_PROGRAMS.fullmatch(file.path))


def _accounts(found: ImageEvidence) -> Iterator[Hit]:
    """Accounts with an empty password: `name::` in /etc/shadow, where /etc/passwd says x."""
    shadow = found.contents.get("etc/shadow", b"").decode("utf-8", "replace")
    for line in shadow.splitlines():
        name, *rest = line.split(":")
        if rest and rest[0] == "":
            yield Hit(f"/etc/shadow: {name} has an empty password", name)


def _duplicate_ids(found: ImageEvidence) -> Iterator[Hit]:
    for path in ("etc/passwd", "etc/group"):
        names: dict[str, list[str]] = {}
        for line in found.contents.get(path, b"").decode("utf-8", "replace").splitlines():
            parts = line.split(":")
            if len(parts) > 2 and parts[2].isdecimal():
                names.setdefault(parts[2], []).append(parts[0])
        for number, same in names.items():
            if len(same) > 1:
                yield Hit(f"/{path}: {' and '.join(same)} are both {number}", number)


READ_ALWAYS = ("etc/passwd", "etc/group", "etc/shadow")
"""The files that these rules look into."""

RULES: tuple[Rule[ImageEvidence], ...] = (
    Rule(
        "setuid-unexpected",
        Severity.MEDIUM,
        "a program with its owner's rights",
        "any user of the container can run it as root, and a fault in it makes them root",
        "chmod a-s, or run with --security-opt no-new-privileges",
        _unexpected_setuid,
        ("CIS 4.8", "CIS-DI-0008"),
    ),
    Rule(
        "setuid-distribution",
        Severity.INFO,
        "the distribution's own setuid programs",
        "a service needs none of them",
        "run with --security-opt no-new-privileges, or chmod a-s them",
        _expected_setuid,
        ("CIS 4.8", "CIS-DI-0008"),
    ),
    Rule(
        "file-capability",
        Severity.LOW,
        "a program with capabilities of its own",
        "any user who runs it has them",
        "setcap -r, unless it is meant so",
        _capabilities,
        ("CIS 4.8",),
    ),
    Rule(
        "world-writable",
        Severity.LOW,
        "directories that anyone may change",
        "any process can put a file there, or take one away that another relies on",
        "chmod o-w, or chmod +t as on /tmp",
        _world_writable,
    ),
    Rule(
        "sshd",
        Severity.MEDIUM,
        "an SSH server",
        "it needs keys and passwords inside the image, and docker exec does the same without",
        "leave openssh-server out; use docker exec, or ssh to the host",
        _sshd,
        ("CIS 5.7",),
    ),
    Rule(
        "left-over",
        Severity.LOW,
        "files of development",
        "the history of a repository may hold what was deleted from it: secrets, private code",
        "name them in .dockerignore",
        _left_over,
        ("DKL-LI-0003",),
    ),
    Rule(
        "empty-password",
        Severity.HIGH,
        "an account without a password",
        "anyone who reaches a login becomes this user",
        "passwd --lock it in the Dockerfile",
        _accounts,
        ("DKL-LI-0001",),
    ),
    Rule(
        "duplicate-id",
        Severity.LOW,
        "two names for one number",
        "the two are the same user or group to the kernel, whatever their names say",
        "give each its own number",
        _duplicate_ids,
        ("DKL-LI-0002",),
    ),
)
