"""The person's own files: read and written without waiting for anything, and kept from others.

What lies at the place of a file may be a FIFO, a device or a directory: each is an `OSError`.
"""

import errno
import os
import stat
from pathlib import Path

LARGEST = 1 << 20
"""Bytes of a file that a person wrote, or that remembers what one said."""


def read_file(path: Path, largest: int = LARGEST) -> bytes:
    """All of a regular file. Raises `OSError`, for one of more than `largest` bytes too."""
    _refuse_others(os.stat(path), path)  # noqa: PTH116 - looked at before it is opened
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        _refuse_others(os.fstat(descriptor), path)
        content = file.read(largest + 1)
    if len(content) > largest:
        size = f"{largest >> 20} MiB"
        raise OSError(errno.EFBIG, f"it is larger than {size}", str(path))
    return content


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file, in one piece; it is made if it is missing. Raises `OSError`."""
    make_folder(path.parent)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
    if path.exists():
        _refuse_others(path.stat(), path)
    descriptor = os.open(path, flags, 0o600)
    try:
        _refuse_others(os.fstat(descriptor), path)
        _keep_from_others(descriptor)
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes) -> None:
    """Put a file in place, whole or not at all. Raises `OSError`."""
    import tempfile  # nothing is written before the first picture

    make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            _keep_from_others(descriptor)
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, for their owner alone, whatever the
    umask. Raises `OSError`.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:  # another dstui was faster, or it is no folder
        if not folder.is_dir():
            raise
    else:
        folder.chmod(0o700)


def _keep_from_others(descriptor: int) -> None:
    """Whatever the umask is, and whoever made the file readable before."""
    found = os.fstat(descriptor)
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != 0o600:
        os.fchmod(descriptor, 0o600)


def _refuse_others(found: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory", str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
