"""What the layers of the simulated images hold: the files that each instruction would bring."""

import random
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dstui.demo.model import Image, Layer

_PYTHON = "usr/local/lib/python3.12/site-packages"
_CONDA = "opt/conda/lib/python3.12/site-packages"
_CONDA_PATH = "/opt/conda/bin"
_COMMON = 64
"""A library's files are about this many, and more with its size."""

Folder = tuple[str, float, int, str]
"""A directory, its part of the bytes, how many files it has, and their names' pattern."""

_SYSTEM: tuple[Folder, ...] = (
    ("usr/lib/x86_64-linux-gnu", 0.52, 320, "lib{}.so.6"),
    ("usr/bin", 0.18, 240, "tool{}"),
    ("usr/share/locale", 0.10, 160, "{}/LC_MESSAGES/coreutils.mo"),
    ("usr/share/doc", 0.08, 260, "package{}/copyright"),
    ("usr/lib/locale", 0.07, 6, "C.utf8-{}"),
    ("var/lib/dpkg/info", 0.05, 300, "package{}.list"),
)
_FOLDERS: tuple[tuple[str, tuple[Folder, ...]], ...] = (
    ("chown", ()),
    (
        "installCUDA|cuda-|installLIBS|installCUDNN",
        (
            ("usr/local/cuda/lib64", 0.80, 24, "libcu{}.so.13"),
            ("usr/local/cuda/include", 0.03, 420, "cu{}.h"),
            ("usr/local/cuda/bin", 0.07, 24, "cuda{}"),
            ("usr/local/cuda/targets/x86_64-linux/lib", 0.10, 18, "libcu{}_static.a"),
        ),
    ),
    (
        "apt-get|microdnf|apk add|mamba|setup\\.|install_R|wget|useradd|groupadd|addgroup",
        (
            ("usr/lib/x86_64-linux-gnu", 0.66, 90, "lib{}.so"),
            ("usr/bin", 0.14, 60, "program{}"),
            ("usr/share/doc", 0.06, 120, "package{}/changelog.gz"),
            ("var/lib/apt/lists", 0.08, 24, "deb.example_dists_{}_Packages"),
            ("var/cache/apt/archives", 0.06, 12, "package{}.deb"),
        ),
    ),
    (
        "COPY \\. /app",
        (
            ("app/checkpoints", 0.71, 3, "epoch{}.safetensors"),
            ("app/data", 0.26, 12, "shard-{}.parquet"),
            ("app/src", 0.02, 80, "module{}.py"),
            ("app/.git/objects/pack", 0.01, 2, "pack-{}.pack"),
        ),
    ),
    ("COPY|ADD file:\\w+ in /app", (("opt/files", 1.0, 8, "file{}.bin"),)),
)
_LIBRARY_MB = {
    "torch": 2600.0,
    "tensorflow": 2400.0,
    "transformer-engine": 900.0,
    "flash-attn": 700.0,
    "flashinfer-python": 800.0,
    "nvidia-cudnn-cu12": 900.0,
    "nvidia-cublas-cu12": 800.0,
    "nvidia-nccl-cu12": 300.0,
    "triton": 420.0,
    "scipy": 120.0,
    "pyarrow": 130.0,
    "opencv-python": 180.0,
    "pandas": 70.0,
}
_ORDINARY_MB = 40.0
_BROUGHT_ALONG = {"torch": ("nvidia-cudnn-cu12", "nvidia-cublas-cu12", "nvidia-nccl-cu12", "numpy")}
_REQUIRED = ("opencv-python", "scipy", "pandas", "timm", "albumentations", "matplotlib", "pillow")
_VERSIONS = {"torch": "2.9.0", "triton": "3.5.0", "numpy": "2.3.4", "pandas": "2.3.3"}
_IMPORTED = {
    "opencv-python": "cv2",
    "pillow": "PIL",
    "nvidia-cudnn-cu12": "nvidia/cudnn",
    "nvidia-cublas-cu12": "nvidia/cublas",
    "nvidia-nccl-cu12": "nvidia/nccl",
}
_WORD = re.compile(r"[A-Za-z][\w.-]*(?:\[[\w,-]+\])?(?:==[\w.]+)?")
_INSTALL = re.compile(r"pip install (.*)")


