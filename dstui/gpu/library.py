"""Whether the NVIDIA driver's library is installed: found without loading it."""

import os
from pathlib import Path

NAME = "libnvidia-ml.so.1"
MISSING_REASON = "No NVIDIA driver here"
MISSING_FIX = "Install the NVIDIA driver if this machine has an NVIDIA GPU"

_LINKER_CACHE = Path("/etc/ld.so.cache")
_DEFAULT_DIRECTORIES = ("/lib", "/usr/lib", "/lib64", "/usr/lib64")


def installed() -> bool:
    """Whether the dynamic linker would find the library: its variable, its cache, its defaults."""
    named = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    directories = (*(name for name in named if name), *_DEFAULT_DIRECTORIES)
    return any(Path(name, NAME).exists() for name in directories) or _in_linker_cache()


def _in_linker_cache() -> bool:
    try:
        return f"{NAME}\0".encode() in _LINKER_CACHE.read_bytes()
    except OSError:
        return False
