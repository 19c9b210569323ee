"""What the options before the command say, and the session that they open."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import click

from dstui.cli.exits import complain
from dstui.cli.names import known_without_theme
from dstui.config import Config, load
from dstui.domain.engine import EngineInfo
from dstui.session import Options, Session


@dataclass
class Invocation:
    """Shared by all commands of one call."""

    options: Options = field(default_factory=Options)
    config_path: Path | None = None

    @cached_property
    def config(self) -> Config:
        """The config in force; what is wrong with the file is said once, on standard error."""
        config, problems = load(self.config_path, known=known_without_theme)
        for problem in problems:
            complain(str(problem))
        return config

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that is not connected yet, closed at the end."""
        session = Session(self.config, self.options)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def connected(self) -> Iterator[tuple[Session, EngineInfo]]:
        """A session and the engine that answered; raises `EngineUnreachableError`."""
        with self.session() as session:
            yield session, session.open()


pass_invocation = click.make_pass_decorator(Invocation, ensure=True)


def colored() -> bool:
    """Whether standard output takes colours."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def write_lines(lines: Sequence[str]) -> None:
    """Lines to standard output, as UTF-8 whatever the locale, control bytes already gone."""
    text = "\n".join(lines)
    sys.stdout.flush()
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "replace") if lines else b"")
    sys.stdout.buffer.flush()
