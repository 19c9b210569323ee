"""What rules and facts look at: all that was gathered of an image or a container."""

import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dstui.domain.container import Container
from dstui.domain.image import HistoryEntry, Image
from dstui.domain.instruction import Instruction, read_instruction
from dstui.domain.packages.package import Package
from dstui.domain.registry_answer import RegistryAnswer


class FileFact(NamedTuple):
    """One file, directory or link of an image or a container."""

    path: str
    """Without a leading slash."""
    size: int = 0
    mode: int = 0o644
    """Permission bits, with setuid, setgid and sticky."""
    kind: str = "file"
    """`file`, `directory`, `link` or `other`."""
    layer: int = 0
    """The layer that holds it, counted from the base, which is 0."""
    visible: bool = True
    """False for what a later layer deleted, replaced or hid: it is still in the image."""
    capability: bool = False
    """Whether it carries file capabilities."""
    content: int = 0
    """A checksum of its content, 0 where none is known."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def setuid(self) -> bool:
        """Whether it runs as its owner."""
        return bool(self.mode & stat.S_ISUID)

    @property
    def setgid(self) -> bool:
        """Whether it runs as its group."""
        return bool(self.mode & stat.S_ISGID)


@dataclass(frozen=True, slots=True)
class FileList:
    """The files that are known.

    A complete list is the index of every layer. One that is not holds only what was looked for
    by name: a file that it lacks may well exist, and nothing of lower layers is in it.
    """

    files: Sequence[FileFact] = ()
    complete: bool = False
    packages: Sequence[Package] = ()
    """The installed packages; known only with an index."""

    def visible(self) -> Iterator[FileFact]:
        """What a container of the image sees."""
        return (file for file in self.files if file.visible)


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """What an image's config holds beyond `Image`."""

    healthcheck: tuple[str, ...] = ()
    """`CMD` or `CMD-SHELL` and words; empty for none, also for one that is switched off."""
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageEvidence:
    """All that was gathered of an image."""

    image: Image
    settings: ImageSettings = field(default_factory=ImageSettings)
    history: tuple[HistoryEntry, ...] = ()
    """Newest first."""
    files: FileList = field(default_factory=FileList)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """The small files that were read, by path."""
    registry: RegistryAnswer | None = None
    """What the registries of its digests say; `None` where there is none to ask."""

    def steps(self) -> Iterator[tuple[int, Instruction]]:
        """The instructions of the history, numbered from the base, which is 1."""
        for number, entry in enumerate(reversed(self.history), 1):
            yield number, read_instruction(entry.created_by)


@dataclass(frozen=True, slots=True)
class PortBinding:
    """A port of the configuration that is published when the container runs."""

    container_port: str
    host_ip: str = ""
    host_port: str = ""

    @property
    def everywhere(self) -> bool:
        """Whether it listens on every address of the host."""
        return self.host_ip in ("", "0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class ContainerSettings:
    """How a container is set apart from its host: what an inspect tells beyond `Container`."""

    cap_add: tuple[str, ...] = ()
    """Without the prefix `CAP_`."""
    devices: tuple[str, ...] = ()
    """Paths on the host."""
    pid_mode: str = ""
    ipc_mode: str = ""
    uts_mode: str = ""
    userns_mode: str = ""
    init: bool = False
    log_driver: str = ""
    log_options: Mapping[str, str] = field(default_factory=dict)
    port_bindings: tuple[PortBinding, ...] = ()
    propagation: Mapping[str, str] = field(default_factory=dict)
    """Of the mounts that have one, by destination."""
    argv: tuple[str, ...] = ()
    """The program and its arguments."""
    cpu_shares: int | None = None


@dataclass(frozen=True, slots=True)
class ContainerEvidence:
    """All that was gathered of a container."""

    container: Container
    settings: ContainerSettings = field(default_factory=ContainerSettings)
    image: Image | None = None
    """The image that it was made from; `None` when that is gone."""
    tag_names: str | None = None
    """The id of the image that its reference names now; `None` when it names none."""
    files: FileList = field(default_factory=FileList)


def joined(paths: Iterable[str], most: int = 3) -> str:
    """The first few of them, and how many more there are."""
    every = list(paths)
    more = f" and {len(every) - most:,} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
