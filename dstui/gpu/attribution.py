"""Which container a process belongs to, by the control groups it is in."""

import re

_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_MONITOR = re.compile(r"libpod-conmon-[0-9a-f]{64}(?:\.scope)?")
"""Podman's monitor bears the id of the container that it watches and is not in it."""


def container_ids(cgroups: str) -> tuple[str, ...]:
    """The container ids in the text of `/proc/PID/cgroup`, outermost first.

    Every engine, driver and cgroup version writes the 64 hex digits of the id somewhere into
    the path; with an engine inside a container there are several, and the outermost is the one
    that this machine's engine knows.
    """
    outermost: dict[str, int] = {}
    # A dozen controllers of version 1 have a line each, mostly with the same path.
    for path in dict.fromkeys(line.split(":", 2)[-1] for line in cgroups.splitlines()):
        for depth, found in enumerate(_ID.findall(_MONITOR.sub("", path))):
            outermost[found] = min(depth, outermost.get(found, depth))
    return tuple(sorted(outermost, key=outermost.__getitem__))
