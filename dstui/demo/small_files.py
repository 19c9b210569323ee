"""The small files of the simulated images: what tells which Python, CUDA or secret is in one."""

import json
from collections.abc import Iterator

from dstui.demo.model import Image

_SHELL_BYTES = 1_265_648
_EXECUTABLE, _PLAIN, _SECRET = 0o755, 0o644, 0o600

SmallFile = tuple[int, bytes | int]
"""Its mode, and its content or, of what nobody reads, its size."""

_PASSWD = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n"
_UBUNTU_24 = b'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nNAME="Ubuntu"\nID=ubuntu\nVERSION_ID="24.04"\n'
_UBUNTU_22 = b'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nNAME="Ubuntu"\nID=ubuntu\nVERSION_ID="22.04"\n'
_DEBIAN_12 = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'
_TOKEN = b"hf_" + 8 * b"Demo" + b"00"
_ALPINE = b'NAME="Alpine Linux"\nPRETTY_NAME="Alpine Linux v3.22"\nID=alpine\n'


def _torch(version: str, cuda: str) -> bytes:
    return f"__version__ = '{version}'\ndebug = False\ncuda: str = '{cuda}'\nhip = None\n".encode()


def _cuda(version: str) -> bytes:
    return json.dumps({"cuda": {"name": "CUDA SDK", "version": version}}).encode()


def _python(prefix: str, version: str) -> dict[str, SmallFile]:
    return {f"{prefix}/bin/python{version}": (_EXECUTABLE, 6_831_704)}


_PACKAGES = "python3.12/site-packages"
_OF_STEP: tuple[tuple[str, dict[str, SmallFile]], ...] = (
    ("image.version=24.04", {"etc/os-release": (_PLAIN, _UBUNTU_24)}),
    ("bookworm", {"etc/os-release": (_PLAIN, _DEBIAN_12)}),
    (
        "alpine-minirootfs",
        {"etc/os-release": (_PLAIN, _ALPINE), "etc/alpine-release": (_PLAIN, b"3.22.2\n")},
    ),
    ("cuda-libraries-12-8", {"usr/local/cuda/version.json": (_PLAIN, _cuda("12.8.1"))}),
    ("installCUDA.sh", {"usr/local/cuda/version.json": (_PLAIN, _cuda("13.0.2"))}),
    ("cuda-nvcc", {"usr/local/cuda/bin/nvcc": (_EXECUTABLE, 22_416_904)}),
    ("www.python.org/ftp/python/3.12", _python("usr/local", "3.12")),
    ("setup.python.sh python3.11", _python("usr", "3.11")),
    ("python3-pip git", _python("usr", "3.10")),
    ("install -y python3.12", _python("usr", "3.12")),
    ("mamba install --yes 'jupyterhub", _python("opt/conda", "3.12")),
    (
        "torch torchvision triton",
        {
            **_python("usr", "3.12"),
            f"usr/local/lib/{_PACKAGES}/torch/version.py": (_PLAIN, _torch("2.9.0a0", "13.0")),
        },
    ),
    (
        "torch torchvision torchaudio",
        {f"opt/conda/lib/{_PACKAGES}/torch/version.py": (_PLAIN, _torch("2.8.0+cu128", "12.8"))},
    ),
    (
        "uv pip install torch==2.8.0",
        {f"usr/lib/{_PACKAGES}/torch/version.py": (_PLAIN, _torch("2.8.0+cu128", "12.8"))},
    ),
    (
        "deepspeed accelerate",
        {
            "usr/lib/python3.10/site-packages/torch/version.py": (
                _PLAIN,
                _torch("2.8.0+cu128", "12.8"),
            ),
            "root/.cache/huggingface/token": (_SECRET, _TOKEN),
        },
    ),
    ("install_R_source.sh", {"usr/local/bin/R": (_EXECUTABLE, 9_072)}),
)
"""What a step whose instruction holds these words brings."""


def small_files(image: Image) -> dict[str, SmallFile]:
    """By path, without the leading slash; what no step of the image tells is not there."""
    found = dict(_always(image))
    for layer in image.layers:
        for words, files in _OF_STEP:
            if words in layer.created_by:
                found |= files
    if "etc/os-release" not in found and image.shells and "cuda" in str(image.env).lower():
        found["etc/os-release"] = (_PLAIN, _UBUNTU_22)
    return found


def _always(image: Image) -> Iterator[tuple[str, SmallFile]]:
    for shell in image.shells:
        yield f"bin/{shell}", (_EXECUTABLE, _SHELL_BYTES)
        yield f"usr/bin/{shell}", (_EXECUTABLE, _SHELL_BYTES)
    if image.shells:
        yield "etc/passwd", (_PLAIN, _PASSWD)
        yield "etc/group", (_PLAIN, b"root:x:0:\nnogroup:x:65534:\n")
        yield "etc/shadow", (_SECRET, b"root:*:20000:0:99999:7:::\n")
