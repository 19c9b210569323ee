"""What differs between two images: layers, packages, files, environment, labels, settings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from dstui.domain.image import Image
from dstui.domain.layers.entries import DIRECTORY
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.sharing import common_start
from dstui.domain.packages.package import Package


class Difference(StrEnum):
    """What the second image has that the first has not, the other way round, or otherwise."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class SettingChange(NamedTuple):
    """A variable, label or setting; `None` where an image has none."""

    name: str
    before: str | None
    after: str | None

    @property
    def difference(self) -> Difference:
        """What happened to it."""
        if self.before is None:
            return Difference.ADDED
        return Difference.REMOVED if self.after is None else Difference.CHANGED


class PackageChange(NamedTuple):
    """A package, known by its manager, its name and the environment it stands in."""

    difference: Difference
    manager: str
    name: str
    before: str | None
    """Its version in the first image."""
    after: str | None
    bytes: int | None
    """By how much it makes the second image larger (or, below zero, smaller)."""


class FileChange(NamedTuple):
    """A visible path."""

    difference: Difference
    path: str
    before_bytes: int
    after_bytes: int


@dataclass(frozen=True, slots=True)
class ImageComparison:
    """How the second image differs from the first; files and packages the largest change first."""

    shared_layers: int
    """How many layers they have in common, from the base on: these are stored once."""
    shared_bytes: int
    own_layers: tuple[int, int]
    """How many layers each has for itself."""
    size_change: int
    packages: tuple[PackageChange, ...]
    files: tuple[FileChange, ...]
    environment: tuple[SettingChange, ...]
    labels: tuple[SettingChange, ...]
    settings: tuple[SettingChange, ...]


def compare(
    first: Image, second: Image, first_index: IndexedImage, second_index: IndexedImage
) -> ImageComparison:
    """Compare two inspected and indexed images."""
    ours, theirs = first_index.index.diff_ids, second_index.index.diff_ids
    shared = common_start(ours, theirs)
    starts = first_index.index.starts
    return ImageComparison(
        shared_layers=shared,
        shared_bytes=sum(first_index.index.entries.sizes[: starts[shared]]),
        own_layers=(len(ours) - shared, len(theirs) - shared),
        size_change=second_index.total_bytes - first_index.total_bytes,
        packages=compare_packages(first_index.packages, second_index.packages),
        files=tuple(
            sorted(
                _files(first_index, second_index),
                key=lambda file: (-abs(file.after_bytes - file.before_bytes), file.path),
            )
        ),
        environment=compare_settings(dict(first.environment), dict(second.environment)),
        labels=compare_settings(first.labels, second.labels),
        settings=compare_settings(_settings(first), _settings(second)),
    )


def compare_settings(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[SettingChange, ...]:
    """Those that differ, by name."""
    return tuple(
        SettingChange(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def compare_packages(
    before: Sequence[Package], after: Sequence[Package]
) -> tuple[PackageChange, ...]:
    """Those that differ in version, the largest change first.

    One in another environment is another package; where an image has several versions in one
    environment, each is compared with the one in its place.
    """
    ours, theirs = _by_place(before), _by_place(after)
    changes = []
    for place in ours.keys() | theirs.keys():
        old, new = ours.get(place), theirs.get(place)
        if old is None or new is None or old.version != new.version:
            changes.append(_package_change(old, new))
    changes.sort(key=lambda change: (-abs(change.bytes or 0), change.manager, change.name))
    return tuple(changes)


def _by_place(packages: Sequence[Package]) -> dict[tuple[str, str, str, int], Package]:
    found: dict[tuple[str, str, str, int], Package] = {}
    for package in packages:
        folder = package.path.rpartition("/")[0]
        number = 0
        while (place := (package.manager, package.name, folder, number)) in found:
            number += 1
        found[place] = package
    return found


def _package_change(old: Package | None, new: Package | None) -> PackageChange:
    one = new or old
    assert one is not None
    known = [package.bytes for package in (old, new) if package is not None]
    grown = None
    if None not in known:
        grown = ((new.bytes or 0) if new else 0) - ((old.bytes or 0) if old else 0)
    if old is None:
        difference = Difference.ADDED
    else:
        difference = Difference.REMOVED if new is None else Difference.CHANGED
    return PackageChange(
        difference,
        one.manager,
        one.name,
        old.version if old else None,
        new.version if new else None,
        grown,
    )


def _files(first: IndexedImage, second: IndexedImage) -> Iterator[FileChange]:
    """Paths that only one has, and those whose contents differ (or whose types do)."""
    paths = set(first.index.directories.paths) | set(second.index.directories.paths)
    for folder in paths:
        ours, theirs = _held(first, folder), _held(second, folder)
        for name in ours.keys() | theirs.keys():
            old, new = _file(first, ours.get(name)), _file(second, theirs.get(name))
            if old is None and new is None:
                continue
            if old is not None and new is not None and _same(first, old, second, new):
                continue
            yield FileChange(
                _difference(old, new),
                f"{folder}/{name}" if folder else name,
                0 if old is None else first.stack.bytes(old),
                0 if new is None else second.stack.bytes(new),
            )


def _difference(old: int | None, new: int | None) -> Difference:
    if old is None:
        return Difference.ADDED
    return Difference.REMOVED if new is None else Difference.CHANGED


def _held(image: IndexedImage, folder: str) -> Mapping[str, int]:
    number = image.index.directories.find(folder)
    held = None if number is None else image.stack.visible[number]
    return held or {}


def _file(image: IndexedImage, entry: int | None) -> int | None:
    """The entry, unless it is a directory's."""
    if entry is None or entry < 0 or image.index.entries.types[entry] == DIRECTORY:
        return None
    return entry


def _same(first: IndexedImage, old: int, second: IndexedImage, new: int) -> bool:
    """Whether two files are alike: by checksum, or by time where the checksums are of two kinds."""
    ours, theirs = first.index.entries, second.index.entries
    one, other = first.stack.inodes.content(old), second.stack.inodes.content(new)
    if ours.types[one] != theirs.types[other] or ours.sizes[one] != theirs.sizes[other]:
        return False
    if ours.links.get(one) != theirs.links.get(other):
        return False
    if not ours.sizes[one]:
        return True
    if first.index.checksum == second.index.checksum and ours.contents[one]:
        return ours.contents[one] == theirs.contents[other]
    return ours.mtimes[one] == theirs.mtimes[other]


def _settings(image: Image) -> dict[str, str]:
    told = {
        "architecture": image.architecture,
        "os": image.os,
        "user": image.user,
        "working directory": image.working_dir,
        "entrypoint": _words(image.entrypoint),
        "command": _words(image.command),
        "exposed ports": " ".join(image.exposed_ports) or None,
    }
    return {name: value for name, value in told.items() if value}


def _words(words: Sequence[str] | None) -> str | None:
    return " ".join(words) if words else None
