"""What kinds of files take how much room, told by their names."""

import re
from collections import Counter
from typing import NamedTuple

from dstui.domain.layers.stacking import Stack

_SUFFIXES = {
    "Shared libraries": "so dll dylib pyd",
    "Static libraries and objects": "a o la lib fatbin cubin ptx bc",
    "Python": "py pyc pyi pyx pxd ipynb",
    "Archives": "gz zip xz bz2 zst tar tgz whl conda deb rpm jar 7z egg",
    "Model weights": "safetensors gguf ggml pt pth ckpt onnx h5 keras tflite pb engine plan nemo",
    "Data": "csv tsv parquet json jsonl npy npz feather arrow db sqlite sqlite3 pkl hdf5 dat bin",
    "Headers and sources": "h hpp hh cuh inl cu c cc cpp cxx f f90 rs go java ts tsx",
    "Web": "js mjs map css html htm wasm scss",
    "Documents": "md rst txt pdf info man 1 3 5 7 8",
    "Pictures and fonts": "png jpg jpeg gif svg ico ttf otf woff woff2 afm webp",
    "Configuration": "toml yaml yml ini cfg conf xml cmake pc in",
    "Locales": "mo po pot",
}
OTHER = "Other"

_KIND_OF = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_SHARED_LIBRARY = re.compile(r"\.so(\.\d+)+$")


class KindTotal(NamedTuple):
    """All visible files of a kind."""

    kind: str
    files: int
    bytes: int


def kind_of(name: str) -> str:
    """The kind of a file of this name."""
    suffix = name.rpartition(".")[2]
    if suffix.isdigit() and _SHARED_LIBRARY.search(name):
        return "Shared libraries"
    return _KIND_OF.get(suffix.lower(), OTHER) if suffix != name else OTHER


def kind_totals(stack: Stack) -> tuple[KindTotal, ...]:
    """The kinds of all visible files, the largest first; a content with many names once."""
    names, sizes = stack.entries.names, stack.entries.sizes
    files: Counter[str] = Counter()
    room: Counter[str] = Counter()
    for entry, content in stack.visible_files():
        kind = kind_of(names[entry])
        files[kind] += 1
        room[kind] += sizes[content]
    totals = (KindTotal(kind, count, room[kind]) for kind, count in files.items())
    return tuple(sorted(totals, key=lambda total: (-total.bytes, total.kind)))
