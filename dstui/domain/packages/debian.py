"""Debian packages: names from the index; versions and sizes need the text of dpkg's own files."""

from collections.abc import Iterable, Iterator, Mapping

from dstui.domain.layers.stacking import Stack
from dstui.domain.packages.package import Package

STATUS = "var/lib/dpkg/status"
"""The file whose text `with_status` wants."""

_INFO = "var/lib/dpkg/info"
_LIST = ".list"
_DISTROLESS = "var/lib/dpkg/status.d"
_CHECKSUMS = ".md5sums"


def packages(stack: Stack) -> list[Package]:
    """The packages by name: the version is in no file's name."""
    names = {name: f"{_INFO}/{name}{_LIST}" for name in _names(stack, _INFO, _LIST)}
    for name in _names(stack, _DISTROLESS, ""):
        if not name.endswith(_CHECKSUMS):
            names.setdefault(name, f"{_DISTROLESS}/{name}")
    return [
        Package("dpkg", name.partition(":")[0], None, None, path) for name, path in names.items()
    ]


def _names(stack: Stack, folder: str, ending: str) -> Iterator[str]:
    number = stack.entries.directories.find(folder)
    held = None if number is None else stack.visible[number]
    for name in held or ():
        if name.endswith(ending):
            yield name.removesuffix(ending)


def with_status(found: Iterable[Package], status: str) -> tuple[Package, ...]:
    """The packages with their versions, and sizes as dpkg installed them.

    `status` is the text of `STATUS`; what it does not tell stays as it was.
    """
    told = {fields.get("Package", ""): fields for fields in _stanzas(status)}
    return tuple(
        _told(package, told[package.name])
        if package.manager == "dpkg" and package.name in told
        else package
        for package in found
    )


def _told(package: Package, fields: Mapping[str, str]) -> Package:
    kibibytes = fields.get("Installed-Size", "")
    return package._replace(
        version=fields.get("Version") or package.version,
        bytes=int(kibibytes) * 1024 if kibibytes.isdigit() else package.bytes,
    )


def _stanzas(status: str) -> Iterator[dict[str, str]]:
    for stanza in status.split("\n\n"):
        lines = (line.partition(":") for line in stanza.splitlines() if line[:1].strip())
        yield {key: value.strip() for key, _, value in lines}


def visible_bytes(stack: Stack, file_list: str) -> int:
    """The room that the files of a package's `.list` take, as far as they are visible."""
    directories = stack.entries.directories
    total = 0
    for line in file_list.splitlines():
        folder, _, name = line.strip("/").rpartition("/")
        number = directories.find(folder)
        held = None if number is None else stack.visible[number]
        entry = held.get(name, -1) if held else -1
        if entry >= 0:
            total += stack.bytes(entry)
    return total
