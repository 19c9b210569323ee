"""The exit codes, and what is said on standard error before leaving with one of them."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from dstui.domain.engine import ConnectionFailure, EngineError, EngineUnreachableError
from dstui.domain.text import clean
from dstui.session import ReadOnlyError

_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

FAILED = 1
USAGE = 2
NO_ENGINE = 3
PARTLY = 4
REFUSED = 5

EPILOG = """\b
Exit codes:
  0  done
  1  it failed, or a check did
  2  the command line is wrong
  3  no engine answers
  4  done in part
  5  refused: read-only, or a plan for another engine"""


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the layers below raise into one clear line and the right exit code."""
    try:
        yield
    except EngineUnreachableError as error:
        for failure in error.failures:
            complain(failure_line(failure))
        if not error.failures:
            complain(str(error))
        raise click.exceptions.Exit(NO_ENGINE) from None
    except EngineError as error:
        complain(error.message)
        broken = error.status is None and isinstance(error.__cause__, OSError)
        raise click.exceptions.Exit(NO_ENGINE if broken else FAILED) from None
    except ReadOnlyError as error:
        complain(str(error))
        raise click.exceptions.Exit(REFUSED) from None


@contextmanager
def unwound_when_terminated() -> Iterator[None]:
    """Let signals leave the way an error does, so that nothing is left on the engine."""

    def leave(number: int, frame: object) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in _ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def failure_line(failure: ConnectionFailure) -> str:
    """What was tried, why it failed, what to do."""
    endpoint = failure.endpoint
    where = f"{endpoint.host} ({endpoint.source}): " if endpoint.host else ""
    return f"{where}{failure.reason.rstrip('.')}. {failure.fix}".strip()


def complain(message: str) -> None:
    """One line on standard error."""
    click.echo(f"dstui: {clean(message)}", err=True)
