"""config.toml and the environment -> one validated, typed Config."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dstui.domain.owner import DEFAULT_LABELS


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How logs are opened and how much of them is kept."""

    tail: int = 1000
    keep_lines: int = 50_000
    timestamps: bool = False
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting with its default; docs/config.md is written from these."""

    theme: str = "dstui-dark"
    read_only: bool = False
    mouse: bool = True
    hide_stopped: bool = False
    sample_every_s: float = 1.0
    owner_labels: tuple[str, ...] = DEFAULT_LABELS
    stop_grace_s: int | None = None
    shells: tuple[str, ...] = ("bash", "zsh", "ash", "sh")
    debug_image: str = ""
    """The image of debug containers; empty looks for a busybox-like one on the engine."""
    detach_keys: str = "ctrl-],ctrl-]"
    logs: LogSettings = field(default_factory=LogSettings)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns of a section, by section name; a missing section has the default ones."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys by action id, in place of the default ones."""
