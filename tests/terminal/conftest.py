"""Programs in a real terminal, ended whatever happens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.terminal.pty_app import Terminal

TerminalFactory = Callable[..., Terminal]


@pytest.fixture
def terminal() -> Iterator[TerminalFactory]:
    """Starts programs, `terminal("dstui", "--demo", rows=24, columns=80)`."""
    started: list[Terminal] = []

    def start(*command: str, **options: Any) -> Terminal:
        started.append(Terminal(command, **options))
        return started[-1]

    yield start
    for program in started:
        program.close()
