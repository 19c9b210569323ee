"""config.toml and the environment -> one validated, typed Config."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dstui.domain.owner import DEFAULT_LABELS
from dstui.ownfiles import read_file


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How logs are opened and how much of them is kept."""

    tail: int = 1000
    keep_lines: int = 50_000
    timestamps: bool = False
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting with its default; docs/config.md explains them."""

    theme: str = "dstui-dark"
    read_only: bool = False
    mouse: bool = True
    hide_stopped: bool = False
    sample_every_s: float = 1.0
    owner_labels: tuple[str, ...] = DEFAULT_LABELS
    stop_grace_s: int | None = None
    shells: tuple[str, ...] = ("bash", "zsh", "ash", "sh")
    debug_image: str = ""
    """The image of debug shells; empty asks for one, and remembers it engine by engine."""
    detach_keys: str = "ctrl-],ctrl-]"
    audit_allow: tuple[str, ...] = ()
    """Accepted findings: `rule` or `rule:pattern`."""
    gpu_idle_minutes: float = 10.0
    logs: LogSettings = field(default_factory=LogSettings)
    cleanup: Mapping[str, Any] = field(default_factory=dict)
    """What `[cleanup]` sets of `dstui.domain.staleness.thresholds.Thresholds`, by field."""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns of a section, by section name; a missing section has the default ones."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys by action id, in place of the default ones."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the config that was set aside; its default is in force instead."""

    line: int | None
    message: str
    source: str = ""
    """The file, or the environment variable."""

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        return f"{self.source}{line}: {self.message}" if self.source else self.message


KnownNames = Callable[[str], Collection[str] | None]
"""The names that may stand in a place of the file (`theme`, `keys`, `columns.images`), if known."""


def default_path(environ: Mapping[str, str] = os.environ) -> Path:
    """`$DSTUI_CONFIG`, else `config.toml` in the user's config directory."""
    if named := environ.get("DSTUI_CONFIG"):
        return Path(os.path.expanduser(named))  # noqa: PTH111 - raises nothing for ~nobody
    from platformdirs import user_config_path

    return user_config_path("dstui") / "config.toml"


def load(
    path: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    known: KnownNames = lambda place: None,
) -> tuple[Config, tuple[Problem, ...]]:
    """The config in force and what had to be set aside; never fails.

    A file that is not there is no problem unless `path` or `$DSTUI_CONFIG` names it. The
    environment (`DSTUI_THEME`, `DSTUI_READ_ONLY`) goes before the file.
    """
    named = path is not None or bool(environ.get("DSTUI_CONFIG"))
    path = path or default_path(environ)
    config = Config()
    problems: tuple[Problem, ...] = ()
    try:
        content = read_file(path)
    except FileNotFoundError:
        if named:
            problems = (Problem(None, "there is no such file", str(path)),)
    except OSError as error:
        problems = (Problem(None, f"cannot be read: {error.strerror}", str(path)),)
    else:
        from dstui.config.reading import read  # its TOML parser is needed only with a file

        config, problems = read(content, str(path), known)
    if any(environ.get(variable) for variable in ("DSTUI_THEME", "DSTUI_READ_ONLY")):
        from dstui.config.environment import override

        config, more = override(config, environ, known)
        problems = (*problems, *more)
    return config, problems
