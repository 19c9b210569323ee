"""What the kernel's log says of the errors (Xid) of NVIDIA's driver, and of who caused them."""

import os
import re
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dstui.domain.text import clean

KERNEL_LOG = Path("/dev/kmsg")

_XID = re.compile(r"NVRM: Xid \(PCI:([0-9a-fA-F:.]+)\): (\d+)")
_PROCESS = re.compile(r"\bpid='?(\d+)'?, name=(.*?)(?:, |$)")
_RECORD_BYTES = 16 * 1024
_MOST_RECORDS = 200_000
_REMEMBERED_S = 10.0
_LOGGED_WITHIN_S = 0.5
_LOOK_EVERY_S = 0.05


class LoggedXid(NamedTuple):
    """One error: on which PCI address, and by which process where the driver knew it.

    `pid` is 0 and `process` empty where it did not; a name is cut to 15 characters by the kernel.
    """

    address: str
    code: int
    pid: int = 0
    process: str = ""


def logged_xid(record: str) -> LoggedXid | None:
    """The error that a record of the log tells of, if it does.

    `NVRM: Xid (PCI:0000:3b:00): 31, pid=4711, name=python3, Ch 00000008, intr 00000000. …`; older
    drivers write `pid='<unknown>', name=<unknown>` where they do not know.
    """
    found = _XID.search(record)
    if found is None:
        return None
    by = _PROCESS.search(record, found.end())
    if by is None or not int(by[1]):
        return LoggedXid(found[1], int(found[2]))
    return LoggedXid(found[1], int(found[2]), int(by[1]), clean(by[2].strip()))


def same_card(address: str, other: str) -> bool:
    """Whether two forms of a PCI address mean one card: `0000:3b:00` and `00000000:3B:00.0`."""
    return _parts(address) == _parts(other)


def _parts(address: str) -> tuple[int, ...]:
    numbers = address.partition(".")[0].split(":")
    try:
        return tuple(int(number, 16) for number in numbers)
    except ValueError:
        return ()


class KernelLog:
    """The records of the log from its beginning, or only those that are still to come.

    Opening raises `OSError`, mostly because reading it is for root (`kernel.dmesg_restrict`).
    """

    def __init__(self, path: Path = KERNEL_LOG, only_new: bool = False) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if only_new:
            os.lseek(self._descriptor, 0, os.SEEK_END)

    def __enter__(self) -> "KernelLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Read no more."""
        os.close(self._descriptor)

    def xids(self) -> Iterator[LoggedXid]:
        """The errors that were logged since the last time; each read gives one record."""
        for _ in range(_MOST_RECORDS):
            try:
                records = os.read(self._descriptor, _RECORD_BYTES)
            except BlockingIOError:
                return
            except BrokenPipeError:  # overwritten meanwhile: go on with the next
                continue
            if not records:
                return
            lines = records.decode(errors="replace").splitlines()
            yield from filter(None, map(logged_xid, lines))


class Culprits:
    """Tells which process caused an error that the driver has just announced.

    `look` is to be called about once a second, so that a record's age is known.
    """

    def __init__(self, log: KernelLog) -> None:
        self._log = log
        self._recent: deque[tuple[float, LoggedXid]] = deque()

    def look(self) -> None:
        """Read what has come, and forget what is too old for an error of now."""
        now = time.monotonic()
        self._recent.extend((now, xid) for xid in self._log.xids())
        while self._recent and now - self._recent[0][0] > _REMEMBERED_S:
            self._recent.popleft()

    def of(self, address: str, code: int) -> LoggedXid | None:
        """The oldest record of this error that was not asked for; waits a moment for it."""
        until = time.monotonic() + _LOGGED_WITHIN_S
        while True:
            self.look()
            for entry in self._recent:
                if entry[1].code == code and same_card(entry[1].address, address):
                    self._recent.remove(entry)
                    return entry[1]
            if time.monotonic() > until:
                return None
            time.sleep(_LOOK_EVERY_S)
