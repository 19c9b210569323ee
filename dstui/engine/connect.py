"""Connects to the first engine that answers."""

from collections.abc import Iterable

from dstui.domain.engine import ConnectionFailure, Endpoint, EngineError, EngineUnreachableError
from dstui.engine.client import Engine
from dstui.engine.endpoints import candidates
from dstui.engine.greeting import greet
from dstui.engine.rest import Rest

__all__ = ["candidates", "connect"]


def connect(endpoints: Iterable[Endpoint]) -> Engine:
    """Try the endpoints in order. Raises `EngineUnreachableError` with a failure for each."""
    failures: list[ConnectionFailure] = []
    for endpoint in endpoints:
        rest = Rest(endpoint)
        try:
            return Engine(rest, greet(rest))
        except EngineError as error:
            from dstui.engine.failures import failure_of

            failures.append(failure_of(endpoint, error))
            rest.close()
    raise EngineUnreachableError(tuple(failures))
