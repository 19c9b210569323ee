"""What small files of an image tell."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from dstui.domain.facts.fact import ImageFact
from dstui.domain.foreign_json import read_json
from dstui.domain.text import clean

_ASSIGNED = re.compile(r"^(\w+)(?:\s*:\s*[^=\n]+)?\s*=\s*['\"]([^'\"\n]*)['\"]", re.M)
_TF_BUILD = re.compile(r"['\"](cuda_version|cudnn_version)['\"]\s*:\s*['\"]([^'\"]+)['\"]")
_R_VERSION = re.compile(r"^Version:\s*(\S+)", re.M)

_TORCH = r"(?:site|dist)-packages/torch/version\.py"
_TENSORFLOW = r"(?:site|dist)-packages/tensorflow/python/platform/build_info\.py"

Teller = Callable[[str], Iterable[tuple[str, str]]]
"""Names and values that a content tells."""


def _os_release(text: str) -> Iterator[tuple[str, str]]:
    settings = dict(re.findall(r"^(\w+)=[\"']?([^\"'\n]*)", text, re.M))
    if name := settings.get("PRETTY_NAME") or settings.get("NAME"):
        yield "os", name


def _alpine(text: str) -> Iterator[tuple[str, str]]:
    if text.strip():
        yield "alpine", text.strip()


def _cuda(text: str) -> Iterator[tuple[str, str]]:
    try:
        parts = read_json(text)
        yield "cuda", str(parts["cuda"]["version"])
    except (ValueError, KeyError, TypeError):
        if found := re.search(r"CUDA Version (\d[\d.]*)", text):
            yield "cuda", found[1]


def _rocm(text: str) -> Iterator[tuple[str, str]]:
    if text.strip():
        yield "rocm", text.strip()


def _torch(text: str) -> Iterator[tuple[str, str]]:
    values = dict(_ASSIGNED.findall(text))
    if version := values.get("__version__"):
        yield "torch", version
    if cuda := values.get("cuda"):
        yield "torch build", f"CUDA {cuda}"
    elif hip := values.get("hip"):
        yield "torch build", f"ROCm {hip}"
    elif "__version__" in values:
        yield "torch build", "CPU"


def _tensorflow(text: str) -> Iterator[tuple[str, str]]:
    built = dict(_TF_BUILD.findall(text))
    cuda, cudnn = built.get("cuda_version"), built.get("cudnn_version")
    if cuda:
        yield "tensorflow build", f"CUDA {cuda}" + (f", cuDNN {cudnn}" if cudnn else "")
    elif "is_cuda_build" in text:
        yield "tensorflow build", "CPU"


def _r(text: str) -> Iterator[tuple[str, str]]:
    if found := _R_VERSION.search(text):
        yield "r", found[1]


_TELLERS: tuple[tuple[re.Pattern[str], Teller], ...] = (
    (re.compile(r"(?:etc|usr/lib)/os-release"), _os_release),
    (re.compile(r"etc/alpine-release"), _alpine),
    (re.compile(r"usr/local/cuda(?:-[\d.]+)?/version\.(?:json|txt)"), _cuda),
    (re.compile(r"opt/rocm(?:-[\d.]+)?/\.info/version"), _rocm),
    (re.compile(rf"(?:.*/)?{_TORCH}"), _torch),
    (re.compile(rf"(?:.*/)?{_TENSORFLOW}"), _tensorflow),
    (re.compile(r"(?:.*/)?lib(?:64)?/R/library/base/DESCRIPTION"), _r),
)
_TELLS = re.compile("|".join(form.pattern for form, _ in _TELLERS))
_ENDINGS = (
    *("-release", "/version", "/version.py", "/version.json", "/version.txt"),
    *("/build_info.py", "/DESCRIPTION"),
)
"""One of these ends each of their paths: the look at most files ends here."""


def tells(path: str) -> bool:
    """Whether a file of this path is worth reading."""
    return path.endswith(_ENDINGS) and bool(_TELLS.fullmatch(path))


def told(contents: Mapping[str, bytes]) -> Iterator[ImageFact]:
    """The facts of the files that were read."""
    for path, content in sorted(contents.items()):
        for form, teller in _TELLERS:
            if form.fullmatch(path):
                text = content.decode("utf-8", "replace")
                for name, value in teller(text):
                    yield ImageFact(name, clean(value, 200), f"/{path}")