class LayerFile(NamedTuple):
    """A file of a layer. Its content is not simulated, only which other ones are the same."""

    path: str
    size: int
    content: int
    uid: int = 0


def layer_files(image: Image, number: int) -> list[LayerFile]:
    """The files of one of the image's layers, 0 is the base; their sizes add up to the layer's."""
    layers = [layer for layer in image.layers if layer.diff_id]
    layer = layers[number]
    if "chown" in layer.created_by and number:
        return [file._replace(uid=1000) for file in layer_files(image, number - 1)]
    site = _CONDA if any(_CONDA_PATH in setting for setting in image.env) else _PYTHON
    return _exactly(list(_files(layer, site, first=not number)), layer)


def _files(layer: Layer, site: str, first: bool) -> Iterator[LayerFile]:
    dice = random.Random(layer.diff_id)
    if installed := _INSTALL.search(layer.created_by):
        yield from _installed(installed[1], layer.size, site, dice)
        return
    folders: Sequence[Folder] = _SYSTEM if first else (("usr/local/share", 1.0, 6, "data{}"),)
    if not first:
        for words, found in _FOLDERS:
            if re.search(words, layer.created_by):
                folders = found
                break
    for folder in folders:
        yield from _folder(folder, layer.size, dice, layer.diff_id[7:10])


def _folder(folder: Folder, whole: int, dice: random.Random, mark: str = "") -> Iterator[LayerFile]:
    """`mark` keeps the names of one layer's files apart from those of another."""
    path, part, count, pattern = folder
    count = max(1, min(count, whole // 2000))
    weights = [dice.paretovariate(1.1) for _ in range(count)]
    scale = whole * part / sum(weights)
    for number, weight in enumerate(weights):
        name = f"{path}/{pattern.format(f'{mark}{number}')}"
        yield LayerFile(name, int(weight * scale), dice.getrandbits(63) | 1)


def _installed(words: str, whole: int, site: str, dice: random.Random) -> Iterator[LayerFile]:
    """Packages with their metadata and, unless pip was told not to, what it downloaded."""
    cached = 0.0 if "--no-cache" in words else 0.07
    packages = dict(_packages(words))
    scale = whole * (1 - cached) / sum(map(_weight, packages))
    for name, version in packages.items():
        module = _IMPORTED.get(name, name.replace("-", "_"))
        known_as = name.replace("-", "_")
        size = int(_weight(name) * scale)
        yield LayerFile(
            f"{site}/{known_as}-{version}.dist-info/METADATA", 2400, dice.getrandbits(63)
        )
        yield LayerFile(f"{site}/{known_as}-{version}.dist-info/RECORD", 9800, dice.getrandbits(63))
        yield from _folder(
            (f"{site}/{module}/lib", 0.8, 6, "lib" + module.rpartition("/")[2] + "{}.so"),
            size,
            dice,
        )
        count = _COMMON + min(900, size // 2_000_000)
        yield from _folder((f"{site}/{module}", 0.2, count, "part{}.py"), size, dice)
    if cached:
        downloads = ("root/.cache/pip/http-v2", cached, 30, "{}/body")
        yield from _folder(downloads, whole, dice, f"{dice.getrandbits(12):03x}")


def _packages(words: str) -> Iterator[tuple[str, str]]:
    arguments = words.removesuffix("# buildkit").replace("-r requirements.txt", "").split()
    names = [word for word in arguments if _WORD.fullmatch(word)]
    if "-r requirements.txt" in words:
        names += _REQUIRED
    for word in names:
        name, _, version = word.partition("==")
        name = name.partition("[")[0].replace("_", "-")
        yield name, version or _VERSIONS.get(name, "1.4.2")
        for other in _BROUGHT_ALONG.get(name, ()):
            yield other, _VERSIONS.get(other, "12.8.4.1")


def _weight(package: str) -> float:
    return _LIBRARY_MB.get(package, _ORDINARY_MB)


def _exactly(files: list[LayerFile], layer: Layer) -> list[LayerFile]:
    """The largest file takes what is left to the layer's size."""
    if not files or not layer.size:
        return []
    missing = layer.size - sum(file.size for file in files)
    largest = max(range(len(files)), key=lambda number: files[number].size)
    size = max(0, files[largest].size + missing)
    files[largest] = files[largest]._replace(size=size)
    return files
