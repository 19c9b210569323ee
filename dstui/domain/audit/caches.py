"""Rules about bytes that serve nobody: caches, a second CUDA, weights. They need an index."""

import re
from collections.abc import Iterator

from dstui.domain.audit.evidence import ImageEvidence, joined
from dstui.domain.audit.finding import Severity
from dstui.domain.audit.rule import Hit, Rule
from dstui.domain.quantity import decimal_bytes

_LEAST_BYTES = 1_000_000
_WEIGHTS_BYTES = 100_000_000

_CACHES: tuple[tuple[str, str, str], ...] = (
    ("pip", r"(?:^|/)\.cache/pip/", "pip install --no-cache-dir, or RUN --mount=type=cache"),
    ("uv", r"(?:^|/)\.cache/uv/", "uv --no-cache, or RUN --mount=type=cache"),
    ("poetry", r"(?:^|/)\.cache/pypoetry/", "poetry cache clear in the same RUN"),
    (
        "conda",
        r"(?:^|/)(?:opt/[^/]+|\.?conda|\.?mamba|\.?micromamba|miniconda3|anaconda3|miniforge3)"
        r"/pkgs/[^/]+\.(?:conda|tar\.bz2)$|(?:^|/)pkgs/cache/",
        "conda clean -afy in the same RUN",
    ),
    (
        "apt",
        r"^var/lib/apt/lists/(?!lock$|partial(?:/|$)|auxfiles(?:/|$))|^var/cache/apt/.*\.(?:deb|bin)$",
        "rm -rf /var/lib/apt/lists/* in the same RUN, or RUN --mount=type=cache",
    ),
    ("apk", r"^(?:var/cache/apk|etc/apk/cache)/", "apk add --no-cache"),
    ("dnf", r"^var/cache/(?:yum|dnf|libdnf5)/", "dnf clean all in the same RUN"),
    ("npm", r"(?:^|/)\.npm/|(?:^|/)\.cache/yarn/", "npm cache clean --force in the same RUN"),
    (
        "Hugging Face",
        r"(?:^|/)\.cache/huggingface/(?!token$)",
        "mount the cache from the host: -v ~/.cache/huggingface:/root/.cache/huggingface",
    ),
    ("torch", r"(?:^|/)\.cache/torch/", "mount the cache from the host"),
)
_WORDS_OF_CACHES = ("cache", "pkgs/", "apt/lists/", ".npm/")
"""One of these is in each of their paths: the look at most files ends here."""
_CACHE = re.compile("|".join(f"({form})" for _, form, _ in _CACHES))
_WEIGHTS = re.compile(r"\.(?:safetensors|gguf|ggml|pt|pth|ckpt|onnx|h5|bin|pkl)$", re.I)
_SYSTEM_CUDA = re.compile(r"(?:^|/)usr/local/cuda-[\d.]+/.*/libcudart\.so\.[\d.]+$")
_PIP_CUDA = re.compile(r"(?:site|dist)-packages/nvidia/.*/libcudart\.so\.\d+$")


def _caches(found: ImageEvidence) -> Iterator[Hit]:
    """In every layer: a cache that a later layer deletes is in the image all the same."""
    sizes: dict[tuple[int, bool], int] = {}
    for file in found.files.files:
        path = file.path
        if not file.size or not any(word in path for word in _WORDS_OF_CACHES):
            continue
        if cache := _CACHE.search(path):
            assert cache.lastindex is not None
            key = (cache.lastindex - 1, file.visible)
            sizes[key] = sizes.get(key, 0) + file.size
    for (number, visible), size in sorted(sizes.items()):
        name, _, fix = _CACHES[number]
        if size >= _LEAST_BYTES:
            where = "" if visible else " in lower layers, deleted too late"
            yield Hit(f"{decimal_bytes(size)} of {name} cache{where}", name, fix=fix)


def _two_cudas(found: ImageEvidence) -> Iterator[Hit]:
    runtimes = [file.path for file in found.files.visible() if "libcudart.so." in file.path]
    system = [path for path in runtimes if _SYSTEM_CUDA.search(path)]
    wheels = [path for path in runtimes if _PIP_CUDA.search(path)]
    if system and wheels:
        yield Hit(f"/{system[0]} and /{wheels[0]}")


def _weights(found: ImageEvidence) -> Iterator[Hit]:
    large = [
        file
        for file in found.files.visible()
        if file.size >= _WEIGHTS_BYTES and _WEIGHTS.search(file.path)
    ]
    if large:
        size = sum(file.size for file in large)
        paths = (f"/{file.path}" for file in sorted(large, key=lambda f: -f.size))
        yield Hit(f"{decimal_bytes(size)}: {joined(paths)}")


RULES: tuple[Rule[ImageEvidence], ...] = (
    Rule(
        "cache-left",
        Severity.LOW,
        "a package cache in the image",
        "nothing reads it again, and every pull carries it",
        "clean it in the RUN that filled it",
        _caches,
        ("DKL-DI-0005", "DKL-DI-0004", "DL3009", "DL3019", "DL3042"),
    ),
    Rule(
        "two-cudas",
        Severity.INFO,
        "CUDA twice",
        "the framework's wheels bring a CUDA of their own: the base's is not used by them",
        "start from a plain base image, or from CUDA's -base variant",
        _two_cudas,
    ),
    Rule(
        "weights-inside",
        Severity.INFO,
        "model weights in the image",
        "each new build and pull carries them again",
        "mount them from the host, or keep them in a volume",
        _weights,
    ),
)
