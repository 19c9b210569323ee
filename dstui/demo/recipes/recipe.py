"""How a simulated image was built: a step is its instruction and its size in MB."""

from typing import NamedTuple

Step = tuple[str, float]


class Recipe(NamedTuple):
    """An image: what it is built from and on, its config, and who can open a shell in it."""

    key: str
    tags: tuple[str, ...]
    parent: str
    steps: tuple[Step, ...]
    days_old: float
    builder: str = "buildkit"
    """`buildkit`, `classic` (pulled) or `local` (classic, built here: its history has ids)."""
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    env: tuple[str, ...] = ()
    user: str = ""
    workdir: str = ""
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    shells: tuple[str, ...] = ("sh", "bash")
    source: str = ""
    listed: bool = True
    """Not so where only its layers are here, as parts of other images."""


PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CUDA_PATH = "PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:" + PATH.removeprefix("PATH=")
CONDA_PATH = "PATH=/opt/conda/bin:" + PATH.removeprefix("PATH=")
NVIDIA = ("NVIDIA_VISIBLE_DEVICES=all", "NVIDIA_DRIVER_CAPABILITIES=compute,utility")
