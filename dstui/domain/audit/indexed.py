"""The index of an image's layers, as the list of files that rules and facts look at."""

from collections.abc import Iterator

from dstui.domain.audit.evidence import FileFact, FileList
from dstui.domain.layers.entries import DIRECTORY, FILE, HARD_LINK, SYMLINK
from dstui.domain.layers.indexed import IndexedImage
from dstui.domain.layers.stacking import Change, Stack

_KINDS = {FILE: "file", HARD_LINK: "file", DIRECTORY: "directory", SYMLINK: "link"}


def file_list(image: IndexedImage) -> FileList:
    """Every entry of every layer, visible or not, and the packages among them."""
    return FileList(tuple(_files(image.stack)), complete=True, packages=image.packages)


def _files(stack: Stack) -> Iterator[FileFact]:
    entries = stack.entries
    for layer in range(len(stack.starts) - 1):
        for entry in range(stack.starts[layer], stack.starts[layer + 1]):
            if stack.changes[entry] != Change.MARK:
                yield FileFact(
                    entries.path(entry),
                    entries.sizes[entry],
                    entries.modes[entry],
                    _KINDS.get(entries.types[entry], "other"),
                    layer,
                    stack.ended_by[entry] < 0,
                    entry in entries.capabilities,
                    entries.contents[entry],
                )
