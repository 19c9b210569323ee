"""Facts of an engine for tests of cleanup, of which a test names only what matters to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dstui.domain.container import Container, State
from dstui.domain.engine import DiskUse
from dstui.domain.image import Image
from dstui.domain.staleness.facts import CleanupFacts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    """So many days before `NOW`."""
    return NOW - timedelta(days=days)


def container(name: str, state: State = State.EXITED, **known: Any) -> Container:
    """A container; one that ended did so 41 days ago."""
    usual: dict[str, Any] = {
        "image": "app:1",
        "image_id": "sha256:none",
        "created": ago(50),
        "started": None if state is State.CREATED else ago(50),
        "finished": ago(41) if state in (State.EXITED, State.DEAD) else None,
        "exit_code": 0 if state in (State.EXITED, State.DEAD) else None,
        "inspected": True,
    }
    return Container(id=f"{name}-id", name=name, state=state, **{**usual, **known})


def image(name: str, layers: Sequence[str] = (), size: int = 0, **known: Any) -> Image:
    """An image of 60 days; without `references` it has its name for one."""
    usual: dict[str, Any] = {
        "references": (f"{name}:1",),
        "digests": (),
        "created": ago(60),
        "size_bytes": size,
        "layers": tuple(layers),
    }
    return Image(id=f"sha256:{name}", **{**usual, **known})


def facts(
    containers: Iterable[Container] = (),
    images: Iterable[Image] = (),
    disk: Mapping[str, Any] | None = None,
    **known: Any,
) -> CleanupFacts:
    """All of it at `NOW`."""
    use = DiskUse(**{"time": NOW.timestamp(), "layers_bytes": None, **(disk or {})})
    return CleanupFacts("engine-id", "box", NOW, use, tuple(containers), tuple(images), **known)
