"""Starts the UI."""

import sys
from dataclasses import replace
from pathlib import Path

from dstui.config import Config, load
from dstui.session import DEMO_CONTAINERS, Options


def launch(
    options: Options,
    config_path: Path | None = None,
    mouse: bool = True,
    demo_if_unreachable: bool = False,
) -> int:
    """Run the UI and return the exit code."""
    if missing := _not_a_terminal():
        print(f"dstui: {missing} is not a terminal; for scripts: dstui ps --json", file=sys.stderr)
        return 2
    from dstui.cli.names import known_names

    config, problems = load(config_path, known=known_names)
    if not mouse:
        config = replace(config, mouse=False)
    if demo_if_unreachable and options.demo is None:
        options = _reachable_or_demo(config, options)
    from dstui.ui.start import run

    return run(config, options, problems)


def _not_a_terminal() -> str:
    """The first standard stream that is redirected: the UI draws on what it would write to."""
    streams = {
        "standard input": sys.stdin,
        "standard output": sys.stdout,
        "standard error": sys.stderr,
    }
    return next((name for name, s in streams.items() if s is None or not s.isatty()), "")


def _reachable_or_demo(config: Config, options: Options) -> Options:
    from dstui.domain.engine import EngineUnreachableError
    from dstui.session import Session

    probe = Session(config, options)
    try:
        probe.open()
    except EngineUnreachableError as error:
        return replace(options, demo=DEMO_CONTAINERS, demo_reason=str(error))
    finally:
        probe.close()
    return options
