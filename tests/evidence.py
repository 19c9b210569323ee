"""Evidence of images and containers that are what a test says, and unremarkable otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dstui.domain.audit.evidence import (
    ContainerEvidence,
    ContainerSettings,
    FileFact,
    FileList,
    ImageEvidence,
    ImageSettings,
)
from dstui.domain.container import Container, Limits, State
from dstui.domain.image import HistoryEntry, Image
from dstui.domain.packages.package import Package
from dstui.domain.registry_answer import RegistryAnswer

NOW = datetime(2026, 5, 1, tzinfo=UTC)
IMAGE_ID = "sha256:" + "a" * 64

PLAIN_IMAGE = Image(
    IMAGE_ID,
    ("lab/train:1.2",),
    ("lab/train@sha256:" + "b" * 64,),
    NOW,
    10_000_000,
    labels={"org.opencontainers.image.source": "https://git.example/lab/train"},
    architecture="amd64",
    os="linux",
    user="1000",
)
PLAIN_CONTAINER = Container(
    "c" * 64,
    "train",
    "lab/train:1.2",
    IMAGE_ID,
    State.RUNNING,
    NOW,
    network_mode="lab",
    inspected=True,
    user="1000",
    limits=Limits(2**34, 8.0, 4096, 2**34),
    privileged=False,
    restart_policy="no",
    security_options=("no-new-privileges",),
)
PLAIN_SETTINGS = ContainerSettings(
    ipc_mode="private",
    log_driver="local",
    argv=("python", "train.py"),
)


def image(
    *files: FileFact | str,
    history: Sequence[str] = (),
    settings: ImageSettings | None = None,
    contents: dict[str, str] | None = None,
    packages: Sequence[str] = (),
    registry: RegistryAnswer | None = None,
    **changed: Any,
) -> ImageEvidence:
    """An image with these files (a path is a file of 10 bytes), steps (oldest first) and
    packages (`name==version`).
    """
    installed = tuple(
        Package("pip", name, version, 10, f"site-packages/{name}")
        for name, _, version in (package.partition("==") for package in packages)
    )
    facts = tuple(FileFact(file, 10) if isinstance(file, str) else file for file in files)
    return ImageEvidence(
        replace(PLAIN_IMAGE, **changed),
        settings or ImageSettings(),
        tuple(HistoryEntry(None, NOW, step, 0) for step in reversed(history)),
        FileList(facts, complete=True, packages=installed),
        {path: text.encode() for path, text in (contents or {}).items()},
        registry,
    )


def container(
    settings: dict[str, Any] | None = None,
    files: Sequence[str] = (),
    made_from: Image | None = PLAIN_IMAGE,
    tag_names: str | None = IMAGE_ID,
    **changed: Any,
) -> ContainerEvidence:
    """A container with these settings and fields."""
    return ContainerEvidence(
        replace(PLAIN_CONTAINER, **changed),
        replace(PLAIN_SETTINGS, **(settings or {})),
        made_from,
        tag_names,
        FileList(tuple(FileFact(path, 10) for path in files)),
    )


def limits(**changed: Any) -> Limits:
    """The limits of the plain container, changed."""
    assert PLAIN_CONTAINER.limits is not None
    return replace(PLAIN_CONTAINER.limits, **changed)
