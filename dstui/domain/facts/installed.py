"""What the names of the files in an image tell: no file is opened."""

import re
from collections.abc import Iterable, Iterator

from dstui.domain.audit.evidence import FileFact, FileList
from dstui.domain.facts.fact import ImageFact

_PYTHON = re.compile(r"(?:^|/)bin/python(3\.\d+|2\.7)$")
_TOOLKIT = re.compile(r"(?:^|/)usr/local/cuda-(\d+\.\d+)(?:/|$)")
_NVCC = re.compile(r"(?:^|/)usr/local/cuda[^/]*/bin/nvcc$")
_CUDNN = re.compile(r"(?:^|/)libcudnn\.so\.(\d+\.[\d.]+)$")
_NCCL = re.compile(r"(?:^|/)libnccl\.so\.(\d+\.[\d.]+)$")
_ROCM = re.compile(r"^opt/rocm-(\d[\d.]*)(?:/|$)")
_SPARK = re.compile(r"(?:^|/)spark-core_[\d.]+-(\d[\w.]*)\.jar$")
_R = re.compile(r"(?:^|/)(?:usr/(?:local/)?bin|opt/R/[\d.]+/bin|bin)/R$")
_JULIA = re.compile(r"(?:^|/)bin/julia$")
_JUPYTER = re.compile(r"(?:^|/)bin/(start-notebook\.(?:sh|py)|jupyter-lab|jupyterhub-singleuser)$")
_TRITON_SERVER = re.compile(r"^opt/tritonserver/bin/tritonserver$")
_CODE_SERVER = re.compile(r"(?:^|/)(?:bin|usr/lib/code-server)/(code-server|rserver)$")
_SHELL = re.compile(r"^(?:(?:usr/(?:local/)?)?bin|busybox)/(bash|dash|ash|zsh|fish|ksh|sh)$")
_INIT = re.compile(r"(?:^|/)(?:s?bin/)(tini|dumb-init|catatonit)$")

_OF_INTEREST = {
    "torch": "torch",
    "pytorch": "torch",
    "tensorflow": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tf-nightly": "tensorflow",
    "tensorflow-rocm": "tensorflow",
    "jax": "jax",
    "jaxlib": "jaxlib",
    "jupyterlab": "jupyter",
    "notebook": "jupyter",
    "jupyterhub": "jupyter",
    "jupyter-server": "jupyter",
    "pyspark": "spark",
    "r-base": "r",
    "python": "python",
    "cudatoolkit": "cuda",
    "cuda-cudart": "cuda",
    "cudnn": "cudnn",
    "nccl": "nccl",
}
_SEVERAL = frozenset({"jupyter"})
"""Facts that several packages make up: their names belong to the value."""
_NVIDIA_WHEEL = re.compile(r"nvidia-(cuda-runtime|cudnn|nccl)(?:-cu\d+)?")
_NVIDIA_FACTS = {"cuda-runtime": "cuda", "cudnn": "cudnn", "nccl": "nccl"}
_JAX_PLUGIN = re.compile(r"jax-(?:cuda(\d+)|rocm(\d*))-plugin")
_LIBRARIES = re.compile(
    r"transformers|diffusers|accelerate|vllm|sglang|deepspeed|flash-attn|triton|bitsandbytes|xgboost"
    r"|lightgbm|scikit-learn|cupy(?:-cuda\d+x)?|cudf(?:-cu\d+)?|cuml(?:-cu\d+)?|ray|mlflow|wandb"
    r"|pandas|numpy|polars|dask|keras|onnxruntime(?:-gpu)?|lightning|pytorch-lightning|gradio"
    r"|streamlit"
)


def installed(files: FileList) -> Iterator[ImageFact]:
    """The facts that names tell."""
    visible = list(files.visible())
    yield from _programs(visible)
    yield from _shells(visible, files.complete)
    for package in files.packages:
        if package.version:
            yield from _of_package(package.name, package.version, f"/{package.path}")


def _of_package(name: str, version: str, where: str) -> Iterator[ImageFact]:
    if fact := _OF_INTEREST.get(name):
        yield ImageFact(fact, f"{name} {version}" if fact in _SEVERAL else version, where)
    elif wheel := _NVIDIA_WHEEL.fullmatch(name):
        yield ImageFact(_NVIDIA_FACTS[wheel[1]], version, where)
    elif plugin := _JAX_PLUGIN.fullmatch(name):
        build = f"CUDA {plugin[1]}" if plugin[1] else f"ROCm {plugin[2]}".strip()
        yield ImageFact("jax build", build, where)
    elif _LIBRARIES.fullmatch(name):
        yield ImageFact(name, version, where)


def _programs(visible: Iterable[FileFact]) -> Iterator[ImageFact]:
    told = set()
    for file in visible:
        path = file.path
        if not any(word in path for word in _WORDS_OF_PROGRAMS):
            continue
        for form, fact, words in _PROGRAMS:
            if found := form.search(path):
                value = words or found[1]
                if (fact, value) not in told:
                    told.add((fact, value))
                    yield ImageFact(fact, value, f"/{path}")


_PROGRAMS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (_PYTHON, "python", ""),
    (_TOOLKIT, "cuda", ""),
    (_NVCC, "cuda", "devel (nvcc)"),
    (_CUDNN, "cudnn", ""),
    (_NCCL, "nccl", ""),
    (_ROCM, "rocm", ""),
    (_SPARK, "spark", ""),
    (_R, "r", "installed"),
    (_JULIA, "julia", "installed"),
    (_JUPYTER, "jupyter", ""),
    (_TRITON_SERVER, "triton server", "installed"),
    (_CODE_SERVER, "ide", ""),
    (_INIT, "init", ""),
)
"""Forms of paths, the fact that they tell, and its value where the path does not have it."""
_WORDS_OF_PROGRAMS = (
    *("bin/", "usr/lib/code-server/", "libcudnn.so.", "libnccl.so."),
    *("local/cuda-", "opt/rocm-", "spark-core_"),
)
"""One of these is in each of their paths: the look at most files ends here."""


def _shells(visible: Iterable[FileFact], complete: bool) -> Iterator[ImageFact]:
    found: dict[str, str] = {}
    distroless, dpkg = "", False
    for file in visible:
        if shell := _SHELL.match(file.path):
            found.setdefault(shell[1], f"/{file.path}")
        elif file.path.startswith("var/lib/dpkg/status"):
            dpkg = dpkg or file.path == "var/lib/dpkg/status"
            distroless = distroless or (file.path if file.path.startswith(_STATUS_D) else "")
    if found:
        yield ImageFact("shell", ", ".join(sorted(found)), ", ".join(sorted(found.values())))
    elif complete:
        yield ImageFact("shell", "none", "no shell in /bin, /usr/bin, /usr/local/bin, /busybox")
    else:
        yield ImageFact("shell", "none found", "looked in /bin, /usr/bin, /busybox", hint=True)
    if distroless and not dpkg:
        yield ImageFact("distroless", "yes", f"/{distroless}")


_STATUS_D = "var/lib/dpkg/status.d"
