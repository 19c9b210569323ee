"""All that is known of an image, from its config, its files' names and a few small files."""

from collections.abc import Iterator

from dstui.domain.audit.evidence import FileList, ImageEvidence
from dstui.domain.facts.configured import configured
from dstui.domain.facts.contents import tells, told
from dstui.domain.facts.fact import ImageFact
from dstui.domain.facts.installed import installed
from dstui.domain.text import clean

_ORDER = (
    *("os", "alpine", "distroless", "platform", "shell", "init", "user", "python", "conda"),
    *("cuda", "driver", "gpu", "cudnn", "nccl", "rocm", "torch", "torch build", "tensorflow"),
    *("tensorflow build", "jax", "jaxlib", "jax build", "jupyter", "r", "julia", "spark"),
)

_PYTHONS = tuple(f"3.{minor}" for minor in range(8, 15))
_PREFIXES = ("usr/local", "usr", "opt/conda", "opt/venv")
_SHELL_PLACES = ("bin", "usr/bin", "usr/local/bin", "busybox")

PROBES: tuple[str, ...] = (
    "etc/os-release",
    "usr/lib/os-release",
    "etc/alpine-release",
    "usr/local/cuda/version.json",
    "usr/local/cuda/version.txt",
    "usr/local/cuda/bin/nvcc",
    "opt/rocm/.info/version",
    "usr/bin/R",
    "usr/local/bin/R",
    "usr/lib/R/library/base/DESCRIPTION",
    "usr/local/lib/R/library/base/DESCRIPTION",
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d",
    *(f"{place}/{shell}" for place in _SHELL_PLACES for shell in ("sh", "bash")),
    *(
        path
        for prefix in _PREFIXES
        for version in _PYTHONS
        for path in (
            f"{prefix}/bin/python{version}",
            f"{prefix}/lib/python{version}/site-packages/torch/version.py",
        )
    ),
)
"""Where to look when there is no index: one question for each of these paths."""


def worth_reading(files: FileList) -> list[str]:
    """The small files that tell something."""
    return [file.path for file in files.visible() if file.kind != "directory" and tells(file.path)]


def image_facts(evidence: ImageEvidence) -> tuple[ImageFact, ...]:
    """Every fact once, the most asked for first; proofs before hints that say something else."""
    unique: dict[tuple[str, str], ImageFact] = {}
    for fact in _all(evidence):
        unique.setdefault((fact.name, fact.value), fact)
    return tuple(
        sorted(unique.values(), key=lambda fact: (_place(fact.name), fact.name, fact.hint))
    )


def _all(evidence: ImageEvidence) -> Iterator[ImageFact]:
    for source in (
        told(evidence.contents),
        installed(evidence.files),
        configured(evidence.image),
    ):
        for fact in source:
            yield fact._replace(value=clean(fact.value), evidence=clean(fact.evidence))


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
