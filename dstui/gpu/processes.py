"""Whose a process is and what it runs, read from `/proc`."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from dstui.domain.text import clean
from dstui.gpu.attribution import container_ids

_LONGEST_COMMAND = 512
_LONGEST_FILE = 65536
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """What `/proc` tells of a process; `None` where it does not."""

    started: str
    """Clock ticks since boot: with the pid it names a process for good, as pids are reused."""
    user: str | None
    command: str | None
    container_ids: tuple[str, ...]
    """Those in its control groups, outermost first."""
    since: float | None
    """When it was started, in seconds since the epoch."""
    name: str = ""
    """As the kernel calls it, at most 15 characters."""


class ProcessTable:
    """Remembers the processes it was asked about, for as long as it is asked about them."""

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = str(proc)
        self._booted = _boot_time(proc)
        self._users: dict[str, str] = {}
        self._known: dict[int, Process] = {}

    def look_up(self, pids: set[int]) -> dict[int, Process]:
        """The processes of these pids; one that has ended, or is hidden from us, is missing."""
        known = self._known
        self._known = {}
        for pid in pids:
            started = self._started(pid)
            if started is None:
                continue
            before = known.get(pid)
            same = before is not None and before.started == started
            self._known[pid] = before if before and same else self._read(pid, started)
        return self._known

    def _started(self, pid: int) -> str | None:
        stat = self._text(pid, "stat")
        # The name stands in parentheses and may hold any character, these too.
        fields = stat[stat.rfind(")") + 2 :].split()
        return fields[19] if len(fields) > 19 else None

    def _read(self, pid: int, started: str) -> Process:
        command = self._text(pid, "cmdline", 4 * _LONGEST_COMMAND).replace("\0", " ").strip()
        return Process(
            started=started,
            user=self._user(pid),
            command=clean(command or f"[{self._text(pid, 'comm').strip()}]", _LONGEST_COMMAND),
            container_ids=container_ids(self._text(pid, "cgroup")),
            name=clean(self._text(pid, "comm").strip()),
            since=None if self._booted is None else self._booted + int(started) / _TICKS,
        )

    def _user(self, pid: int) -> str | None:
        """The owner: from `status` where the directory is root's, as that of a protected one is."""
        try:
            owner = os.stat(f"{self._proc}/{pid}").st_uid  # noqa: PTH116 - half the time of a Path
        except OSError:
            return None
        if owner:
            return self._user_name(str(owner))
        _, found, rest = self._text(pid, "status").partition("\nUid:")
        return self._user_name(rest.split(maxsplit=1)[0]) if found else None

    def _user_name(self, uid: str) -> str:
        if uid not in self._users:
            try:
                self._users[uid] = clean(pwd.getpwuid(int(uid)).pw_name)
            except KeyError:
                self._users[uid] = uid
        return self._users[uid]

    def _text(self, pid: int, file: str, most: int = _LONGEST_FILE) -> str:
        """By file descriptor: half the time of `read_text`, and there may be hundreds to read."""
        try:
            descriptor = os.open(f"{self._proc}/{pid}/{file}", os.O_RDONLY)
        except OSError:
            return ""
        try:
            return os.read(descriptor, most).decode(errors="replace")
        except OSError:
            return ""
        finally:
            os.close(descriptor)


def _boot_time(proc: Path) -> float | None:
    try:
        _, found, rest = (proc / "stat").read_text().partition("\nbtime ")
    except OSError:
        return None
    return float(rest.split(maxsplit=1)[0]) if found else None
