"""What an image's config tells, or hints at."""

import shlex
from collections.abc import Iterator

from dstui.domain.facts.fact import ImageFact
from dstui.domain.image import Image

_VARIABLES = {
    "PYTHON_VERSION": "python",
    "CUDA_VERSION": "cuda",
    "NV_CUDA_CUDART_VERSION": "cuda",
    "NV_CUDNN_VERSION": "cudnn",
    "CUDNN_VERSION": "cudnn",
    "NCCL_VERSION": "nccl",
    "PYTORCH_VERSION": "torch",
    "NVIDIA_PYTORCH_VERSION": "ngc",
    "NVIDIA_TENSORFLOW_VERSION": "ngc",
    "PYTORCH_BUILD_VERSION": "torch",
    "TENSORFLOW_VERSION": "tensorflow",
    "ROCM_VERSION": "rocm",
    "RAY_VERSION": "ray",
    "APACHE_SPARK_VERSION": "spark",
    "SPARK_VERSION": "spark",
    "SPARK_HOME": "spark",
    "R_VERSION": "r",
    "S6_VERSION": "init",
    "CONDA_DIR": "conda",
    "MAMBA_ROOT_PREFIX": "conda",
    "JUPYTER_PORT": "jupyter",
    "NB_USER": "jupyter",
    "NIM_MODEL_NAME": "nim",
    "NVIDIA_REQUIRE_CUDA": "driver",
    "NVIDIA_VISIBLE_DEVICES": "gpu",
    "NVIDIA_DRIVER_CAPABILITIES": "gpu",
}
_SAYS_MORE = {"NB_USER": "user ", "JUPYTER_PORT": "port ", "NVIDIA_DRIVER_CAPABILITIES": "driver "}
_LABELS = {
    "com.nvidia.cuda.version": "cuda",
    "com.nvidia.cudnn.version": "cudnn",
    "com.nvidia.pytorch.version": "ngc",
    "org.opencontainers.image.base.name": "base",
    "org.opencontainers.image.version": "version",
    "org.opencontainers.image.source": "source",
    "org.opencontainers.image.revision": "revision",
}
_LONGEST = 200


def configured(image: Image) -> Iterator[ImageFact]:
    """The facts of the config."""
    if image.architecture:
        yield ImageFact("platform", f"{image.os or 'linux'}/{image.architecture}", "config")
    if image.user is not None:
        yield ImageFact("user", image.user or "root", "config" if image.user else "no User is set")
    if image.entrypoint:
        yield ImageFact("entrypoint", shlex.join(image.entrypoint), "config")
    if image.command:
        yield ImageFact("command", shlex.join(image.command), "config")
    if image.exposed_ports:
        yield ImageFact("ports", ", ".join(image.exposed_ports), "config")
    for name, value in image.environment:
        if value and (fact := _VARIABLES.get(name)):
            said = f"{_SAYS_MORE.get(name, '')}{value}"[:_LONGEST]
            yield ImageFact(fact, said, f"ENV {name}", hint=True)
    for name, value in image.labels.items():
        if value and (fact := _LABELS.get(name)):
            yield ImageFact(fact, value[:_LONGEST], f"LABEL {name}", hint=True)
