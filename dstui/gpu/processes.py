"""Whose a process is and what it runs, read from `/proc`."""

import pwd
from dataclasses import dataclass
from pathlib import Path

from dstui.domain.text import clean
from dstui.gpu.attribution import container_ids

_LONGEST_COMMAND = 512


@dataclass(frozen=True, slots=True)
class Process:
    """What `/proc` tells of a process; `None` where it does not."""

    started: str
    """Clock ticks since boot: with the pid it names a process for good, as pids are reused."""
    user: str | None
    command: str | None
    container_id: str | None


class ProcessTable:
    """Remembers the processes it was asked about, for as long as it is asked about them."""

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
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
        command = self._text(pid, "cmdline").replace("\0", " ").strip()
        ids = container_ids(self._text(pid, "cgroup"))
        return Process(
            started=started,
            user=self._user(pid),
            command=clean(command or f"[{self._text(pid, 'comm').strip()}]", _LONGEST_COMMAND),
            container_id=ids[0] if ids else None,
        )

    def _user(self, pid: int) -> str | None:
        """The owner: from `status`, as the directory of a protected process is root's."""
        for line in self._text(pid, "status").splitlines():
            if line.startswith("Uid:"):
                uid = int(line.split()[1])
                try:
                    return clean(pwd.getpwuid(uid).pw_name)
                except KeyError:
                    return str(uid)
        return None

    def _text(self, pid: int, file: str) -> str:
        try:
            return (self._proc / str(pid) / file).read_text(errors="replace")
        except OSError:
            return ""
