"""Random images for the tests: layers of entries, their archives, and what must be visible."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

TYPES = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
}


@dataclass(frozen=True)
class Entry:
    """One entry of a layer; a whiteout is a file of that name."""

    path: str
    kind: str = "file"
    content: bytes = b""
    mode: int = 0o644
    uid: int = 0
    link: str = ""


Layer = Sequence[Entry]

_names = st.sampled_from("abc")
_paths = st.lists(_names, min_size=1, max_size=3).map("/".join)
_contents = st.integers(0, 9).map(lambda size: b"0123456789"[:size])
_kinds = st.sampled_from(
    ["file", "file", "file", "directory", "symlink", "hardlink", "delete", "delete", "opaque"]
)


@st.composite
def layers(draw: st.DrawFn) -> list[Entry]:
    """A layer such as an engine makes: no path twice, parents named before what is in them."""
    kinds: dict[str, str] = {}
    marked: set[str] = set()
    entries: list[Entry] = []
    marks: list[Entry] = []
    wishes = draw(st.lists(st.tuples(_kinds, _paths), max_size=8))
    for kind, path in wishes:
        parents = _parents(path)
        if any(kinds.get(parent, "directory") != "directory" for parent in parents):
            continue
        if marked & {path, *parents} or (path in kinds and kind != "opaque"):
            continue
        if kind == "delete" and not any(known.startswith(path + "/") for known in kinds):
            marked.add(path)
            folder, _, name = path.rpartition("/")
            marks.append(Entry(f"{folder}/.wh.{name}".lstrip("/")))
        elif kind == "delete" or (kind == "opaque" and kinds.get(path) not in (None, "directory")):
            continue
        for folder in [*parents, *([path] if kind == "opaque" else [])]:
            if folder not in kinds:
                kinds[folder] = "directory"
                entries.append(Entry(folder, "directory", mode=draw(_modes)))
        if kind == "opaque":
            marks.append(Entry(f"{path}/.wh..wh..opq"))
        if kind in ("delete", "opaque"):
            continue
        targets = [entry.path for entry in entries if entry.kind == "file"]
        if kind == "hardlink" and not targets:
            continue
        kinds[path] = kind
        link = draw(st.sampled_from(targets)) if kind == "hardlink" else "x" * (kind == "symlink")
        content = draw(_contents) if kind == "file" else b""
        entries.append(Entry(path, kind, content, draw(_modes), draw(st.integers(0, 1)), link))
    for mark in marks:
        entries.insert(_place(draw, mark, entries), mark)
    return entries


_modes = st.sampled_from([0o644, 0o755])
images = st.lists(layers(), min_size=1, max_size=5)


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _place(draw: st.DrawFn, mark: Entry, entries: list[Entry]) -> int:
    """Anywhere after the directory that the mark stands in."""
    folder = mark.path.rpartition("/")[0]
    first = next((n + 1 for n, entry in enumerate(entries) if entry.path == folder), 0)
    return draw(st.integers(first, len(entries)))


def visible(stack: Sequence[Layer]) -> dict[str, tuple[str, int]]:
    """What an image shows, told by the plainest of rules: path -> kind and number of its content.

    A content's number is told by whoever wrote it, so that hard links show as one.
    """
    tree: dict[str, tuple[str, int]] = {}
    number = 0
    for layer in stack:
        for entry in layer:
            folder, _, name = entry.path.rpartition("/")
            if name == ".wh..wh..opq":
                _remove(tree, folder, itself=False)
            elif name.startswith(".wh."):
                _remove(tree, f"{folder}/{name[4:]}".lstrip("/"))
        for entry in layer:
            if entry.path.rpartition("/")[2].startswith(".wh."):
                continue
            number += 1
            for folder in _parents(entry.path):
                if tree.get(folder, ("directory", 0))[0] != "directory":
                    _remove(tree, folder)
                tree.setdefault(folder, ("directory", 0))
            if entry.kind == "directory":
                if tree.get(entry.path, ("", 0))[0] != "directory":
                    _remove(tree, entry.path)
                tree[entry.path] = ("directory", 0)
                continue
            shown = ("file", number) if entry.kind == "file" else (entry.kind, 0)
            if entry.kind == "hardlink":
                shown = tree[entry.link]
            _remove(tree, entry.path)
            tree[entry.path] = shown
    return tree


def visible_bytes(stack: Sequence[Layer]) -> int:
    """The bytes of all contents that a path leads to, each counted once."""
    sizes = {}
    number = 0
    for layer in stack:
        for entry in layer:
            if not entry.path.rpartition("/")[2].startswith(".wh."):
                number += 1
                sizes[number] = len(entry.content)
    reached = {content for kind, content in visible(stack).values() if kind == "file"}
    return sum(sizes[content] for content in reached)


def _remove(tree: dict[str, tuple[str, int]], path: str, itself: bool = True) -> None:
    for known in [known for known in tree if known.startswith(path + "/") or known == path]:
        if itself or known != path:
            del tree[known]


def layer_tar(layer: Iterable[Entry]) -> bytes:
    """A layer's archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in layer:
            info = tarfile.TarInfo(entry.path)
            info.type = TYPES[entry.kind]
            info.mode, info.uid, info.gid = entry.mode, entry.uid, entry.uid
            info.mtime, info.linkname, info.size = 1_700_000_000, entry.link, len(entry.content)
            tar.addfile(info, io.BytesIO(entry.content))
    return packed.getvalue()


def config(layer_tars: Sequence[bytes]) -> dict[str, object]:
    """An image's config for these layers."""
    diff_ids = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in layer_tars]
    steps = [{"created_by": f"RUN step {number}"} for number in range(len(layer_tars))]
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["none"]},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created_by": "ENV a=b", "empty_layer": True}, *steps],
    }


def docker_archive(layer_tars: Sequence[bytes], reference: str = "t:1") -> bytes:
    """The archive that `docker save` wrote before version 25."""
    files = {f"{number}/layer.tar": content for number, content in enumerate(layer_tars)}
    names = list(files)
    files["config.json"] = json.dumps(config(layer_tars)).encode()
    manifest = [{"Config": "config.json", "RepoTags": [reference], "Layers": names}]
    files["manifest.json"] = json.dumps(manifest).encode()
    return outer_tar(files)


def outer_tar(files: dict[str, bytes]) -> bytes:
    """An archive of plain files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()
