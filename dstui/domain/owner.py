"""Whose container it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dstui.domain.container import Container

DEFAULT_LABELS = ("dstui.owner", "owner", "maintainer")
_HOME = re.compile(r"/(?:home|Users|data/home|scratch/home)/([^/]+)")


@dataclass(frozen=True, slots=True)
class Owner:
    """A name and what it was read from: a label, a mounted home, or the user it runs as."""

    name: str
    evidence: str


def owner_of(container: Container, labels: Iterable[str] = DEFAULT_LABELS) -> Owner | None:
    """The owner by the first of: a label of `labels`, a mounted home, the configured user.

    `None` when nothing tells, which includes a container whose user is not known yet.
    """
    for label in labels:
        if value := container.labels.get(label, "").strip():
            return Owner(value, f"label {label}")
    for mount in container.mounts:
        if home := _HOME.match(mount.source):
            return Owner(home[1], f"mounts {mount.source}")
    if container.user is None:
        return None
    name = container.user.split(":")[0] or "root"
    return Owner(name, "runs as this user")
