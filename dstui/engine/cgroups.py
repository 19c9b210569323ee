"""Counters of containers straight from this machine's kernel: cgroup files and `/proc/PID/net/dev`.

It costs the engine nothing, where a stats stream costs it a quarter of a percent of a core for
each container. Everything here is readable without root. Files are opened anew for each reading:
about 25 µs a container, which needs no descriptors and reads a restarted container right.
"""

import contextlib
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from dstui.domain.container import Container
from dstui.domain.usage import Counters
from dstui.engine.cgroup_files import LEGACY, UNIFIED, Cgroup, field_of, read_file

_CONTAINER_ID = re.compile(r"[0-9a-f]{64}")
_SANDBOX_INTERFACE = re.compile(r"eth\d+")
_EPOCH = time.time() - time.monotonic()


def clock() -> float:
    """Seconds since the epoch, unmoved by whoever sets the clock: that would bend the rates."""
    return _EPOCH + time.monotonic()


class CgroupReader:
    """Finds the cgroups of containers and reads their counters.

    `proc` and `root` are where the kernel shows its processes and its cgroups.
    """

    def __init__(self, proc: str = "/proc", root: str = "/sys/fs/cgroup") -> None:
        self._proc = proc
        self._root = root
        self._unified = Path(root, "cgroup.controllers").exists()
        self._host_memory = _host_memory(proc)
        self._found: dict[str, Cgroup] = {}

    def find(self, containers: Mapping[str, Container]) -> None:
        """Look for the cgroups of these containers: by their pid, else among all processes."""
        for identifier, container in containers.items():
            if container.pid:
                self._adopt(container.pid, {identifier})
        missing = containers.keys() - self._found.keys()
        for pid in self._pids() if missing else ():
            self._adopt(pid, missing)

    def found(self, identifier: str) -> bool:
        """Whether this container can be read here."""
        return identifier in self._found

    def forget_others(self, alive: Mapping[str, Container]) -> None:
        """Drop what is known of containers that are not in `alive`."""
        for identifier in self._found.keys() - alive.keys():
            del self._found[identifier]

    def read(self, identifier: str, containers: Mapping[str, Container]) -> Counters | None:
        """The counters now; `None` when its cgroup is gone: it has to be found again.

        `containers` by id tell whose network a container uses.
        """
        cgroup = self._found[identifier]
        network: tuple[int | None, int | None] = (None, None)
        try:
            if owns_network(containers[identifier], containers):
                network = network_bytes(read_file(f"{self._proc}/{cgroup.pid}/net/dev").decode())
            return cgroup.counters(clock(), self._host_memory, network)
        except OSError:
            del self._found[identifier]
            return None

    def _pids(self) -> list[int]:
        return sorted(int(name) for name in os.listdir(self._proc) if name.isdigit())  # noqa: PTH208 - a Path for each process costs milliseconds

    def _adopt(self, pid: int, wanted: set[str]) -> None:
        """Remember the cgroup of a process if it is a wanted container's and the first one seen."""
        try:
            membership = read_file(f"{self._proc}/{pid}/cgroup").decode(errors="replace")
        except OSError:
            return
        ids = (found for found in _CONTAINER_ID.findall(membership) if found in wanted)
        identifier = next(ids, None)  # a container inside a container comes second
        if identifier is None or identifier in self._found:
            return
        directories = dict(self._directories(membership, identifier))
        cgroup = Cgroup(UNIFIED if self._unified else LEGACY, directories, pid)
        with contextlib.suppress(OSError):  # named by the process, yet not in this machine's tree
            cgroup.counters(0, self._host_memory, (None, None))
            self._found[identifier] = cgroup

    def _directories(self, membership: str, identifier: str) -> Iterator[tuple[str, str]]:
        """Each controller's directory of the container, above any cgroups of its own making."""
        own = re.compile(rf"/(?:[^/]*/)*?(?!libpod-conmon-)[^/]*{identifier}[^/]*")
        for line in membership.splitlines():
            _, controllers, path = line.split(":", 2)
            if not (match := own.match(path)):
                continue
            if self._unified:
                yield controllers, self._root + match[0]
                continue
            for controller in controllers.split(","):
                yield controller, f"{self._root}/{controller}{match[0]}"


def owns_network(container: Container, containers: Mapping[str, Container]) -> bool:
    """Whether the network that it sees is a container's, not the host's.

    For the host's, as for a network of which nothing is known, `docker stats` has no counters.
    """
    for _ in range(len(containers) + 1):
        mode, _, shared = container.network_mode.partition(":")
        if mode != "container":
            return mode != "host"
        if shared not in containers:
            return False
        container = containers[shared]
    return False


def network_bytes(interfaces: str) -> tuple[int | None, int | None]:
    """Bytes received and sent, from the text of `/proc/PID/net/dev`.

    Counts what the engine put in (`eth0`…) and not bridges or tunnels made inside; where the
    engine named them otherwise, all but the loopback. `None` without any network.
    """
    rows = [line.partition(":") for line in interfaces.splitlines()[2:]]
    counted = {name.strip(): values.split() for name, _, values in rows if values}
    counted.pop("lo", None)
    sandbox = [name for name in counted if _SANDBOX_INTERFACE.fullmatch(name)] or list(counted)
    if not sandbox:
        return None, None
    received = sum(int(counted[name][0]) for name in sandbox)
    return received, sum(int(counted[name][8]) for name in sandbox)


def _host_memory(proc: str) -> int:
    kilobytes = field_of(read_file(f"{proc}/meminfo"), b"MemTotal:")
    return 1024 * (kilobytes or 0)
