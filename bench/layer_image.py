"""A large image like a data scientist's, made of generated files and loaded into an engine."""

import hashlib
import io
import json
import random
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docker

REFERENCE = "dstui-bench/layers:1"
MTIME = 1_700_000_000
_POOL = random.Random(7).randbytes(8 << 20)

Step = tuple[str, Callable[["_Layer"], None]]


class _Layer:
    """One layer's archive, written to a file."""

    def __init__(self, path: Path) -> None:
        self._tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._made: set[str] = set()

    def close(self) -> None:
        self._tar.close()

    def file(self, path: str, size: int, seed: int, uid: int = 0, mode: int = 0o644) -> None:
        self._directories(path.rpartition("/")[0])
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode, entry.uid, entry.gid, entry.mtime = size, mode, uid, uid, MTIME
        self._tar.addfile(entry, _Content(size, seed))

    def _directories(self, path: str) -> None:
        if path and path not in self._made:
            self._made.add(path)
            self._directories(path.rpartition("/")[0])
            entry = tarfile.TarInfo(path)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, MTIME
            self._tar.addfile(entry)

    def empty(self, path: str) -> None:
        self._directories(path.rpartition("/")[0])
        self._tar.addfile(tarfile.TarInfo(path))


class _Content(io.RawIOBase):
    """So many bytes that do not compress, another content for another seed."""

    def __init__(self, size: int, seed: int) -> None:
        self._left = size
        self._head = seed.to_bytes(8, "big")
        self._at = seed * 4099 % len(_POOL)

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data, self._head = self._head[:wanted], b""
        while len(data) < wanted:
            piece = _POOL[self._at : self._at + wanted - len(data)]
            data += piece
            self._at = (self._at + len(piece)) % len(_POOL)
        self._left -= wanted
        return data


def build(host: str, entries: int, total_bytes: int, scratch: Path | None = None) -> str:
    """Load the image into an engine; returns its reference."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        path = Path(folder)
        with docker.APIClient(base_url=host, version="auto", timeout=3600) as api:
            archive = path / "image.tar"
            _write(archive, path, _steps(entries, total_bytes))
            with archive.open("rb") as content:
                for line in api.load_image(content):
                    if "error" in line:
                        raise SystemExit(line["error"])
    return REFERENCE


def remove(host: str) -> None:
    """Take the image away again."""
    with docker.APIClient(base_url=host, version="auto", timeout=600) as api:
        api.remove_image(REFERENCE, force=True)


def _steps(entries: int, total_bytes: int) -> Iterator[Step]:
    """Half of the bytes are in a few big libraries, the others in many small files."""
    files = entries * 85 // 100
    site = "opt/conda/lib/python3.11/site-packages"
    small = total_bytes // 2 // files
    library = total_bytes // 4 // 10
    packages = files // 150

    def base(layer: _Layer) -> None:
        for number in range(files // 10):
            layer.file(f"usr/lib/part{number % 97}/file{number}", small, number)
        layer.file("etc/passwd", 100, 1)

    def wheels(layer: _Layer) -> None:
        for package in range(packages):
            name = f"package_{package}"
            layer.file(f"{site}/{name}-1.{package}.dist-info/METADATA", 2000, package)
            layer.file(f"{site}/{name}-1.{package}.dist-info/RECORD", 9000, package)
            for number in range(130):
                folder = f"{site}/{name}/sub{number // 20}"
                size = small // 2 + (number * 7919 % max(1, small))
                layer.file(f"{folder}/module{number}.py", size, package * 1000 + number)

    def libraries(layer: _Layer) -> None:
        layer.file(f"{site}/torch-2.5.1.dist-info/METADATA", 2000, 1)
        for number in range(10):
            layer.file(f"{site}/torch/lib/libtorch{number}.so", library, 10**6 + number)
        for number in range(300):
            layer.file(f"root/.cache/pip/http/{number:03}", small, 2 * 10**6 + number)

    def own(layer: _Layer) -> None:
        for package in range(0, packages, 5):
            for number in range(130):
                folder = f"{site}/package_{package}/sub{number // 20}"
                size = small // 2 + (number * 7919 % max(1, small))
                seed = package * 1000 + number
                layer.file(f"{folder}/module{number}.py", size, seed, uid=1000)

    def clean(layer: _Layer) -> None:
        layer.empty("root/.cache/.wh.pip")
        layer.empty("usr/lib/part0/.wh..wh..opq")
        layer.file("usr/lib/part0/new", 10, 5)

    yield "/bin/sh -c #(nop) ADD file:1 in / ", base
    yield "/bin/sh -c pip install -r requirements.txt", wheels
    yield "/bin/sh -c pip install torch", libraries
    yield "/bin/sh -c chown -R 1000:1000 /opt/conda", own
    yield "/bin/sh -c rm -rf /root/.cache", clean


def _write(archive: Path, folder: Path, steps: Iterator[Step]) -> None:
    history, diff_ids, names = [], [], []
    with tarfile.open(archive, "w") as tar:
        for number, (instruction, fill) in enumerate(steps):
            path = folder / "layer.tar"
            layer = _Layer(path)
            fill(layer)
            layer.close()
            with path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            tar.add(path, f"{number}/layer.tar")
            names.append(f"{number}/layer.tar")
            diff_ids.append(f"sha256:{digest}")
            history.append({"created": "2026-01-01T00:00:00Z", "created_by": instruction})
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["none"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
        }
        _add(tar, "config.json", config)
        manifest = [{"Config": "config.json", "RepoTags": [REFERENCE], "Layers": names}]
        _add(tar, "manifest.json", manifest)


def _add(tar: tarfile.TarFile, name: str, content: object) -> None:
    data = json.dumps(content).encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
